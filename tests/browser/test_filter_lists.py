"""Filter lists that hide consent banners know the words that these are usually called by: ours has others."""

import re
from importlib.resources import files

import pytest
from overlay_css import get_selectors
from playwright.sync_api import Page
from playwright_cookie_blocker.rules_data import commons

from tests.browser.conftest import Serve
from tests.browser.reading import reading_site

pytestmark = pytest.mark.browser

HIDING = re.compile(r"([^{}]+)\{[^}]*\}")

FIND = """(selectors) => {
  const ours = [...document.querySelectorAll("[id^=cst-], [class^=cst-], [class*=' cst-']")];
  const found = selectors.filter((selector) => { try { return ours.some((part) => part.matches(selector)); } catch { return false; } });
  return [ours.length, found];
}"""


def listed() -> list[str]:
    """The selectors of three lists that hold for every site."""
    sheet = files("playwright_cookie_blocker") / "data" / "css" / "common.css"
    rules = [sheet.read_text("utf-8"), *commons.values()]
    selectors = [part for rule in rules for part in HIDING.findall(rule)]
    return [*selectors, *(selector for group in get_selectors().values() for selector in group)]


@pytest.mark.parametrize("layout", ["bar", "box", "inline", "modal"])
def test_no_list_matches_our_elements(page: Page, served: Serve, layout: str) -> None:
    """No selector of theirs matches an element of ours: banner, dialog, confirmation and control (R52)."""
    selectors = listed()
    assert len(selectors) > 200
    page.goto(f"http://127.0.0.1:{served(reading_site(layout=layout))}/")
    page.wait_for_function("window.consent")
    asked = page.evaluate(FIND, selectors)
    page.locator("#cst-ask [formmethod=get]").click()
    page.locator("#cst-dialog[open]").wait_for()
    chosen = page.evaluate(FIND, selectors)
    page.locator("#cst-dialog button[value=reject]").click()
    page.locator("#cst-saved").get_by_text("Close").wait_for()
    told = page.evaluate(FIND, selectors)
    assert asked[0] > 10
    assert chosen[0] > 60
    assert (asked[1], chosen[1], told[1]) == ([], [], [])
