// The visitor's choice as a view of the app: read from the standing, saved as a decision.
import { save, standing } from "./consent.js";
import { element } from "./dom.js";

const ASKED = { preferences: "Remember my unit", analytics: "Count the views I open" };

export async function privacy() {
  const { granted } = await standing();
  const boxes = Object.entries(ASKED).map(([name, label]) => {
    const box = element("input", { type: "checkbox", name, checked: granted.includes(name), defaultChecked: granted.includes(name) });
    return element("p", {}, element("label", {}, box, ` ${label}`));
  });
  const told = element("p", { role: "status" });
  const form = element("form", {}, ...boxes, element("button", { textContent: "Save my choice" }), told);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await save([...new FormData(form).keys()]);
    } catch (error) {
      told.textContent = error.message;
    }
  });
  return [element("h1", { textContent: "Privacy" }), form];
}
