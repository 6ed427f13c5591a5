// Turbo drives links and frames; the frame whose content the server decides by consent follows the answer, and pages
// that Turbo has kept from before it are forgotten.
import { cache } from "/turbo.js";

document.addEventListener("consent:change", () => {
  cache.clear();
  document.querySelector("#tip")?.reload();
});
