// The tides; the unit is remembered by a cookie that the server lets out only with consent.
import { element } from "./dom.js";

const FEET = 3.281;

export async function tides(unit = "") {
  const { tides, unit: shown, remembered } = await (await fetch(`/api/tides?unit=${unit}`)).json();
  const height = (metres) => (shown == "ft" ? `${(metres * FEET).toFixed(1)} ft` : `${metres} m`);
  const other = shown == "ft" ? "m" : "ft";
  const again = async () => document.getElementById("view").replaceChildren(...(await tidesIn(other)));
  return [
    element("h1", { textContent: "Tides" }),
    element("ul", {}, ...tides.map((tide) => element("li", { textContent: `${tide.time}: ${height(tide.height)}` }))),
    element("button", { textContent: `Show ${other}`, onclick: again }),
    element("p", { textContent: remembered ? "Your unit is remembered." : "Your unit is not remembered." }),
  ];
}

const tidesIn = tides;
