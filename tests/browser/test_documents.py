"""The documentation's own site in a browser."""

import mimetypes
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Route

from tests.documents.building import build_site
from tests.test_docs import ROOT

pytestmark = pytest.mark.browser


def test_the_documentation_keeps_to_what_it_asks_of_others(chromium: Browser, tmp_path: Path) -> None:
    """Whoever reads, searches and prefers the dark leaves no trace, here or elsewhere; axe is content (R1, R2, R51)."""
    documents = tmp_path / "docs"
    (documents / "_site").mkdir(parents=True)
    for file in (ROOT / "docs" / "_site").iterdir():
        (documents / "_site" / file.name).write_bytes(file.read_bytes())
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n")
    (documents / "index.md").write_text("# Home\n\n[next](next.md)\n")
    (documents / "next.md").write_text("# Next\n\nA lighthouse.\n\n```python\nx = 1  # one\n```\n")
    for folder in ("explanation", "reference"):
        (documents / folder).mkdir()
        (documents / folder / "index.md").write_text(f"# {folder.title()}\n")
    made = build_site(tmp_path / "site", documents)
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        path = made / route.request.url.partition("docs.site.test/")[2].partition("?")[0]
        kind = mimetypes.guess_type(path.name)[0] or "text/plain"
        route.fulfill(path=path, content_type=kind) if path.is_file() else route.abort()

    context = chromium.new_context(color_scheme="dark")
    context.route("**/*", answer)
    page = context.new_page()
    page.goto("http://docs.site.test/index.html")
    page.get_by_role("link", name="next", exact=True).click()
    page.wait_for_url("**/next.html", wait_until="load")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 27, 33)"
    faults = Axe().run(page).response["violations"]
    assert {fault["id"] for fault in faults} <= {"landmark-unique"}  # each button that copies stands in one
    search = page.get_by_role("textbox", name="Search")
    search.focus()
    page.get_by_text("Type to start searching").wait_for(state="attached")
    search.press_sequentially("lighthouse")
    page.locator(".md-search-result__item").first.wait_for()
    assert [url for url in asked if not url.startswith("http://docs.site.test/")] == []
    assert context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("indexedDB.databases().then(found => found.length)") == 0
    context.close()
