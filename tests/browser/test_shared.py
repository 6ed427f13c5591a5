"""Pages that are the same for every visitor: the browser asks whom it concerns, with and without scripts."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import httpx2
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import ROOT
from tests.browser.readers import answered
from tests.test_docs import free_port, until_it_answers

pytestmark = pytest.mark.browser

Open = Callable[[], Page]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "tests.cached:app",
        "--port",
        str(port),
        "--log-level",
        "error",
    ]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, "CACHE_MODE": "shared"}) as process:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
            until_it_answers(client)
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture
def reader(chromium: Browser, scripts: bool) -> Iterator[Page]:
    context = chromium.new_context(java_script_enabled=scripts)
    yield context.new_page()
    context.close()


def is_asked(page: Page, url: str) -> bool:
    page.goto(url, wait_until="networkidle")
    return page.get_by_role("button", name="Reject all").is_visible()


def press(page: Page, label: str) -> None:
    with answered(page):
        page.get_by_role("button", name=label, exact=True).first.click()
    page.wait_for_load_state("networkidle")


def names(page: Page) -> set[str]:
    return {str(cookie.get("name")) for cookie in page.context.cookies()}


def test_a_newcomer_is_asked_and_nothing_runs(reader: Page, address: str) -> None:
    """The banner shows, nothing is set and nothing that waits for consent is started (R1, R2, R40)."""
    assert is_asked(reader, f"{address}/article/1?from=here")
    assert names(reader) == set()
    assert reader.title() == ""


@pytest.mark.parametrize(("label", "started"), [("Accept all", True), ("Reject all", False)])
def test_an_answer_counts_on_pages_for_all(
    reader: Page, address: str, scripts: bool, label: str, started: bool
) -> None:
    """One press: nobody is asked again, and only consent starts what was held (R5, R16, R40)."""
    assert is_asked(reader, f"{address}/article/1?from=here")
    press(reader, label)
    assert reader.url == f"{address}/article/1{'?from=here' if scripts else '#cst-saved'}"
    assert not reader.get_by_role("button", name="Reject all").is_visible()
    assert not is_asked(reader, f"{address}/article/2")
    assert names(reader) == {"consent", "consent-known"}
    assert (reader.title() == "counted") is (started and scripts)
    assert reader.get_by_role("link", name="Cookie settings").is_visible()


def test_an_answer_from_before_counts_too(reader: Page, address: str) -> None:
    """Who has only the signed cookie, or one for scripts of an older catalogue, is not asked again (R16)."""
    assert is_asked(reader, f"{address}/article/1")
    press(reader, "Accept all")
    reader.context.clear_cookies(name="consent-known")
    assert not is_asked(reader, f"{address}/article/1")
    reader.context.add_cookies([{"name": "consent-known", "value": "0.analytics.", "url": address}])
    assert not is_asked(reader, f"{address}/article/2")


def test_a_forged_cookie_for_scripts_changes_no_page(reader: Page, address: str) -> None:
    """It only tells the visitor's own browser: the server reads the signed one (R30)."""
    reader.context.add_cookies([{"name": "consent-known", "value": "x.marketing~ads.", "url": address}])
    reader.goto(f"{address}/answer")
    assert "undecided" in reader.content()


@pytest.fixture
def tabs(chromium: Browser) -> Iterator[tuple[Page, Page]]:
    context = chromium.new_context()
    yield context.new_page(), context.new_page()
    context.close()


def test_a_page_from_the_history_knows_of_the_answer(tabs: tuple[Page, Page], address: str) -> None:
    """A tab that comes back after a decision elsewhere does not ask any more (R41)."""
    kept, other = tabs
    assert is_asked(kept, f"{address}/article/1")
    assert is_asked(other, f"{address}/article/2")
    press(other, "Reject all")
    kept.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    kept.wait_for_timeout(300)
    assert not kept.get_by_role("button", name="Reject all").is_visible()


def test_a_page_made_in_advance_starts_nothing(tabs: tuple[Page, Page], address: str) -> None:
    """What was agreed to runs when the reader comes, not while the page waits for them (R41)."""
    page, _ = tabs
    assert is_asked(page, f"{address}/article/1")
    press(page, "Accept all")
    page.add_init_script(
        "window.waits = true; Object.defineProperty(document, 'prerendering', { get: () => window.waits })"
    )
    page.goto(f"{address}/article/2", wait_until="networkidle")
    assert page.title() == ""
    page.evaluate("window.waits = false; document.dispatchEvent(new Event('prerenderingchange'))")
    page.wait_for_function("document.title == 'counted'")
