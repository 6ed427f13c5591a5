"""Visits to the contestants' pages, each by a fresh profile of one browser, and what each visit cost."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, CDPSession, Page, Playwright, ViewportSize

from benchmarks.client.contestants import Contestant
from benchmarks.client.site import PATH
from tests.chromium import FLAGS

VIEWPORT: Final[ViewportSize] = {"width": 375, "height": 667}
"""CSS pixels: a small phone."""

SLOWDOWN: Final = 4
"""How many times slower than this machine the page's main thread runs."""

ROUND_TRIP: Final = 150
"""Milliseconds until an answer begins, as in Lighthouse's slow 4G."""

DOWN, UP = 1_638_400 / 8, 750_000 / 8
"""Bytes a second, as in Lighthouse's slow 4G."""

REST: Final = 1000
"""Milliseconds that a page is left alone after half a second without network: then it is at rest."""

AFTERWARDS: Final = 1000
"""Milliseconds after a decision that still count as its consequence."""

_PATIENCE: Final = 20_000
"""Milliseconds until something that should happen counts as broken."""

_STEP: Final = 20
"""Milliseconds between two looks at whether it has happened."""

_GATED: Final = "The gated script runs."
_WATCH: Final = (Path(__file__).parent / "watch.js").read_text("utf-8")

_TIMES: Final = {
    "script": "ScriptDuration",
    "style": "RecalcStyleDuration",
    "layout": "LayoutDuration",
    "task": "TaskDuration",
}

Sample = dict[str, float]
"""What one run measured, by the keys of `benchmarks.client.metrics`."""


class BrokenError(Exception):
    """A contestant's page does not do what it should: its set-up, or the benchmark, is wrong."""


@dataclass(kw_only=True)
class Visit:
    """A fresh profile on a contestant's page, and what was heard of it so far.

    ``received`` counts bytes as they are sent, encoded and with response headers; ``heard`` holds what
    `watch.js` told, by its kind.
    """

    contestant: Contestant
    page: Page
    cdp: CDPSession
    address: str
    requests: int = 0
    received: float = 0
    heard: dict[str, list[float]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Count what the network brings, and note what the page says."""
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.failed.append(str(error)))
        self.cdp.on("Network.requestWillBeSent", self._sent)
        self.cdp.on("Network.responseReceived", self._answered)
        self.cdp.on("Network.loadingFinished", self._finished)
        self.cdp.send("Network.enable")

    def watch(self) -> None:
        """Have the page watched from within."""
        self.cdp.on("Runtime.bindingCalled", self._told)
        self.cdp.send("Runtime.enable")
        self.cdp.send("Runtime.addBinding", {"name": "tellBenchmark"})
        self.page.add_init_script(f"{_WATCH.strip()}({json.dumps(self.contestant.banner)});")

    def slow_down(self) -> None:
        """Make it a slow phone on a slow network."""
        network = {
            "offline": False,
            "latency": ROUND_TRIP,
            "downloadThroughput": DOWN,
            "uploadThroughput": UP,
        }
        self.cdp.send("Network.emulateNetworkConditions", network)
        self.cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})

    def open(self) -> None:
        """Open the page, and wait until it is at rest and asks, if it should."""
        self.page.goto(self.address)
        self.rest()
        if self.contestant.asks and not self.page.locator(self.contestant.banner).first.is_visible():
            raise BrokenError(f"{self.contestant.name} shows no banner")
        if self.ran:
            raise BrokenError(f"{self.contestant.name} runs the gated script before anybody agreed")

    def rest(self) -> None:
        """Wait until nothing is going on."""
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_timeout(REST)
        if self.failed:
            raise BrokenError(f"{self.contestant.name}: {'; '.join(self.failed)}")

    def until(self, what: str, happened: Callable[[], bool]) -> None:
        """Wait for something; it is an error if it does not happen."""
        for _ in range(_PATIENCE // _STEP):
            if happened():
                return
            self.page.wait_for_timeout(_STEP)
        raise BrokenError(f"{self.contestant.name}: {what} did not happen")

    @property
    def ran(self) -> bool:
        """Whether the script ran that needs consent."""
        return _GATED in self.said

    def decide(self, press: Callable[[], None]) -> None:
        """Accept everything; the gated script must run."""
        press()
        self.page.wait_for_timeout(AFTERWARDS)
        self.until("running the gated script after acceptance", lambda: self.ran)

    def main_thread(self) -> Sample:
        """Milliseconds that the main thread has spent since the navigation began."""
        found = {item["name"]: item["value"] for item in self.cdp.send("Performance.getMetrics")["metrics"]}
        return {key: found[name] * 1000 for key, name in _TIMES.items()}

    def _sent(self, event: dict[str, Any]) -> None:
        self.requests += event["request"]["url"].startswith("http")
        self.received += event.get("redirectResponse", {}).get("encodedDataLength", 0)

    def _answered(self, event: dict[str, Any]) -> None:
        if event["response"]["status"] >= 400:
            self.failed.append(f"{event['response']['status']} for {event['response']['url']}")

    def _finished(self, event: dict[str, Any]) -> None:
        self.received += event["encodedDataLength"]

    def _told(self, event: dict[str, Any]) -> None:
        kind, value = json.loads(event["payload"])
        self.heard.setdefault(kind, []).append(value)


def launch(playwright: Playwright, path: str) -> Browser:
    """The browser, which finds the contestants' hosts without any network."""
    flags = [*FLAGS, "--host-resolver-rules=MAP *.localhost 127.0.0.1"]
    return playwright.chromium.launch(executable_path=path, args=flags)


@contextmanager
def visit(browser: Browser, port: int, contestant: Contestant) -> Iterator[Visit]:
    """A profile that has never been anywhere, about to open the contestant's page."""
    context = browser.new_context(viewport=VIEWPORT, locale="en-GB")
    page = context.new_page()
    address = f"http://{contestant.host}:{port}{PATH}"
    opened = Visit(contestant=contestant, page=page, cdp=context.new_cdp_session(page), address=address)
    opened.listen()
    yield opened
    context.close()


def measure(browser: Browser, port: int, contestant: Contestant) -> Sample:
    """One run: a visit that is left alone, for what loading costs, and one that is watched and accepts."""
    return _load(browser, port, contestant) | _accept(browser, port, contestant)


def _load(browser: Browser, port: int, contestant: Contestant) -> Sample:
    """Nothing of ours runs in this page, so that its main thread works for the page alone."""
    with visit(browser, port, contestant) as visitor:
        visitor.cdp.send("Performance.enable")
        visitor.slow_down()
        visitor.open()
        loaded = {"bytes": visitor.received, "requests": visitor.requests, **visitor.main_thread()}
        if not contestant.asks:
            return loaded
        visitor.page.locator(contestant.choose).first.click()
        visitor.rest()
        return {**loaded, "further": visitor.received - loaded["bytes"]}


def _accept(browser: Browser, port: int, contestant: Contestant) -> Sample:
    with visit(browser, port, contestant) as visitor:
        visitor.watch()
        visitor.slow_down()
        visitor.open()
        heard = visitor.heard
        sample = {"fcp": heard["fcp"][0]}
        if contestant.asks:
            sample |= _appearance(visitor)
            visitor.decide(visitor.page.locator(contestant.accept).first.click)
            sample["inp"] = max(heard.get("interaction", [0]))
        return {**sample, "cls": sum(heard.get("shift", []))}


def _appearance(visitor: Visit) -> Sample:
    """When the first layer was there. What is in the first frame with content has not been waited for.

    Frames are made one after the other, so that one begun before the first was made is the first.
    """
    heard = visitor.heard
    visitor.until("a banner that stands still", lambda: "still" in heard)
    still = heard["still"][0]
    is_first = heard["begun"][0] < heard["made"][0]
    wait = 0 if is_first else max(0, still - heard["fcp"][0])
    return {"shown": still, "wait": wait, "fade": still - heard["appeared"][0]}


def focus_after_keyboard(browser: Browser, port: int, contestant: Contestant) -> str:
    """Where the focus is after acceptance by keyboard: ``body``, or an element."""
    with visit(browser, port, contestant) as visitor:
        visitor.open()
        button = visitor.page.locator(contestant.accept).first
        visitor.decide(lambda: button.press("Enter"))
        return str(visitor.page.evaluate(_FOCUSED))


_FOCUSED: Final = """() => {
  const { localName, id } = document.activeElement ?? document.body;
  return localName + (id && `#${id}`);
}"""


def take_pictures(browser: Browser, port: int, contestant: Contestant, folder: Path) -> None:
    """The first layer, the second, and the page after acceptance: is all set up right?"""
    folder.mkdir(parents=True, exist_ok=True)
    with visit(browser, port, contestant) as visitor:
        visitor.open()
        visitor.page.screenshot(path=folder / f"{contestant.name}-1-asked.png")
        if not contestant.asks:
            return
        visitor.page.locator(contestant.choose).first.click()
        visitor.rest()
        visitor.page.screenshot(path=folder / f"{contestant.name}-2-choosing.png")
    with visit(browser, port, contestant) as visitor:
        visitor.open()
        visitor.decide(visitor.page.locator(contestant.accept).first.click)
        visitor.page.screenshot(path=folder / f"{contestant.name}-3-accepted.png")
