// Starts what the visitor's consent allows; reloads a page from the history if consent has changed.

const { cstGranted, cstDenied, cstState, cstTrustedTypes } = document.querySelector("script[data-cst-granted]").dataset;
const words = (text) => text.split(" ").filter(Boolean);

// Where Trusted Types are enforced, scripts are made under the policy "consent". A site that allows no such
// policy says so in our tag: to try would be a violation.
let trust = { createScript: (text) => text, createScriptURL: (url) => url };
try {
  if (window.trustedTypes) trust = cstTrustedTypes ? null : trustedTypes.createPolicy("consent", trust);
} catch {
  trust = null;
}

// A script parsed as text/plain does not run when its type changes: a new one takes its place.
function copyOf(held) {
  const script = document.createElement("script");
  for (const { name, value } of held.attributes) {
    if (name == "src") script.src = trust.createScriptURL(value);
    else if (name != "type") script.setAttribute(name, value);
  }
  script.nonce = held.nonce; // its attribute is hidden
  script.text = trust.createScript(held.text);
  return script;
}

// Without a policy the same element is put in anew, which starts it and makes nothing that needs trust.
function start(held) {
  const { type = "" } = held.dataset;
  const script = trust ? copyOf(held) : held;
  const place = document.createComment("");
  held.replaceWith(place);
  script.type = type;
  script.async = held.hasAttribute("async");
  const awaited = !script.async && (script.src || type == "module");
  return new Promise((done) => {
    for (const event of ["load", "error"]) script.addEventListener(event, done);
    place.replaceWith(script);
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
  if (!cstState) return location.reload(); // the site's policy lets us ask nobody
  const { granted, denied } = await (await fetch(cstState, { cache: "no-store" })).json();
  if (granted.join(" ") != cstGranted || denied.join(" ") != cstDenied) location.reload();
});

if (document.readyState == "loading") addEventListener("DOMContentLoaded", activate);
else activate();
