"""A real Chromium in a thread of its own: it shares no event loop with other tests that drive one."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Page, Route, sync_playwright

from consent.ui.assets import Assets
from tests.chromium import FLAGS, chromium_path, without_chromium

SITE = "http://site.example"
ASSETS = Assets()

Shown = Callable[..., Any]


class Window:
    """Shows pages that exist only in a test."""

    def __init__(self) -> None:
        self._playwright = sync_playwright().start()
        path = chromium_path()
        self.browser = path and self._playwright.chromium.launch(executable_path=path, args=FLAGS)

    def show(
        self,
        pages: dict[str, str],
        work: Callable[[Page], Any],
        headers: dict[str, str] | None = None,
        **context: Any,
    ) -> Any:
        """Open ``/`` of a site made of ``pages`` and give what ``work`` makes of it."""
        if not self.browser:
            return None
        with self.browser.new_context(**context) as opened:
            opened.route("**/*", lambda route: _serve(route, pages, headers or {}))
            page = opened.new_page()
            page.goto(SITE + next(iter(pages)))
            return work(page)

    def page(self) -> Page | None:
        """An empty page that no policy of a site forbids to be looked at; ``None`` without a browser."""
        return self.browser.new_page(bypass_csp=True) if self.browser else None

    def close(self) -> None:
        """End the browser."""
        if self.browser:
            self.browser.close()
        self._playwright.stop()


def _serve(route: Route, pages: dict[str, str], headers: dict[str, str]) -> None:
    path = route.request.url.removeprefix(SITE)
    asset = ASSETS.get(path.rpartition("/")[2])
    if asset is not None:
        route.fulfill(body=asset.content, content_type=asset.media_type)
    elif path in pages:
        kind = "text/javascript" if path.endswith(".js") else "text/html; charset=utf-8"
        route.fulfill(body=pages[path], headers={"content-type": kind, **headers})
    else:
        route.fulfill(status=404, body="")


@pytest.fixture(scope="module")
def show() -> Iterator[Shown]:
    """Shows pages in a window and gives what the work done there gives."""
    with ThreadPoolExecutor(1) as thread:
        window = thread.submit(Window).result()
        if not window.browser:
            thread.submit(window.close).result()
            without_chromium()
        yield lambda *args, **values: thread.submit(window.show, *args, **values).result()
        thread.submit(window.close).result()
