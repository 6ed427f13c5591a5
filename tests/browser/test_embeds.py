"""A film that a template embeds, in Chromium: shown once, always, and told of in every scheme."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.conftest import Serve
from tests.test_embeds import pages

pytestmark = pytest.mark.browser

SHOWN = "www.youtube-nocookie.com/embed/abc?start=7&rel=0"


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture(params=[False, True], ids=["by a template", "by the gate"])
def film(
    request: pytest.FixtureRequest, chromium: Browser, served: Serve, asked: list[str]
) -> Iterator[Page]:
    """The page with the film, in a dark window, where whatever third parties are asked for is noted."""
    port = served(pages(gate_markup=request.param))
    context = chromium.new_context(color_scheme="dark")

    def note(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body="<title>film</title>", content_type="text/html")

    context.route(re.compile(r"^https://"), note)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}/film")
    page.wait_for_function("window.consent")
    yield page
    context.close()


def test_once_is_once(film: Page, asked: list[str]) -> None:
    """The film is shown where it waited, and after a reload it waits again (R56)."""
    assert asked == []
    film.click(".cst-embed__once")
    film.wait_for_selector("main iframe")
    assert asked == [f"https://{SHOWN}"]
    film.reload()
    film.wait_for_function("window.consent")
    assert film.locator(".cst-embed").count() == 1
    assert len(asked) == 1


def test_always_is_from_now_on(film: Page, asked: list[str]) -> None:
    """The film is shown without a reload, and is there at once on the next page (R56)."""
    film.click(".cst-embed button[value=save]")
    film.wait_for_selector("main iframe")
    assert film.locator(".cst-embed").count() == 0
    film.reload()
    film.wait_for_selector("main iframe")
    assert asked == [f"https://{SHOWN}"] * 2


def test_links_are_read_in_the_dark(film: Page) -> None:
    """On a page that knows no dark scheme, the placeholder's link has the colour of its words (R51)."""
    colours = film.evaluate(
        "[...document.querySelectorAll('.cst-embed, .cst-embed a')].map(e => getComputedStyle(e).color)"
    )
    assert len(colours) >= 2
    assert len(set(colours)) == 1
