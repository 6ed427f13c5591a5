// Turbo drives links and frames; the frame whose content the server decides by consent follows the answer.
import "/turbo.js";

document.addEventListener("consent:change", () => document.querySelector("#tip")?.reload());
