// The layer in the browser: saves choices without a reload, shows the second layer, starts what consent allows and
// deletes what it does not. Everything that it shows comes from the server as markup; without it, forms do the same.

// --- what the server says ------------------------------------------------------------------------

// Markup that somebody smuggled into the page must not pass for our tag: where the site uses nonces ours has
// one, and tags that contradict each other count for nothing.
const tags = [...document.querySelectorAll("script[type=module][data-cst-granted]")].filter(({ src, dataset }) =>
  [src, dataset.cstMain && new URL(dataset.cstMain, src).href].includes(import.meta.url));
const ours = tags.filter(({ nonce }) => nonce || !tags.some((tag) => tag.nonce));
const told = new Set(ours.map(({ dataset }) => JSON.stringify({ ...dataset })));
const { cstAt: at, cstTrust, cstKeys, cstPoliced, cstBare, ...said } = told.size == 1 ? { ...ours[0].dataset } : {};
const nonce = ours[0]?.nonce;

const words = (text = "") => text.split(" ").filter(Boolean);
const frozen = (granted, denied, undecided) =>
  Object.freeze(Object.fromEntries(Object.entries({ granted, denied, undecided }).map(([name, ids]) => [name, Object.freeze(ids)])));
const read = ({ cstGranted, cstDenied, cstUndecided }) => frozen(words(cstGranted), words(cstDenied), words(cstUndecided));
const same = (one, other) => JSON.stringify(one) == JSON.stringify(other);

let standing = read(said);
const running = new Set(standing.granted); // what may have been started in this page

const byId = (id) => document.getElementById(`cst-${id}`);
const pause = () => (window.scheduler?.yield ? scheduler.yield() : new Promise((done) => setTimeout(done)));

// --- what consent starts -------------------------------------------------------------------------

// Where Trusted Types are enforced, the site allows the policy "consent"; our tag says if not.
const rules = { createScript: (text) => text, createScriptURL: (url) => url };
let trust = !window.trustedTypes && rules;
try {
  trust ||= !cstTrust && trustedTypes.createPolicy("consent", rules);
} catch {}

const allows = (name) => standing.granted.includes(name);
const needs = ({ dataset }) => words(dataset.consent);
const isMet = (need) => need.split("|").some(allows); // of several, one is enough
const isAllowed = (held) => needs(held).length && needs(held).every(isMet);

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

// A template's content takes its place, and that of what stands before it instead; its scripts wait for their turn.
function show(template) {
  const content = document.importNode(template.content, true);
  for (const script of content.querySelectorAll("script:not([data-consent])")) {
    script.dataset.cstType = script.type;
    script.dataset.consent = template.dataset.consent;
    script.type = "text/plain";
  }
  const before = template.previousElementSibling;
  if (before?.matches(".cst-embed, [data-cst-instead]")) before.remove();
  template.replaceWith(content);
}

// The server has put an attribute aside under another name; what runs code does not come back in this way.
function restore(element) {
  element.removeAttribute("data-consent");
  for (const { name, value } of [...element.attributes]) {
    const was = name.startsWith("data-cst-") && name.slice(9);
    if (was && !/^on|^srcdoc$/.test(was)) element.setAttribute(was, value);
  }
}

const HELD = 'script[type="text/plain"][data-consent]';
const waits = (held) =>
  isAllowed(held) &&
  (held.matches(HELD)
    ? !nonce || held.nonce == nonce // else markup alone would be enough to run a script
    : !/^(script|base|meta|object|embed)$/i.test(held.tagName));

let starting;
async function activate() {
  const next = () => [...document.querySelectorAll("[data-consent]")].find(waits);
  for (let held; (held = next()); await pause()) {
    for (const name of needs(held).flatMap((need) => need.split("|")).filter(allows)) running.add(name);
    if (held.matches(HELD)) await start(held);
    else if (held.matches("template")) show(held);
    else restore(held);
  }
}

let outdated; // whether the page's own policy would block what was granted since
const begin = () => outdated || (starting = Promise.resolve(starting).then(activate));

// --- what has to go ------------------------------------------------------------------------------

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
  for (const [kind, table] of Object.entries(declared))
    for (const name of names[kind]) {
      const [services] = Object.entries(table)
        .map(([key, found]) => [key, found.flatMap(here)])
        .filter(([, found]) => found.length)
        .filter(([key]) => key == name || (key.endsWith("*") && name.startsWith(key.slice(0, -1))))
        .sort(([one], [other]) => (other == name) - (one == name) || other.length - one.length)
        .map(([, found]) => found);
      if (services && !services.every(allows)) drop[kind](name);
    }
}

// A cookie of another site's domain is no claim on what is called so here.
function here(service) {
  const [id, domain] = service.split("@");
  return !domain || `.${location.hostname}`.endsWith(`.${domain}`) ? id : [];
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

const tidy = () => cstKeys && standing.denied.length + standing.undecided.length && sweep().catch(() => {}); // where a browser keeps no storage, nothing is in it

// --- decisions -----------------------------------------------------------------------------------

// The browser parses the answer: nothing of it runs, and Trusted Types have no say in it.
const request = (url, body) =>
  new Promise((done, failed) => {
    const call = new XMLHttpRequest();
    call.open(body ? "POST" : "GET", url);
    call.responseType = "document";
    call.setRequestHeader("X-Requested-With", "consent");
    call.onload = () => (call.response ? done(call.response) : call.onerror());
    call.onerror = () => failed(new Error("The site cannot be reached."));
    call.send(body);
  });

// Whether the decision counts: the visitor is told in any case. Fails if the site cannot be reached.
async function decide(fields) {
  const saved = (await request(at, new URLSearchParams(fields))).getElementById("cst-saved");
  if (!saved) throw new Error("The consent layer of the site did not answer.");
  const counts = "cstGranted" in saved.dataset;
  if (counts) byId("dialog")?.close();
  const again = counts ? await settle(read(saved.dataset)) : "";
  if (counts) channel?.postMessage("");
  if (again && !isWritten()) {
    history.replaceState(history.state, "", "#cst-saved"); // so that the page says it when it is back
    location.reload();
  } else {
    saved.querySelector(".cst-saved__reload")?.toggleAttribute("hidden", again != "lost");
    tell(saved);
  }
  return counts;
}

// Makes the page true of a new standing; whether it takes a reload to end what runs in it.
async function settle(next) {
  const before = standing;
  if (same(before, next)) return;
  standing = next;
  coming = null;
  if (!next.undecided.length) unask();
  await pause(); // the answer is on the screen before anything else happens
  const [gained, lost] = [[next, before], [before, next]].map(([one, other]) => one.granted.filter((name) => !other.granted.includes(name)));
  document.dispatchEvent(new CustomEvent("consent:change", { detail: { ...next, gained, lost } }));
  if (lost.length) await tidy();
  outdated ||= cstPoliced && gained.length;
  begin();
  return lost.some((name) => running.has(name)) ? "lost" : outdated && "gained";
}

const OURS = "#cst-ask, #cst-dialog, #cst-saved, #cst-control, .cst-embed";
const isWritten = () =>
  [...document.querySelectorAll("input:not([type=hidden]), textarea")].some((field) => !field.closest(OURS) &&
    (/^(checkbox|radio)$/.test(field.type) ? field.checked != field.defaultChecked : field.value != field.defaultValue));

const sheet = document.querySelector(`link[href^="${at}/assets/"]`);

// --- what is seen --------------------------------------------------------------------------------

let place; // where the reader was before one of ours
addEventListener("focusin", ({ target }) => { if (!target.closest?.("#cst-ask, #cst-dialog, #cst-saved")) place = target; });

function back() {
  if (document.activeElement && document.activeElement != document.body) return;
  const beside = [...document.body.children].find((part) => !part.matches(OURS) && part.offsetHeight);
  let to = place?.isConnected ? place : beside;
  if (to == beside && scrollY) // what is in the middle of the screen, as small as it comes
    for (let part = document.body; part; part = [...part.children].find((inner) => !inner.matches(OURS) && inner.getBoundingClientRect().bottom > innerHeight / 2)) to = part;
  to?.focus({ preventScroll: true });
  if (!to || document.activeElement == to) return;
  to.tabIndex = -1;
  to.style.outline = "none"; // no control, only a place to go on from
  to.focus({ preventScroll: true });
  to.addEventListener("blur", () => (to.removeAttribute("tabindex"), (to.style.outline = "")), { once: true });
}

function unask() {
  const banner = byId("ask");
  (banner?.closest("dialog") ?? banner)?.remove();
  back();
}

// A live region speaks of what comes into it, so its words follow.
function tell(saved) {
  const content = [...saved.children];
  byId("saved")?.remove();
  saved.replaceChildren();
  (document.querySelector("#cst-dialog[open]") ?? document.body).prepend(saved);
  setTimeout(() => saved.append(...content), 60);
}

// The second layer is made by the server when somebody wants it, and begins to come when the pointer does.
let coming;
function fetchLayer() {
  const query = new URLSearchParams({ language: document.documentElement.lang, next: location.pathname + location.search });
  return (coming ||= request(`${at}/choices?${query}`));
}

async function open() {
  if (byId("dialog")) return;
  try {
    const page = await fetchLayer();
    const dialog = document.adoptNode(page.getElementById("cst-dialog"));
    await Promise.all([...page.querySelectorAll("link[rel=stylesheet]")].map(dress));
    dialog.addEventListener("close", () => { dialog.remove(); back(); });
    document.body.append(dialog);
    reveal(dialog);
  } catch {
    location.assign(at);
  } finally {
    coming = null;
  }
}

// Modal as long as it is seen: a filter list that hides it must not leave a page that does nothing.
function reveal(dialog) {
  dialog.removeAttribute("open");
  dialog.showModal();
  new ResizeObserver(() => dialog.getClientRects().length && dialog.firstElementChild.getClientRects().length || dialog.close()).observe(dialog.firstElementChild);
}

const dress = (link) =>
  cstBare || // the site's policy lets no stylesheet of ours in
  [...document.querySelectorAll("link[rel=stylesheet]")].some(({ href }) => href == link.href) ||
  new Promise((done) => {
    link.nonce = sheet?.nonce || nonce || "";
    link.onload = link.onerror = done;
    sheet ? sheet.after(link) : document.head.append(link); // after ours, whose rules it refines
  });

// Who wants a modal first layer gets one; leaving it decides nothing and leaves a banner.
function frame(banner) {
  const dialog = document.createElement("dialog");
  dialog.className = "cst-frame";
  dialog.setAttribute("aria-labelledby", "cst-ask-title");
  banner.replaceWith(dialog);
  dialog.append(banner);
  Object.assign(banner.querySelector("h2"), { tabIndex: -1, autofocus: true }); // no button gets a head start
  dialog.addEventListener("close", () => {
    banner.classList.replace("cst-ask--middle", "cst-ask--edge");
    dialog.replaceWith(banner);
  });
  reveal(dialog);
}

const opens = (target) => at && !document.querySelector(".cst-policy") && target.closest?.("[data-cst-open], #cst-ask [formmethod=get]");

addEventListener("click", (event) => {
  const { target, ctrlKey, metaKey, shiftKey } = event;
  const once = target.closest?.("[data-cst-once]")?.closest(".cst-embed")?.nextElementSibling;
  if (once?.matches("template[data-cst-embed]")) return show(once); // this once; nothing is remembered
  if (target.closest?.("[data-cst-reload]")) location.reload();
  else if (target.closest?.("[data-cst-close]")) (target.closest("dialog") ? byId("dialog").close() : (byId("saved").remove(), back()));
  else if (ctrlKey || metaKey || shiftKey || !opens(target)) return;
  else open();
  event.preventDefault();
});

for (const hint of ["pointerover", "focusin"])
  addEventListener(hint, ({ target }) => { if (opens(target)) fetchLayer().catch(() => (coming = null)); });

let busy;
addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (!at || !form.closest("#cst-ask, #cst-dialog, .cst-embed") || form.dataset.cstPlain) return;
  event.preventDefault();
  event.stopPropagation(); // libraries that send forms themselves would decide a second time
  if (busy) return;
  form.ariaBusy = busy = "true";
  const fields = new FormData(form);
  fields.append(submitter.name, submitter.value);
  try {
    await decide(fields);
  } catch {
    form.dataset.cstPlain = 1; // out of reach: the browser says so better than we could
    form.requestSubmit(submitter);
  }
  form.ariaBusy = busy = null;
}, true);

// --- other pages, other times --------------------------------------------------------------------

// A page that was kept, or made before its reader came, or stands in another tab, may be older than the last decision.
async function resync() {
  try {
    const { granted, denied, undecided } = await (await fetch(`${at}/state`, { cache: "no-store" })).json();
    if ((await settle(frozen(granted, denied, undecided))) && !isWritten()) location.reload();
  } catch {} // out of reach: the page stays as it is
}

let channel;
function join() {
  if (!at || !window.BroadcastChannel) return;
  channel = new BroadcastChannel("consent");
  channel.onmessage = resync; // what it holds is not believed: the server is asked
}
addEventListener("pagehide", () => channel = channel?.close()); // an open one would keep the page out of the history
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  join();
  at ? resync() : location.reload(); // where the site's policy lets nobody ask
});

// Libraries that change pages in place bring markup that waits, and may take the banner away with the old body.
const kept = [sheet, byId("control"), byId("ask")].filter(Boolean);
let { body } = document, { href } = location, looking;
function look() {
  looking = false;
  if (body != document.body || href != location.href) {
    ({ body } = document), ({ href } = location);
    for (const part of kept) if (!part.isConnected && !document.getElementById(part.id)) body.prepend(part);
    if (!standing.undecided.length) byId("ask")?.remove(); // of a page that is older than the decision
  }
  begin();
}

// --- for the site's own scripts ------------------------------------------------------------------

async function save(action, names = [], what = "granted") {
  const fields = [["action", action], ["method", "api"], ["language", document.documentElement.lang], ...names.map((name) => [what, name])];
  if (!at || !(await decide(fields))) throw new Error("The decision did not take effect.");
  return standing;
}

window.consent = Object.freeze({
  get: () => standing,
  allows,
  open: () => (at ? open() : location.assign(location.href)),
  save: (names) => save("save", [names].flat()),
  withdraw: (...names) => (names.length ? save("save", names, "asked") : save("withdraw")),
  whenAllowed: (name) =>
    new Promise((done) => {
      const check = () => allows(name) && done(standing);
      document.addEventListener("consent:change", check);
      check();
    }),
});

// --- begin ---------------------------------------------------------------------------------------

if (document.readyState == "loading") await new Promise((done) => addEventListener("DOMContentLoaded", done));
if (document.prerendering) { // nothing starts in a page that waits for its reader
  await new Promise((done) => document.addEventListener("prerenderingchange", done, { once: true }));
  if (at) await resync();
  else location.reload();
}
join();
if (location.hash == "#cst-saved") byId("saved")?.focus({ preventScroll: true });
tidy();
begin();
new MutationObserver(() => (looking ||= setTimeout(look, 50))).observe(document, { childList: true, subtree: true });
const banner = byId("ask");
if (banner?.matches(".cst-ask--middle") && banner.getClientRects().length) frame(banner);
document.dispatchEvent(new CustomEvent("consent:ready", { detail: standing }));
