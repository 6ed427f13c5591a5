// Shows the view that the address names, in place, and the one that is open again when consent changes.
import { count } from "./counter.js";
import { privacy } from "./privacy.js";
import { tides } from "./tides.js";

const views = { "/": tides, "/privacy": privacy };
const place = document.getElementById("view");

async function show() {
  const view = views[location.pathname] ?? tides;
  place.replaceChildren(...(await view()));
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("nav a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState({}, "", link.href);
  count();
  show();
});
addEventListener("popstate", show);
document.addEventListener("consent:change", show);

show();
