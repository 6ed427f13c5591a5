// Northwind Insight: recognises a browser by a random number and tells its server of each page.

(() => {
  const { origin } = new URL(document.currentScript.src);
  if (!document.cookie.split("; ").some((cookie) => cookie.startsWith("_na="))) {
    const number = Math.random().toString(36).slice(2);
    document.cookie = `_na=${number}; path=/; max-age=${30 * 24 * 60 * 60}; samesite=lax`;
  }
  navigator.sendBeacon(`${origin}/collect`, location.pathname);
})();
