"""Makes the site of the folder ``docs``: its navigation, and links that leave it; knows no page."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

Navigation = list[Any]
"""As MkDocs reads it: addresses of pages, and sections as ``{title: Navigation}``."""

FIRST: Final = ("index.md", "tutorial.md")
SECTIONS: Final = {"how-to": "How to", "explanation": "Explanation", "reference": "Reference"}
LAST: Final = "About"
"""The section of whatever else stands in the folder itself."""

CHANGELOG: Final = "changelog.md"
"""Where the changelog stands in the site; its file is at the root of the project."""

_SEARCH: Final = '<div class="md-search" data-md-component="search" role="dialog"'
_SECTION = re.compile(
    r'aria-labelledby="(__nav_[\d_]+)_label"([^>]*>\s*<label class="md-nav__title")(?= for="\1")'
)
"""What the theme leaves without a name for screen readers: the search, and sections with a page of theirs."""

_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\(((?!https?:|#)[^)\s]+)\)")
_FENCE = re.compile(r"(^```.*?^```[ \t]*$)", re.DOTALL | re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Make the navigation, so that a page that is put into a folder has its place in it."""
    config.nav = navigation(Path(config.docs_dir))
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the changelog, with its links as they are from inside the folder."""
    text = (Path(config.docs_dir).parent / "CHANGELOG.md").read_text("utf-8")
    files.append(File.generated(config, CHANGELOG, content=text.replace("](docs/", "](")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Keep only the words of links to files that are not in the site: they are for readers of the source."""
    folder = Path(config.docs_dir)
    here = (folder / page.file.src_uri).parent
    root = folder.parent.resolve()

    def mended(link: re.Match[str]) -> str:
        words, address = link.groups()
        target = (here / address.partition("#")[0]).resolve()
        if target == root / "CHANGELOG.md":
            return f"[{words}]({'../' * page.file.src_uri.count('/')}{CHANGELOG})"
        return link[0] if target.is_relative_to(folder.resolve()) else words

    parts = _FENCE.split(markdown)
    return "".join(part if part.startswith("```") else _LINK.sub(mended, part) for part in parts)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Name what the theme leaves unnamed."""
    named = output.replace(_SEARCH, f'{_SEARCH} aria-label="Search"')
    return _SECTION.sub(r'aria-labelledby="\1_title"\2 id="\1_title"', named)


def navigation(folder: Path) -> Navigation:
    """All pages of ``folder``: those that come first, one section for each folder in it, and the rest."""
    first = [name for name in FIRST if (folder / name).exists()]
    rest = sorted(page.name for page in folder.glob("*.md") if page.name not in FIRST)
    sections = [{title: _section(folder / name, folder)} for name, title in SECTIONS.items()]
    return [*first, *sections, {LAST: [*rest, CHANGELOG]}]


def _section(part: Path, folder: Path) -> Navigation:
    """The pages of one folder in the order of its ``index.md``, under its headings; the others by title."""
    pages = {page.name for page in part.glob("*.md")} - {"index.md"}
    found: Navigation = [_address(part / "index.md", folder)] if (part / "index.md").exists() else []
    group = found
    for heading, name in _told(part / "index.md"):
        if heading:
            group = []
            found.append({heading: group})
        elif name in pages:
            pages.remove(name)
            group.append(_address(part / name, folder))
    return found + [_address(part / name, folder) for name in sorted(pages, key=lambda n: _title(part / n))]


def _told(index: Path) -> Iterator[tuple[str, str]]:
    """The headings and the links of a page, in their order, each as ``(heading, "")`` or ``("", name)``."""
    text = index.read_text("utf-8") if index.exists() else ""
    for match in re.finditer(r"^## (.+)$|\]\(([a-z0-9-]+\.md)\)", text, re.MULTILINE):
        yield match[1] or "", match[2] or ""


def _address(page: Path, folder: Path) -> str:
    return page.relative_to(folder).as_posix()


def _title(page: Path) -> str:
    """What the first heading says."""
    match = re.search(r"^# (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return match[1].lower() if match else page.name
