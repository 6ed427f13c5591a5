"""The site that is made of the documents: whole, strict, and without anybody else's help."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import pytest

from scripts.site_hooks import CHANGELOG, navigation
from tests.documents.building import build_site
from tests.test_docs import ROOT

FETCHES = re.compile(
    r"<(?:script|img|iframe|source|video|audio|object|embed|use)\b[^>]*?\s(?:src|data|href|srcset)=[\"']?([^\"'\s>]+)"
    r"|<link\b(?![^>]*rel=[\"']?(?:canonical|next|prev|alternate))[^>]*?\shref=[\"']?([^\"'\s>]+)"
)
"""What a page makes a browser ask for, or connect to, without a click."""

STYLES = re.compile(r"url\(\s*[\"']?([^\"')\s]+)|@import\s+[\"']([^\"']+)")
MARKUP = re.compile(r"<p>(?:(?!</p>).)*?\n(?:- |\* |\d+\. |\||#+ )", re.DOTALL)
"""A list, a table or a heading that was not seen as one."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(tmp_path_factory.mktemp("docs"))


def pages(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.html")):
        yield path.relative_to(folder).as_posix(), path.read_text()


def test_every_page_can_be_reached(built: Path) -> None:
    """Whatever lies in docs/ stands in the navigation of the front page, with the changelog, and is whole."""
    front = (built / "index.html").read_text()
    nav = front[front.index('class="md-nav md-nav--primary') :]
    listed = {urldefrag(urljoin("index.html", link))[0] for link in re.findall(r'href="([^"]+)"', nav)} | {
        "index.html"
    }
    there = {
        f"{page.relative_to(ROOT / 'docs').with_suffix('')}.html" for page in (ROOT / "docs").rglob("*.md")
    }
    assert there | {"changelog.html"} <= listed
    assert all((built / page).exists() for page in there | {"changelog.html"})


def test_the_site_contacts_nobody(built: Path) -> None:
    """No page and no stylesheet fetches anything from another host: no font, script, picture or count (R2)."""
    fetched = {
        address for _, html in pages(built) for pair in FETCHES.findall(html) for address in pair if address
    }
    styles = "\n".join(path.read_text() for path in built.rglob("*.css"))
    fetched |= {address for pair in STYLES.findall(styles) for address in pair if address}
    assert len(fetched) >= 10
    remote = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
    assert sorted(address for address in fetched if remote.match(address)) == []


def test_lists_and_tables_are_seen_as_such(built: Path) -> None:
    """What reads as a list where the source is shown is one in the site, too."""
    assert [(name, found[0]) for name, html in pages(built) if (found := MARKUP.search(html))] == []


def test_every_link_leads_to_a_page_of_the_site(built: Path) -> None:
    """Nothing points at a file that is only in the source."""
    for name, html in pages(built):
        links = [link for link in re.findall(r'<a\b[^>]*?href="([^"#]+)', html) if "://" not in link]
        targets = {
            link: (built if link.startswith("/") else (built / name).parent) / link.strip("/")
            for link in links
        }
        assert [link for link, target in targets.items() if not target.exists()] == [], name


def test_links_that_leave_the_documents_are_words(tmp_path: Path) -> None:
    """What readers of the source can follow is plain words in the site; the changelog is a page of it."""
    documents = tmp_path / "docs"
    (documents / "how-to").mkdir(parents=True)
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n- [Something](docs/how-to/do-it.md)\n")
    (documents / "index.md").write_text("# Home\n\n[what changed](../CHANGELOG.md)\n")
    text = "# Do it\n\n[an example](../../examples/app.py), [`code`](../../a.py#x), [home](../index.md)\n\n"
    fence = "```md\n[as it is](../../a.py)\n```\n"
    (documents / "how-to" / "do-it.md").write_text(f"{text}[news](../../CHANGELOG.md)\n\n{fence}")
    made = build_site(tmp_path / "site", documents)
    page = (made / "how-to" / "do-it.html").read_text()
    assert '<p>an example, <code>code</code>, <a href="../index.html">home</a></p>' in page
    assert '<a href="../changelog.html">news</a>' in page
    assert "[as it is](../../a.py)" in re.sub(r"<[^>]+>", "", page)
    assert '<a href="how-to/do-it.html">Something</a>' in (made / "changelog.html").read_text()


def test_a_new_page_finds_its_place(tmp_path: Path) -> None:
    """The order is that of the folder's own index, under its headings; what it does not name follows by title."""
    for name, text in {
        "index.md": "# Home",
        "notes.md": "# Notes",
        "how-to/index.md": "# How to\n\n- [B](b.md)\n\n## Later\n\n- [A](a.md)\n- [gone](gone.md)\n",
        "how-to/a.md": "# Alpha",
        "how-to/b.md": "# Beta",
        "how-to/new.md": "no heading\n",
        "how-to/newer.md": "# Another",
        "reference/only.md": "# Only",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert navigation(tmp_path) == [
        "index.md",
        {
            "How to": [
                "how-to/index.md",
                "how-to/b.md",
                {"Later": ["how-to/a.md"]},
                "how-to/newer.md",
                "how-to/new.md",
            ]
        },
        {"Explanation": []},
        {"Reference": ["reference/only.md"]},
        {"About": ["notes.md", CHANGELOG]},
    ]
