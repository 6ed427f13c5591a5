"""Withdrawal in a real browser: cookies go wherever on the site they were set."""

from random import Random
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from consent import Category, ConsentMiddleware, Storage
from tests.browser.conftest import Serve
from tests.browser.readers import answered
from tests.sites import NOW, Memory, cookie, service, settings

pytestmark = pytest.mark.browser

HOST = "news.site.test"
STORY = "/news/story"
SHOWN: list[list[str]] = []

PLACES = [
    {"domain": HOST, "path": "/"},
    {"domain": HOST, "path": "/news"},
    {"domain": f".{HOST}", "path": "/"},
    {"domain": ".site.test", "path": "/"},
    {"domain": ".site.test", "path": "/news"},
]


async def story(request: Request) -> Response:
    SHOWN.append(sorted(request.cookies))
    return HTMLResponse("<!doctype html><html lang=en><title>News</title><body><p>A story")


def site() -> ConsentMiddleware:
    """A site whose cookie is declared for the parent domain; its clock is as uneven as that of real visits."""
    counter = service("counter", cookie("_ga", domain="site.test"), "_hm")
    given = settings(categories=[Category(id="analytics", services=[counter])])
    moments = Random(5)
    app = Starlette(routes=[Route(STORY, story), Route("/", story)])
    return ConsentMiddleware(app, given, Memory(), clock=lambda: NOW + moments.random())


def held(page: Page) -> list[tuple[Any, Any, Any]]:
    cookies = page.context.cookies()
    return sorted(
        (cookie.get("name"), cookie.get("domain"), cookie.get("path"))
        for cookie in cookies
        if cookie.get("name") != "consent"
    )


@pytest.mark.parametrize("http_only", [True, False], ids=["HttpOnly", "for scripts"])
@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place['domain']}{place['path']}")
def test_a_refused_cookie_goes_wherever_it_was_set(
    chromium: Browser, served: Serve, place: dict[str, str], http_only: bool
) -> None:
    """On the host or its parent, for all paths or for some: after a few pages it is gone (R18, R19)."""
    context = chromium.new_context()
    page = context.new_page()
    address = f"http://{HOST}:{served(site())}"
    page.goto(address + STORY, wait_until="networkidle")  # nothing under way that would delete at once
    context.add_cookies([{"name": "_ga", "value": "1", "httpOnly": http_only, **place}])  # type: ignore[typeddict-item]
    assert held(page)
    with answered(page):
        page.get_by_role("button", name="Reject all").click()
    SHOWN.clear()
    visit_until_gone(page, address)
    assert held(page) == []
    assert [names for names in SHOWN if "_ga" in names] == []
    context.close()


def visit_until_gone(page: Page, address: str) -> None:
    """Read on, for as long as it takes and no longer than any reader would."""
    for _ in range(300):
        page.goto(address + STORY)
        if not held(page):
            return


def test_several_of_one_name_all_go(chromium: Browser, served: Serve) -> None:
    """The same name in five places needs a few pages more, and never two headers of it at once (R19)."""
    context = chromium.new_context()
    page = context.new_page()
    twice: list[int] = []
    page.on("response", lambda answer: twice.append(_times_set(answer, "_ga")))
    address = f"http://{HOST}:{served(site())}"
    page.goto(address + STORY, wait_until="networkidle")  # nothing under way that would delete at once
    context.add_cookies([{"name": "_ga", "value": "1", **place} for place in PLACES])  # type: ignore[typeddict-item]
    assert len(held(page)) == len(PLACES)
    with answered(page):
        page.get_by_role("button", name="Reject all").click()
    visit_until_gone(page, address)
    assert held(page) == []
    assert max(twice) == 1
    context.close()


def _times_set(answer: Any, name: str) -> int:
    values = answer.headers_array()
    return sum(
        item["name"].lower() == "set-cookie" and item["value"].startswith(f"{name}=") for item in values
    )


LEFT = """async () => {
  document.cookie = "_hm=1; path=/";
  document.cookie = "_hm=1; path=/news";
  document.cookie = "_hm=1; path=/; domain=site.test";
  document.cookie = "theirs=1; path=/";
  document.cookie = "uid=1; path=/";
  document.cookie = "sid=1; path=/";
  for (const storage of [localStorage, sessionStorage]) {
    storage.setItem("_seen_1", "x");
    storage.setItem("theirs", "x");
  }
  await new Promise((done) => { indexedDB.open("_db").onsuccess = ({ target }) => { target.result.close(); done(); }; });
}"""
STILL = """async () => [
  document.cookie.split("; ").filter(Boolean).sort().join(" "),
  Object.keys(localStorage).sort().join(" "),
  Object.keys(sessionStorage).sort().join(" "),
  (await indexedDB.databases()).map(({ name }) => name).join(" "),
]"""


def storing_site() -> ConsentMiddleware:
    storage = [
        Storage(name="_seen_*", kind="local", purpose="Remembers."),
        Storage(name="_seen_*", kind="session", purpose="Remembers."),
        Storage(name="_db", kind="indexeddb", purpose="Remembers."),
    ]
    elsewhere = [cookie("uid", domain="ads.example"), cookie("s*", domain="ads.example")]
    here = cookie("sid", domain="site.test")
    counter = service("counter", "_hm", *elsewhere, here, storage=storage)
    other = service("other", "theirs", storage=[Storage(name="theirs", kind="local", purpose="Remembers.")])
    groups = [Category(id="analytics", services=[counter]), Category(id="preferences", services=[other])]
    app = Starlette(routes=[Route(STORY, story)])
    return ConsentMiddleware(app, settings(categories=groups, undeclared="allow"), Memory())


def test_what_scripts_left_is_deleted_by_the_script(chromium: Browser, served: Serve) -> None:
    """Cookies on any path, storage keys and databases of what is not granted go; the rest stays, and what another site calls so (R18, R19)."""
    context = chromium.new_context()
    page = context.new_page()
    address = f"http://{HOST}:{served(storing_site())}"
    page.goto(address + STORY)
    page.get_by_role("button", name="Choose").click()
    page.locator('input[value="preferences"]').check()
    page.get_by_role("button", name="Save selection").click()
    page.goto(address + STORY)
    page.evaluate(LEFT)
    page.goto(address + STORY)
    page.wait_for_timeout(500)
    assert page.evaluate(STILL) == ["theirs=1 uid=1", "theirs", "theirs", ""]
    context.close()
