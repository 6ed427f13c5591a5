// Starts what the visitor's consent allows; reloads a page from the history if consent has changed.

const { cstGranted, cstDenied, cstState, cstTrust } = document.querySelector("script[data-cst-granted]").dataset;
const words = (text) => text.split(" ").filter(Boolean);

// Where Trusted Types are enforced, the site allows the policy "consent"; our tag says if not.
const rules = { createScript: (text) => text, createScriptURL: (url) => url };
let trust = !window.trustedTypes && rules;
try {
  trust ||= !cstTrust && trustedTypes.createPolicy("consent", rules);
} catch {}

// A changed type starts nothing: a new script takes its place, or itself where we make none.
function start(held) {
  const script = trust ? document.createElement("script") : held;
  script.type = held.dataset.type ?? "";
  for (const { name, value } of trust ? held.attributes : []) {
    if (name == "src") script.src = trust.createScriptURL(value);
    else if (name != "type") script.setAttribute(name, value);
  }
  script.nonce = held.nonce; // its attribute is hidden
  if (trust) script.text = trust.createScript(held.text);
  script.async = held.hasAttribute("async");
  const awaited = script.src && !script.async; // what stands in the page tells no end
  return new Promise((done) => {
    for (const event of ["load", "error"]) script.addEventListener(event, done);
    const { parentNode: parent, nextSibling: next } = held;
    held.remove();
    parent.insertBefore(script, next);
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

addEventListener("pageshow", async ({ persisted }) => {
  if (!persisted) return;
  if (!cstState) return location.reload();
  const { granted, denied } = await (await fetch(cstState, { cache: "no-store" })).json();
  if (granted.join(" ") != cstGranted || denied.join(" ") != cstDenied) location.reload();
});

if (document.readyState == "loading") addEventListener("DOMContentLoaded", activate);
else activate();
