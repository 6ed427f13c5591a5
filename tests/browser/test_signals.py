"""A browser that objects by itself, on the example paper and on pages that are the same for all."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from consent import ConsentMiddleware
from tests.browser.conftest import Serve
from tests.browser.readers import PAGES, STORY, NewReader
from tests.browser.test_shared import is_asked, press
from tests.sites import Memory, settings

pytestmark = pytest.mark.browser

GPC = {"Sec-GPC": "1"}
SEEN = "Your browser sends the signal “Global Privacy Control (GPC)”, and this site follows it."
OVERRIDE = "If you want to allow it all the same, choose so here."
ADVERTISERS = {"gullwing", "peepbox"}


def test_a_browser_that_objects_is_not_asked_for_advertising(new_reader: NewReader, scripts: bool) -> None:
    """The banner says that the signal is followed, asks for the rest, and nothing is contacted or set (R1, R2, R43)."""
    reader = new_reader(scripts=scripts, headers=GPC)
    reader.opens(*PAGES, "/?utm_campaign=harbour-day")
    banner = reader.page.locator("#cst-ask")
    assert banner.get_by_text(SEEN).is_visible()
    assert banner.get_by_text("Refused because of it: Advertising.").is_visible()
    assert banner.locator(".cst-ask__item b").all_inner_texts() == ["Preferences:", "Analytics:"]
    assert (reader.cookies, reader.contacted, reader.errors) == (set(), set(), [])


def test_accepting_the_rest_lets_no_advertiser_in(new_reader: NewReader, scripts: bool) -> None:
    """What the banner does not ask for stays off, and nobody asks again (R16, R43)."""
    reader = new_reader(scripts=scripts, headers=GPC)
    reader.opens(STORY)
    reader.presses("I accept cookies")
    reader.opens(*PAGES, "/?utm_campaign=harbour-day")
    assert not reader.sees_banner
    assert reader.contacted == ({"northwind"} if scripts else set())
    assert reader.cookies == {"consent", "reader_id"} | ({"_na"} if scripts else set())


def test_an_older_consent_is_overridden_as_soon_as_the_browser_objects(
    new_reader: NewReader, scripts: bool
) -> None:
    """Advertisers are not contacted any more, the paper's own cookie goes, and nobody is asked (R18, R43)."""
    reader = new_reader(scripts=scripts)
    reader.opens(STORY)
    reader.presses("I accept cookies")
    reader.opens("/?utm_campaign=harbour-day", STORY)
    assert reader.contacted >= ADVERTISERS
    reader.page.context.set_extra_http_headers(GPC)
    reader.contacted.clear()
    reader.opens(*PAGES, STORY)
    assert not reader.sees_banner
    assert ADVERTISERS.isdisjoint(reader.contacted)
    assert "campaign" not in reader.cookies
    assert "reader_id" in reader.cookies
    assert reader.errors == []


def test_the_visitor_can_allow_it_all_the_same(new_reader: NewReader, scripts: bool) -> None:
    """From the sentence to the switch and back: the choice counts against the signal, also later (R43)."""
    reader = new_reader(scripts=scripts, headers=GPC)
    reader.opens(STORY)
    reader.page.get_by_role("link", name=OVERRIDE).click()
    layer = reader.page.get_by_role("dialog") if scripts else reader.page
    layer.get_by_text(SEEN).wait_for()
    layer.locator('input[value="marketing"]').check()
    reader.presses("Save selection")
    reader.opens("/?utm_campaign=harbour-day", STORY)
    assert reader.contacted == ADVERTISERS
    assert "campaign" in reader.cookies
    assert not reader.sees_banner
    reader.opens("/cookies")
    assert not reader.page.get_by_text(SEEN).count()
    reader.presses(
        "Reject all" if reader.page.get_by_role("button", name="Reject all").count() else "I reject cookies"
    )
    reader.contacted.clear()
    reader.opens(*PAGES)
    assert reader.contacted == set()


# --- pages that are the same for all --------------------------------------------------------------

HELD = "".join(
    f'<script type="text/plain" data-consent="{name}">(window.ran ??= []).push("{name}")</script>'
    for name in ("analytics", "marketing")
)


@pytest.fixture
def shared(served: Serve) -> str:
    async def page(request: Request) -> Response:
        return HTMLResponse(
            f"<!doctype html><html lang=en><title>x</title><body><p>x</p>{HELD}</body></html>"
        )

    app = Starlette(routes=[Route("/", page)])
    site = settings(cache="shared", signals=["gpc", "dnt"])
    return f"http://127.0.0.1:{served(ConsentMiddleware(app, site, Memory()))}/"


@pytest.fixture
def profile(chromium: Browser, scripts: bool) -> Iterator[BrowserContext]:
    context = chromium.new_context(java_script_enabled=scripts)
    yield context
    context.close()


def objects(context: BrowserContext) -> None:
    """From now on the browser objects, in headers and to scripts."""
    context.set_extra_http_headers(GPC)
    context.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { value: true })"
    )


def ran(page: Page, url: str) -> Any:
    page.goto(url, wait_until="networkidle")
    page.wait_for_timeout(200)
    return page.evaluate("window.ran ?? []")


def test_shared_pages_follow_the_signal(profile: BrowserContext, shared: str) -> None:
    """The same bytes, and yet the reader who objects is asked for the rest, and told why (R36, R40, R43)."""
    page = profile.new_page()
    assert is_asked(page, shared)
    assert page.locator(".cst-ask__item:visible").count() == 3
    assert not page.get_by_text(SEEN).is_visible()
    objects(profile)
    assert is_asked(page, shared)
    assert page.locator(".cst-ask__item:visible").count() == 2
    assert page.get_by_text(SEEN).is_visible()
    press(page, "Accept all")
    assert not is_asked(page, shared)


def test_scripts_on_shared_pages_start_what_the_signal_allows(chromium: Browser, shared: str) -> None:
    """An older grant starts nothing under the signal, an override does, and it needs no word of the server (R43)."""
    context = chromium.new_context()
    page = context.new_page()
    is_asked(page, shared)
    press(page, "Accept all")
    assert ran(page, shared) == ["analytics", "marketing"]
    objects(context)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    assert ran(page, shared) == ["analytics"]
    assert [url for url in asked if url.endswith("/state")] == []
    assert page.evaluate("consent.get().denied.includes('marketing')")
    page.evaluate("consent.save(['preferences', 'analytics', 'marketing'])")
    page.locator("#cst-saved").get_by_text("Close").wait_for()
    assert ran(page, shared) == ["analytics", "marketing"]
    context.close()
