// Watches a page from its first moment, and tells the benchmark what happened, as pairs of a kind and a number
// (milliseconds since the navigation began, or a layout shift's score). The same code for all contestants;
// it knows of each only the selector of its first layer, which is empty for the bare page.
((selector) => {
  if (window !== window.top) return;

  const tell = (kind, value) => window.tellBenchmark(JSON.stringify([kind, value]));

  function observe(type, each, options = {}) {
    const observer = new PerformanceObserver((list) => list.getEntries().forEach(each));
    observer.observe({ type, buffered: true, ...options });
    addEventListener("pagehide", () => observer.takeRecords().forEach(each));
  }

  // The paint is told as it is commonly measured, when it is on the screen, and as the main thread knows it, when
  // the frame was made.
  observe("paint", ({ name, startTime, paintTime = startTime }) => {
    if (name != "first-contentful-paint") return;
    tell("made", paintTime);
    tell("fcp", startTime);
  });
  observe("layout-shift", ({ hadRecentInput, value }) => hadRecentInput || tell("shift", value));
  observe("event", ({ interactionId, duration }) => interactionId && tell("interaction", duration), {
    durationThreshold: 16,
  });

  function opacity(element) {
    let product = 1;
    for (; element; element = element.parentElement) product *= getComputedStyle(element).opacity;
    return product;
  }

  // Where the first layer stands, if a visitor can see it: its rectangle in CSS pixels.
  function seen() {
    const element = document.querySelector(selector);
    if (!element) return null;
    const { left, top, right, bottom, width, height } = element.getBoundingClientRect();
    const inside = width && height && right > 0 && bottom > 0 && left < innerWidth && top < innerHeight;
    const visible = inside && getComputedStyle(element).visibility == "visible" && opacity(element) > 0.9;
    return visible ? [left, top, width, height] : null;
  }

  const alike = (one, other) => one && other && one.every((value, index) => Math.abs(value - other[index]) < 0.5);

  // The most urgent of tasks comes right after the frame in which it is asked for has been made.
  const drawn = () => scheduler.postTask(() => performance.now(), { priority: "user-blocking" });

  // "appeared" is when the first frame was drawn that shows the first layer, "still" when the first of two was in
  // which it stands alike; "begun" is when the browser began to make that frame. The time that browsers hand to
  // such functions does not serve: under load it is hundreds of milliseconds old.
  let appeared = false;
  let [last, lastBegun, lastDrawn] = [null, 0, null];
  function frame() {
    const begun = performance.now();
    const place = seen();
    if (alike(place, last)) {
      tell("begun", lastBegun);
      return lastDrawn.then((time) => tell("still", time));
    }
    [last, lastBegun, lastDrawn] = [place, begun, place && drawn()];
    if (place && !appeared) lastDrawn.then((time) => tell("appeared", time));
    appeared ||= Boolean(place);
    requestAnimationFrame(frame);
  }
  if (selector) requestAnimationFrame(frame);
})
