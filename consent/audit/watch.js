// Runs before any script of a page and tells what scripts store: names and attributes, never values.
// What is stored and removed again at once would not be seen otherwise.

(() => {
  const tell = (kind, text) => window.cstAuditTold?.(kind, String(text));
  const around = (target, name, before) => {
    const original = target?.[name];
    if (original) target[name] = function (...given) { before.apply(this, given); return original.apply(this, given); };
  };

  const nameOf = (pair) => pair.includes("=") ? pair.split("=")[0].trim() : ""; // else it is all value
  const cookie = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
  Object.defineProperty(Document.prototype, "cookie", {
    ...cookie,
    set(line) {
      cookie.set.call(this, line);
      const [pair, ...attributes] = String(line).split(";");
      const name = nameOf(pair);
      const kept = cookie.get.call(this).split("; ").some((each) => each && nameOf(each) == name);
      if (kept) tell("cookie", [`${name}=...`, ...attributes].join(";"));
    },
  });
  const own = (kind) => { try { return window[`${kind}Storage`]; } catch {} };
  around(Storage.prototype, "setItem", function (name) {
    for (const kind of ["local", "session"]) if (this === own(kind)) tell(kind, name);
  });
  around(window.IDBFactory?.prototype, "open", (name) => tell("indexeddb", name));
  around(window.CacheStorage?.prototype, "open", (name) => tell("cache", name));
})();
