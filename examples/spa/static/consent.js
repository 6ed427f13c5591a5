// What the app knows of the visitor's consent: by window.consent where it is, else over HTTP.

export async function standing() {
  if (window.consent) return consent.get();
  return (await fetch("/consent/state", { cache: "no-store" })).json();
}

// Grants these and refuses the rest of what is asked, as the visitor has just pressed.
export async function save(granted) {
  if (window.consent) return consent.save(granted);
  const answer = await fetch("/consent", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ action: "save", granted }),
  });
  const saved = await answer.json();
  if (!answer.ok) throw new Error(saved.error);
  // Our own script would have told the page; without it, the app does.
  document.dispatchEvent(new CustomEvent("consent:change", { detail: saved }));
  return saved;
}
