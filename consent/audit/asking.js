// What a page shows of the asking: its layers, whether accepting and rejecting look alike, and what is ticked.

() => {
  const isSeen = (part) => Boolean(part?.getClientRects().length) && part.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const button = (layer, action) => [...layer.querySelectorAll(`button[name=action][value=${action}]`)].find(isSeen);
  const look = (part) => {
    const style = getComputedStyle(part);
    return ["color", "backgroundColor", "fontSize", "fontWeight", "borderColor", "opacity"].map((name) => style[name]).join();
  };
  const told = (layer) => {
    const [accept, reject] = ["accept", "reject"].map((action) => button(layer, action));
    const ticked = [...layer.querySelectorAll("input[type=checkbox]:checked, input[type=radio]:checked")];
    return {
      accept: Boolean(accept),
      reject: Boolean(reject),
      alike: !accept || !reject || look(accept) == look(reject),
      ticked: ticked.filter(({ disabled }) => !disabled).map(({ value }) => value),
    };
  };
  const layers = { "first layer": "#cst-ask", "second layer": "#cst-dialog", "policy page": ".cst-policy" };
  const shown = Object.entries(layers)
    .map(([name, selector]) => [name, [...document.querySelectorAll(selector)].find(isSeen)])
    .filter(([, layer]) => layer);
  const form = document.querySelector("#cst-ask form, .cst-choice")?.getAttribute("action"); // its buttons are called `action` too
  const link = document.querySelector("[data-cst-open]")?.href;
  const script = document.querySelector("script[data-cst-at]")?.dataset.cstAt;
  const given = form || link || script;
  const { origin, pathname } = (given && URL.parse(given, location.href)) || {};
  const at = origin == location.origin && /^\/(?!\/)/.test(pathname) ? pathname : "";
  return { at, layers: Object.fromEntries(shown.map(([name, layer]) => [name, told(layer)])) };
}
