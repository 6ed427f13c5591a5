"""The report in a real browser: without scripts, light and dark, on a telephone and on a desk."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.cli.evidence import Site, consent
from tests.ui.conftest import Shown

pytestmark = pytest.mark.browser

PHONE = {"width": 320, "height": 568}
DESKTOP = {"width": 1280, "height": 900}

LOOKED_AT = """() => {
  const inside = (rect) => rect.left >= -1 && rect.right <= innerWidth + 1;
  const boxes = (selector) => [...document.querySelectorAll(selector)].map((found) => found.getBoundingClientRect());
  const fill = (selector) => getComputedStyle(document.querySelector(selector)).fill;
  const texts = [...document.querySelectorAll("svg[role=img] > text")].map((text) => text.getBoundingClientRect());
  const overlap = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return {
    sideways: document.documentElement.scrollWidth > innerWidth,
    charts: boxes("svg[role=img]").filter((rect) => rect.width > 200 && rect.height > 50 && inside(rect)).length,
    bars: boxes(".bars rect").every((rect) => rect.width > 0 && inside(rect)),
    outside: texts.filter((rect) => !inside(rect)).length,
    overlapping: texts.filter((one, index) => texts.slice(index + 1).some((other) => overlap(one, other))).length,
    ground: getComputedStyle(document.body).backgroundColor,
    accept: fill(".accept"),
    reject: fill(".reject"),
  };
}"""


@pytest.fixture
def report(folder: Path) -> str:
    """Two months of a site that has long names."""
    made = Site(folder / "records.sqlite3")
    for day in range(60):
        for action, many in (("accept", 5), ("reject", 3 + day % 4), ("withdraw", day % 3 == 0)):
            for number in range(int(many)):
                made.visitor(("en", "de", "pt")[number % 3]).decides(action, day=day, method="dialog")
        made.visitor().decides("save", "preferences", day=day, method="view")
    made.keep()
    found = consent("records", "stats", "--records", made.path, "--html", "report.html")
    assert found.exit_code == 0
    return (folder / "report.html").read_text()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts on", "scripts off"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_is_readable(
    show: Shown, report: str, scheme: str, viewport: dict[str, int], scripts: bool
) -> None:
    """With and without scripts every chart is drawn, no text leaves the window or covers another, and axe finds
    nothing (R51).
    """

    def look(page: Page) -> dict[str, Any]:
        found: dict[str, Any] = page.evaluate(LOOKED_AT)
        # axe is a script itself
        violations = Axe().run(page).response["violations"] if scripts else []
        found["axe"] = [f"{one['id']}: {node['html']}" for one in violations for node in one["nodes"]]
        return found

    found = show({"/": report}, look, viewport=viewport, color_scheme=scheme, java_script_enabled=scripts)
    assert found == {
        "sideways": False,
        "charts": 4,
        "bars": True,
        "outside": 0,
        "overlapping": 0,
        "ground": "rgb(244, 245, 247)" if scheme == "light" else "rgb(18, 21, 26)",
        "accept": "rgb(27, 102, 184)" if scheme == "light" else "rgb(108, 176, 245)",
        "reject": 'url("#reject")',
        "axe": [],
    }
