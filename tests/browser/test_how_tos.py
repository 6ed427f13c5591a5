"""What the how-to pages print, in a real browser: it waits for consent, runs, and looks as they say."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route as Address

from consent import Category, ConsentMiddleware
from tests.browser.conftest import Serve
from tests.sites import Memory, categories, service, settings
from tests.test_docs import HOW_TO, blocks, printed

pytestmark = pytest.mark.browser


def media() -> tuple[Category, ...]:
    films = service("films", hosts=["films.example"])
    return (*categories(), Category(id="media", name="Media", purpose="Shows media.", services=[films]))


Opens = Callable[..., Page]


@pytest.fixture
def opens(chromium: Browser, served: Serve) -> Iterator[Opens]:
    """Opens a page with a block in it, where whatever third parties are asked for is noted."""
    context = chromium.new_context()

    def open_page(block: str, asked: list[str]) -> Page:
        async def page(request: Request) -> HTMLResponse:
            head = "<!doctype html><html lang=en><title>x</title><h1>x</h1>"
            return HTMLResponse(f"{head}<main>{block}</main>")

        def note(route: Route) -> None:
            asked.append(route.request.url)
            route.fulfill(body="", content_type="text/html")

        gated = "data-consent" not in block
        site = settings(categories=media(), gate_markup=gated)
        port = served(
            ConsentMiddleware(Starlette(routes=[Address("/", page)]), settings=site, records=Memory())
        )
        context.route(re.compile(r"^https://"), note)
        opened = context.new_page()
        opened.goto(f"http://127.0.0.1:{port}/")
        opened.wait_for_function("window.consent")
        return opened

    yield open_page
    context.close()


@pytest.mark.parametrize(
    "block", [block for block in printed("html") if re.search("data-consent|<iframe", str(block.values[0]))]
)
def test_html_of_the_how_tos_waits_for_consent(block: str, opens: Opens) -> None:
    """No third party is asked before consent, and all of them are afterwards, without a reload."""
    asked: list[str] = []
    page = opens(block, asked)
    page.wait_for_timeout(300)
    assert asked == []
    page.evaluate("consent.save(['analytics', 'marketing', 'media'])")
    page.locator("#cst-saved").get_by_text("Close").wait_for()
    page.wait_for_timeout(300)
    assert set(asked) == set(re.findall(r'src="(https:[^"]+)"', block))
    assert page.evaluate("window.counted ?? false") == ("window.counted" in block)
    assert page.locator(".film-waits:visible").count() == 0


def test_the_button_of_the_how_to_allows_one_service(opens: Opens) -> None:
    """What is written by hand grants the films and leaves the rest undecided."""
    [block] = [block for block in blocks("docs/how-to/embed-a-video.md", "html") if "<form" in block]
    page = opens(block, [])
    assert page.locator(".film-waits").is_visible()
    with page.expect_navigation():
        page.get_by_role("button", name="Always allow Filmhouse").click()
    page.wait_for_function("window.consent")
    assert page.evaluate("consent.allows('films')")
    assert {"analytics", "marketing", "media"} <= set(page.evaluate("consent.get().undecided"))
    assert page.locator("iframe").is_visible()


def test_scripts_of_the_how_tos_run(opens: Opens) -> None:
    """Every one of them runs as a module and without an error."""
    page = opens("", [])
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    code = [script for name in HOW_TO for script in blocks(name, "js")]
    assert len(code) >= 4
    for number, script in enumerate(code):
        page.add_script_tag(content=f"{script}\nwindow.done = {number}", type="module")
        page.wait_for_function(f"window.done === {number}")
        page.wait_for_function("!document.querySelector('[aria-busy]')")
    assert page.evaluate("[window.counting, document.title, window.asked]") == [True, "x", False]
    assert errors == []


def test_the_theme_of_the_how_to_wins(opens: Opens) -> None:
    """Wherever a site's stylesheet stands, its custom properties are the ones that count."""
    [css] = blocks("docs/how-to/theme-it.md", "css")
    page = opens(f"<style>{css}</style>", [])
    page.evaluate("document.head.append(document.querySelector('main style'))")
    button = "getComputedStyle(document.querySelector('#cst-ask [value=accept]')).backgroundColor"
    assert page.evaluate(button) == "rgb(20, 83, 45)"
