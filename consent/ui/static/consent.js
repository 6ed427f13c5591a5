// Starts what the visitor's consent allows; reloads a page from the history if consent has changed.

// Markup that somebody smuggled into the page must not pass for our tag: where the site uses nonces ours has
// one, and tags that contradict each other count for nothing.
const tags = [...document.querySelectorAll("script[type=module][data-cst-granted]")].filter(({ src, dataset }) =>
  [src, dataset.cstMain && new URL(dataset.cstMain, src).href].includes(import.meta.url));
const ours = tags.filter(({ nonce }) => nonce || !tags.some((tag) => tag.nonce));
const told = new Set(ours.map(({ dataset }) => JSON.stringify({ ...dataset })));
const { cstGranted, cstDenied, cstState, cstTrust, cstKeys } = told.size == 1 ? ours[0].dataset : { cstGranted: "", cstDenied: "" };
const nonce = ours[0]?.nonce;
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
  const { cstType = "", type = cstType } = held.dataset;
  script.type = type;
  for (const { name, value } of trust ? held.attributes : []) {
    if (name == "src") script.src = trust.createScriptURL(value);
    else if (name != "type") script.setAttribute(name, value);
  }
  script.nonce = held.nonce; // its attribute is hidden
  if (trust) script.text = trust.createScript(held.text);
  script.async = held.hasAttribute("async");
  // What stands in the page tells no end, and neither does what browsers do not run.
  const runs = !script.noModule && /^(|module|(text|application)\/(java|ecma)script)$/.test(script.type);
  const awaited = script.src && !script.async && runs;
  return new Promise((done) => {
    for (const event of ["load", "error"]) script.addEventListener(event, done);
    const { parentNode: parent, nextSibling: next } = held;
    held.remove();
    parent.insertBefore(script, next);
    if (!awaited) done();
  });
}

async function activate() {
  tidy();
  const granted = words(cstGranted);
  for (const held of document.querySelectorAll('script[type="text/plain"][data-consent]')) {
    const needs = words(held.dataset.consent);
    const trusted = !nonce || held.nonce == nonce; // else markup alone would be enough to run a script
    if (trusted && needs.length && needs.every((name) => granted.includes(name))) await start(held);
  }
}

// What scripts have left without consent is deleted by a script: the server sees neither storage nor paths.
async function sweep() {
  const names = {
    cookie: document.cookie.split("; ").map((pair) => pair.split("=")[0]).filter(Boolean),
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    indexeddb: ((await indexedDB.databases?.()) ?? []).map(({ name }) => name),
    cache: window.caches ? await caches.keys() : [],
  };
  if (!Object.values(names).some(({ length }) => length)) return;
  const declared = await (await fetch(cstKeys)).json();
  const granted = words(cstGranted);
  for (const [kind, table] of Object.entries(declared))
    for (const name of names[kind]) {
      const [needs] = Object.entries(table)
        .filter(([key]) => key == name || (key.endsWith("*") && name.startsWith(key.slice(0, -1))))
        .sort(([one], [other]) => (other == name) - (one == name) || other.length - one.length)
        .map(([, services]) => services);
      if (needs && !needs.every((service) => granted.includes(service))) drop[kind](name);
    }
}

const drop = {
  cookie(name) {
    const folders = location.pathname.split("/").slice(1, -1);
    const labels = location.hostname.split(".");
    for (const path of ["/", ...folders.map((_, index) => `/${folders.slice(0, index + 1).join("/")}`), location.pathname])
      for (const domain of ["", ...labels.slice(0, -1).map((_, index) => `; domain=${labels.slice(index).join(".")}`)])
        document.cookie = `${name}=; max-age=0; path=${path}${domain}`;
  },
  local: (name) => localStorage.removeItem(name),
  session: (name) => sessionStorage.removeItem(name),
  indexeddb: (name) => indexedDB.deleteDatabase(name),
  cache: (name) => caches.delete(name),
};

const tidy = () => cstKeys && sweep().catch(() => {}); // where a browser keeps no storage, nothing is in it

// One click shows what a placeholder stands for, this once; nothing is remembered.
addEventListener("click", ({ target }) => {
  const place = target.closest?.("[data-cst-once]")?.closest(".cst-embed");
  const held = place?.nextElementSibling;
  if (held?.matches("template[data-cst-embed]")) place.replaceWith(held.content.cloneNode(true));
});

// A page that was kept, or made before its reader came, may be older than the last decision.
async function isCurrent() {
  if (!cstState) return false; // the site's policy lets nobody ask
  try {
    const { granted, denied } = await (await fetch(cstState, { cache: "no-store" })).json();
    return granted.join(" ") == cstGranted && denied.join(" ") == cstDenied;
  } catch {
    return true; // out of reach: the page stays as it is
  }
}

const resync = async () => (await isCurrent()) || location.reload();

addEventListener("pageshow", ({ persisted }) => persisted && resync());

// Nothing starts in a page that waits for its reader.
if (document.prerendering) {
  const begin = async () => ((await isCurrent()) ? activate() : location.reload());
  document.addEventListener("prerenderingchange", begin, { once: true });
} else if (document.readyState == "loading") addEventListener("DOMContentLoaded", activate);
else activate();
