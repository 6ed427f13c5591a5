// Adds the reports that arrive while the page is open. Without it the page links to all of them.

const list = document.querySelector("#ticker[data-events]");

function add({ time, text }) {
  const report = document.createElement("li");
  const clock = document.createElement("time");
  const words = document.createElement("p");
  report.className = "ticker__report ticker__report--new";
  clock.className = "ticker__time";
  words.className = "ticker__text";
  clock.textContent = time;
  words.textContent = text;
  report.append(clock, " ", words);
  list.append(report);
}

if (list) {
  const events = new EventSource(list.dataset.events);
  events.addEventListener("report", (event) => add(JSON.parse(event.data)));
  events.addEventListener("over", () => events.close());
}
