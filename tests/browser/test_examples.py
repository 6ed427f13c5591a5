"""The small examples in a real browser, each with the library that it is for."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from examples.fastapi.app import create_app as create_fastapi
from examples.htmx.app import create_app as create_htmx
from examples.spa.app import create_app as create_spa
from examples.turbo.app import create_app as create_turbo
from examples.turbo.app import turbo_file
from tests.browser.conftest import ROOT, Serve, _free_ports, _wait_for

pytestmark = pytest.mark.browser


def asked(page: Page) -> Any:
    return page.locator("#cst-ask")


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).click()


@pytest.fixture
def django(tmp_path: Path) -> Iterator[str]:
    """In a process of its own, because Django is set up once in each."""
    port = _free_ports()
    environ = {**os.environ, "PORT": str(port), "DJANGO_INSTANCE": str(tmp_path)}
    environ.pop("DJANGO_SETTINGS_MODULE", None)
    with subprocess.Popen([sys.executable, "-m", "examples.django"], cwd=ROOT, env=environ) as process:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, process)
        yield address
        process.terminate()


def test_the_django_example(page: Page, django: str) -> None:
    """Refused, the reading list works and nobody is counted; accepted, the cookie leaves the server (R1)."""
    page.goto(f"{django}/ferry")
    press(page, "Reject all")
    expect(asked(page)).to_have_count(0)
    press(page, "Keep for later")
    expect(page.get_by_role("status").first).to_have_text("Kept for later: The last ferry leaves at nine.")
    assert {cookie["name"] for cookie in page.context.cookies()} <= {"consent", "csrftoken", "sessionid"}
    page.goto(f"{django}/cookies")
    page.get_by_role("switch", name="Analytics").check()
    page.get_by_role("button", name="Save").click()
    page.goto(f"{django}/bridge")
    expect(page.get_by_text("This visit is counted.")).to_be_visible()
    assert "read_articles" in {cookie["name"] for cookie in page.context.cookies()}


def test_the_site_of_every_framework(page: Page, served: Serve) -> None:
    """Its third party is asked for nothing until the visitor agrees, and then at once (R2)."""
    asked_for: list[str] = []
    page.route("https://gullwing.example/**", lambda route: route.fulfill(body="window.advert = true"))
    page.on("request", lambda request: asked_for.append(request.url))
    page.goto(f"http://127.0.0.1:{served(create_fastapi())}/")
    page.wait_for_function("window.consent")
    assert not any("gullwing" in url for url in asked_for)
    press(page, "Accept all")
    page.wait_for_function("window.advert")
    page.reload()
    page.get_by_text("Visit number 1.").wait_for()


def test_the_htmx_example(page: Page, served: Serve) -> None:
    """The banner outlives a boosted page, a part's script waits, and a part follows the answer (R8, R33)."""
    page.goto(f"http://127.0.0.1:{served(create_htmx())}/")
    page.evaluate("window.same = true")
    page.get_by_role("link", name="Tides").click()
    page.get_by_role("heading", name="Tides").wait_for()
    expect(asked(page)).to_have_count(1)
    press(page, "Show more")
    page.get_by_text("Wind from the west").wait_for()
    assert page.evaluate("sessionStorage.opened") is None
    press(page, "Accept all")
    page.get_by_text("A tip for you").wait_for()
    page.wait_for_function("sessionStorage.opened == 1")
    page.go_back()
    page.get_by_role("heading", name="Weather").wait_for()
    expect(asked(page)).to_have_count(0)
    page.get_by_text("A tip for you").wait_for()
    assert page.evaluate("window.same")


def test_htmx_does_not_decide_a_second_time(page: Page, served: Serve) -> None:
    """The form of the banner is sent once, by our script, though htmx boosts all forms of the page."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.goto(f"http://127.0.0.1:{served(create_htmx())}/")
    page.wait_for_function("window.consent")
    press(page, "Reject all")
    expect(asked(page)).to_have_count(0)
    assert sent.count("POST") == 1


def test_the_turbo_example(page: Page, served: Serve) -> None:
    """The banner outlives a page of Turbo Drive and answers there, and a frame follows the answer (R8, R33)."""
    if not turbo_file().exists():
        pytest.skip("Turbo is not there: npm install @hotwired/turbo, and name its folder in NODE_ROOT")
    page.goto(f"http://127.0.0.1:{served(create_turbo())}/")
    page.evaluate("window.same = true")
    page.get_by_text("The tip of the day").wait_for()
    page.get_by_role("link", name="Tides").click()
    page.get_by_role("heading", name="Tides").wait_for()
    expect(asked(page)).to_have_count(1)
    assert page.evaluate("sessionStorage.opened") is None
    press(page, "Accept all")
    page.get_by_text("A tip for you").wait_for()
    page.wait_for_function("sessionStorage.opened == 1")
    expect(asked(page)).to_have_count(0)
    page.get_by_role("link", name="Weather").click()
    page.wait_for_function("sessionStorage.opened == 2")
    page.go_back()
    page.get_by_role("heading", name="Tides").wait_for()
    expect(asked(page)).to_have_count(0)
    page.get_by_text("A tip for you").wait_for()
    assert page.evaluate("window.same")


@pytest.mark.parametrize("blocked", [False, True], ids=["with our script", "without our script"])
def test_the_single_page_example(page: Page, served: Serve, blocked: bool) -> None:
    """Its own view reads and saves the choice, and the open view follows, over HTTP too (R33)."""
    if blocked:
        page.route("**/consent/assets/consent.*.js", lambda route: route.abort())
    page.goto(f"http://127.0.0.1:{served(create_spa())}/")
    page.get_by_text("Your unit is not remembered.").wait_for()
    press(page, "Show ft")
    page.get_by_text("3.6 ft").wait_for()
    assert page.context.cookies() == []
    page.get_by_role("link", name="Privacy").click()
    page.get_by_label("Remember my unit").check()
    press(page, "Save my choice")
    page.wait_for_function(
        "fetch('/consent/state').then((a) => a.json()).then((s) => s.granted.includes('units'))"
    )
    page.get_by_role("link", name="Tides").click()
    page.get_by_text("Your unit is remembered.").wait_for()
    assert {cookie["name"] for cookie in page.context.cookies()} == {"consent", "unit"}
    assert page.evaluate("sessionStorage.views") is None
