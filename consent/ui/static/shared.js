// For pages that are the same for every visitor: finds out who is asked, shows the banner, then starts
// what consent allows. The cookie that tells is written by the server and holds nothing but the choice.

const { dataset } = document.querySelector("script[data-cst-catalogue]");
const words = (text) => text.split("~").filter(Boolean);
const banner = () => document.getElementById("cst-ask");

function marker() {
  const found = document.cookie.match(/(?:^|; )consent-known=([^;]*)/);
  const [catalogue, granted = "", denied = "", outweighing = ""] = found ? found[1].split(".") : [];
  // What only the server hears of this browser, it has to tell.
  return catalogue == dataset.cstCatalogue && !dataset.cstInaudible && heard(words(granted), words(denied), words(outweighing));
}

// What the browser says by itself denies what may be objected to, unless it was granted in its face.
const says = { gpc: navigator.globalPrivacyControl === true, dnt: navigator.doNotTrack == "1" };
function heard(granted, denied, outweighing) {
  const signals = (dataset.cstSignals ?? "").split(" ").filter((name) => says[name]);
  const off = signals.length ? dataset.cstObjectable.split(" ").filter((id) => !granted.includes(id) || signals.some((name) => !outweighing.includes(`${name}_${id}`))) : [];
  const objected = off.filter((id) => !denied.includes(id));
  return { granted: granted.filter((id) => !off.includes(id)), denied: [...denied, ...objected], signals, objected };
}

// Who has decided on some categories is asked for the others only.
function ask({ granted, denied, signals, objected }) {
  const decided = [...granted, ...denied];
  const items = [...banner().querySelectorAll("[data-cst-category]")];
  const open = items.filter((item) => !decided.includes(item.dataset.cstCategory));
  for (const item of items) item.hidden = !open.includes(item);
  const form = banner().querySelector("form");
  form.elements.next.value = location.pathname + location.search;
  for (const old of form.querySelectorAll("[name=asked]")) old.remove();
  if (open.length < items.length)
    for (const { dataset: { cstCategory: value } } of open)
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "asked", value }));
  for (const told of banner().querySelectorAll("[data-cst-signal]")) told.hidden = !objected.length || !signals.includes(told.dataset.cstSignal);
  banner().hidden = !open.length;
  return open.map((item) => item.dataset.cstCategory);
}

// A page that waits for its reader is nobody's visit yet.
if (document.prerendering) await new Promise((done) => document.addEventListener("prerenderingchange", done, { once: true }));
if (document.readyState == "loading") await new Promise((done) => addEventListener("DOMContentLoaded", done));

let standing = marker();
if (!standing) {
  // Without a cookie of ours the visitor is new, or decided before pages were shared: the server knows.
  const answer = await fetch(`${dataset.cstAt}/state`, { cache: "no-store" }).catch(() => null);
  standing = answer?.ok ? await answer.json() : heard([], [], []);
}
dataset.cstGranted = standing.granted.join(" ");
dataset.cstDenied = standing.denied.join(" ");
dataset.cstUndecided = banner() ? ask(standing).join(" ") : "";
import(dataset.cstMain);
