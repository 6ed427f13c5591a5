// Counts views for who has agreed. Where nothing says so, there is no consent.

export function count() {
  if (window.consent?.allows("counter")) sessionStorage.views = Number(sessionStorage.views ?? 0) + 1;
}
