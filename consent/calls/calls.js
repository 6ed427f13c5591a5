// Tells the vendors' tags what the visitor allowed, before any of them is there, and again when it changes. The
// parts between the lines are put together by script.py: only what a site needs is sent.

// --- core ---
if (window.consentCalls) return; // a framework has put the head in once more
window.consentCalls = true;

let allowed = [];
let decided = [];
const tellers = [];

// Whether one of these services is allowed; of a table, what that makes each of its parameters.
const read = (table) =>
  Array.isArray(table)
    ? table.some((id) => allowed.includes(id))
    : Object.fromEntries(Object.entries(table).map(([name, ids]) => [name, read(ids) ? "granted" : "denied"]));

// `last` is what the vendor knows already, in JSON; nothing is told twice, nor before the visitor has said anything.
function vendor(table, call, last = "", isThere = () => true) {
  const services = Object.values(table).flat();
  const tell = () => {
    const state = read(table);
    const text = JSON.stringify(state);
    if (text == last || !(last || services.some((id) => decided.includes(id))) || !isThere()) return;
    last = text;
    call(state);
  };
  tellers.push(tell);
  return tell;
}

function hear({ granted, denied }) {
  allowed = granted;
  decided = [...granted, ...denied];
  retell();
}

function retell() {
  for (const tell of tellers)
    try {
      tell();
    } catch (error) {
      reportError(error); // one vendor's fault is not the others'
    }
}

// --- arrival ---
// Waits until the page's own code has made the global `name`, and calls `first` before anybody else can use it.
function arrival(name, isReady, first) {
  let value = window[name];
  if (value) return first();
  const define = (property) => Object.defineProperty(window, name, { configurable: true, enumerable: true, ...property });
  define({
    set: (given) => (value = given),
    get() {
      if (value && isReady(value)) {
        define({ value, writable: true });
        first();
      }
      return value;
    },
  });
}

// --- private ---
const words = (text) => text.split(" ").filter(Boolean);
const { cstGranted, cstDenied } = document.currentScript.dataset;
hear({ granted: words(cstGranted), denied: words(cstDenied) });

// --- shared ---
// Pages are the same for all: the cookie that scripts may read tells, as long as the declarations are those of then.
const words = (text = "") => text.split("~").filter(Boolean);
// What the browser says by itself may outweigh it: then `consent:ready` tells what counts.
const [, granted, denied] = $signalled ? [] : document.cookie.match(/(?:^|; )consent-known=$catalogue\.([^.;]*)\.([^.;]*)/) ?? [];
hear({ granted: words(granted), denied: words(denied) });

// --- change ---
for (const event of ["consent:ready", "consent:change"]) document.addEventListener(event, ({ detail }) => hear(detail));

// --- late ---
document.addEventListener("load", retell, true); // of each script: a global may be there now
