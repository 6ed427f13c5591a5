// Starts what the visitor's consent allows; reloads a page from the history if consent has changed.

const { cstGranted, cstDenied, cstState } = document.querySelector("script[data-cst-granted]").dataset;
const words = (text) => text.split(" ").filter(Boolean);

// Where Trusted Types are enforced, the site allows the policy "consent".
let trust = { createScript: (text) => text, createScriptURL: (url) => url };
try {
  trust = trustedTypes.createPolicy("consent", trust);
} catch {}

// A script parsed as text/plain never runs, whatever becomes of its type: a new one takes its place.
function start(held) {
  const script = document.createElement("script");
  const { cstType = "", type = cstType } = held.dataset;
  for (const { name, value } of held.attributes) {
    if (name == "src") script.src = trust.createScriptURL(value);
    else if (name != "type") script.setAttribute(name, value);
  }
  script.type = type;
  script.nonce = held.nonce; // its attribute is hidden
  script.async = held.hasAttribute("async");
  script.text = trust.createScript(held.text);
  const awaited = !script.async && (script.src || type == "module");
  return new Promise((done) => {
    for (const event of ["load", "error"]) script.addEventListener(event, done);
    held.replaceWith(script);
    if (!awaited) done();
  });
}

async function activate() {
  const granted = words(cstGranted);
  for (const held of document.querySelectorAll('script[type="text/plain"][data-consent]')) {
    const needs = words(held.dataset.consent);
    if (needs.length && needs.every((name) => granted.includes(name))) await start(held);
  }
}

// One click shows what a placeholder stands for, this once; nothing is remembered.
addEventListener("click", ({ target }) => {
  const place = target.closest?.("[data-cst-once]")?.closest(".cst-embed");
  const held = place?.nextElementSibling;
  if (held?.matches("template[data-cst-embed]")) place.replaceWith(held.content.cloneNode(true));
});

addEventListener("pageshow", async ({ persisted }) => {
  if (!persisted) return;
  const { granted, denied } = await (await fetch(cstState, { cache: "no-store" })).json();
  if (granted.join(" ") != cstGranted || denied.join(" ") != cstDenied) location.reload();
});

if (document.readyState == "loading") addEventListener("DOMContentLoaded", activate);
else activate();
