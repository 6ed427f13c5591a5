"""The pages: what they promise is proved by tests that are there, and their code is code."""

import ast
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.test_docs import HOW_TO, ROOT, blocks
from tests.test_docs import PAGES as DOCUMENTS

LAW = (ROOT / "docs" / "explanation" / "what-the-law-asks.md").read_text()
SECURITY = (ROOT / "docs" / "security.md").read_text()
OTHERS = [str(page.relative_to(ROOT)) for page in DOCUMENTS if str(page.relative_to(ROOT)) not in HOW_TO]
ELSEWHERE = {"docs/reference/api.md", "docs/index.md", "docs/tutorial.md", "README.md"}
"""Signatures, and files that other tests run as a whole."""


def test_every_rule_stands_once_and_is_proved() -> None:
    """R1 to R58, each in one row, and each named by a test."""
    rules = re.findall(r"^\| (R\d+) \|", LAW, re.MULTILINE)
    assert rules == [f"R{number}" for number in range(1, 59)]
    named = "".join(
        path.read_text() for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__)
    )
    assert [rule for rule in rules if not re.search(rf"\b{rule}\b", named)] == []
    assert "**It is not legal advice.**" in LAW


def test_every_defence_names_its_test() -> None:
    """Each row of the security page names tests, and every one of them is there."""
    table = SECURITY.partition("| against |")[2].partition("\n\n")[0]
    rows = [line for line in table.splitlines()[2:] if line.startswith("|")]
    assert len(rows) >= 20
    for row in rows:
        named = re.findall(r"`([\w/]+\.py)::(\w+)`", row.rsplit("|", 2)[1])
        assert named, row
        for file, name in named:
            assert f"def {name}(" in (ROOT / "tests" / file).read_text(), (file, name)


@pytest.mark.parametrize("page", [page for page in OTHERS if page not in ELSEWHERE])
def test_python_of_the_other_pages_is_python(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What imports what it needs runs; the rest is at least Python."""
    monkeypatch.chdir(tmp_path)
    for block in blocks(page, "python"):
        code = compile(block, page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        if block.startswith(("from ", "import ")):
            with ThreadPoolExecutor(1) as thread:  # a browser's loop may be running in this one
                thread.submit(exec, code, {"__name__": "page"}).result()


def test_links_into_a_page_find_their_heading() -> None:
    """On a host that shows the source: each `#anchor` of a link is a heading of the page it names."""
    for page in DOCUMENTS:
        text = page.read_text()
        for file, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", text):
            target = (page.parent / file) if file else page
            assert anchor in anchors(target.read_text()), (page.name, file, anchor)


def anchors(text: str) -> set[str]:
    """The names that hosts give to headings."""
    headings = re.findall(
        r"^#{1,4} (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE
    )
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-") for heading in plain}
