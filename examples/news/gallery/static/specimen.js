// Opens what is modal as the layer's own script does. Nothing is sent and nothing is remembered.

const dialog = document.querySelector("#cst-dialog");
const banner = document.querySelector("#cst-ask.cst-ask--middle");

function open(modal) {
  modal.removeAttribute("open");
  modal.showModal();
}

function frame() {
  const around = document.createElement("dialog");
  around.className = "cst-frame";
  around.setAttribute("aria-labelledby", "cst-ask-title");
  banner.replaceWith(around);
  around.append(banner);
  around.addEventListener("close", () => {
    banner.classList.replace("cst-ask--middle", "cst-ask--edge");
    around.replaceWith(banner);
  });
  open(around);
}

if (dialog) open(dialog);
if (banner && !banner.hidden) frame();
document.querySelector("[data-cst-close]")?.addEventListener("click", (event) => {
  if (dialog) event.preventDefault();
  dialog?.close();
});
