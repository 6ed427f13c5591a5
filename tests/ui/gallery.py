"""The gallery on a server of its own, and one window in which its specimens are looked at."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from threading import Thread
from typing import Any, Final

import uvicorn
from playwright.sync_api import Page
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route

from examples.news.app import create_app
from tests.chromium import without_chromium
from tests.ui.conftest import Window

AXE: Final = (files("axe_playwright_python") / "axe.min.js").read_bytes()
TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

Size = tuple[int, int]
Scheme = tuple[str, str]

ZOOMED: Final[Size] = (320, 256)
PHONE: Final[Size] = (375, 667)
DESKTOP: Final[Size] = (1280, 900)
SIZES: Final = (ZOOMED, PHONE, DESKTOP)

LIGHT: Final[Scheme] = ("light", "none")
DARK: Final[Scheme] = ("dark", "none")
FORCED: Final[Scheme] = ("light", "active")
SCHEMES: Final = (LIGHT, DARK, FORCED)

# WCAG 2.2, 1.4.12
SPACING: Final = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-block-end: 2em !important }"""

_FIND_VIOLATIONS: Final = """([context, values]) =>
  axe.run(context, {runOnly: {type: "tag", values}, resultTypes: ["violations"], preload: false})
    .then(({violations}) => violations.flatMap(({id, nodes}) => nodes.map(({html}) => `${id}: ${html}`)))"""

_FIND_CUT: Final = """() => {
  const hidden = ".cst-table__head, svg, script, style";
  const named = (element) => `${element.tagName.toLowerCase()}.${element.className}`;
  const text = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return [...range.getClientRects()];
  };
  const ours = [...document.querySelectorAll("[id^=cst-], [class*=cst-]")]
    .filter((element) => !element.closest(hidden) && element.checkVisibility());
  const wide = ours.filter((element) => element.clientWidth && element.scrollWidth > element.clientWidth + 1
    && getComputedStyle(element).display != "inline");
  const clipped = ours.filter((element) => element.scrollHeight > element.clientHeight + 1
    && /hidden|clip/.test(getComputedStyle(element).overflowY));
  const outside = [...document.body.querySelectorAll("*")].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType == Node.TEXT_NODE && node.data.trim())
    && !element.closest(hidden) && element.checkVisibility()
    && text(element).some(({left, right}) => left < -1 || right > innerWidth + 1));
  const unreachable = ours.filter((element) => getComputedStyle(element).position == "fixed")
    .flatMap((element) => [...element.querySelectorAll("a, button, input, summary, p, li, h2, h3, b")])
    .filter((element) => element.checkVisibility() && text(element).length && !reached(element));
  function reached(element) {
    const pressed = element.matches("a, button, input");
    element.scrollIntoView({block: pressed ? "nearest" : "start"});
    const {left, top, height} = pressed ? element.getBoundingClientRect() : text(element)[0];
    const seen = document.elementFromPoint(Math.min(Math.max(left + 2, 1), innerWidth - 2), top + Math.min(height / 2, 8));
    return seen && (element.contains(seen) || seen.contains(element));
  }
  const found = Object.entries({wide, clipped, outside, unreachable})
    .flatMap(([kind, elements]) => elements.map((element) => `${kind}: ${named(element)}`));
  return document.documentElement.scrollWidth > innerWidth ? [...found, "the page scrolls sideways"] : found;
}"""


def violations(page: Page, context: str = "html") -> list[str]:
    """What axe finds in a part of the page: WCAG 2.2 AA and best practices."""
    if page.evaluate("!window.axe"):
        page.add_script_tag(url="/axe.js")
    return list(page.evaluate(_FIND_VIOLATIONS, [context, TAGS]))


def cut_off(page: Page) -> list[str]:
    """What is wider than its place, clipped, outside the window, or not to be scrolled to."""
    return list(page.evaluate(_FIND_CUT))


def looked_at(page: Page, size: Size, scheme: Scheme = LIGHT) -> Page:
    """The page in a window of this size, for a visitor of this taste."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme[0], forced_colors=scheme[1])  # type: ignore[arg-type]
    return page


@contextmanager
def gallery(instance: Path) -> Iterator[Callable[..., Any]]:
    """Opens local addresses of the paper in one window, and gives what the work done there gives."""
    paper = create_app(instance=instance, third_parties="http://localhost:9", environ={})
    axe = Route(
        "/axe.js",
        lambda _: Response(AXE, media_type="text/javascript", headers={"cache-control": "max-age=600"}),
    )
    with _served(Starlette(routes=[axe, Mount("/", paper)])) as site, ThreadPoolExecutor(1) as thread:
        window = thread.submit(Window).result()
        try:
            page = thread.submit(window.page).result() or without_chromium()

            def visit(address: str, work: Callable[[Page], Any]) -> Any:
                page.goto(site + address)
                return work(page)

            yield lambda *args: thread.submit(visit, *args).result()
        finally:
            thread.submit(window.close).result()


@contextmanager
def _served(app: Starlette) -> Iterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
