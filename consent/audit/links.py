"""Which links an audit follows, and in which order; knows no browser."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

_LEAVES: Final = re.compile(
    r"(?i)(^|[/_.?&=-])(log-?_?out|sign-?_?out|log-?_?off|abmelden|deconnexion|delete|remove|unsubscribe)([/_.?&=-]|$)"
)
_FILES: Final = re.compile(
    r"(?i)\.(?!(html?|xhtml|php|aspx?|jsp)$)(7z|avi|bmp|csv|css|docx?|epub|exe|gif|gz|ico|ics|jpe?g|js|json|mp[34]|"
    r"odt|ogg|pdf|png|pptx?|rar|rss|svg|tar|txt|vcf|wav|web[mp]|woff2?|xlsx?|xml|zip)$"
)


def page_of(address: str, origin: str) -> str | None:
    """The path and query of a page at ``origin``; ``None`` if ``address`` is elsewhere or no address."""
    try:
        parts = urlsplit(address)
        if f"{parts.scheme}://{parts.netloc}" != origin:
            return None
    except ValueError:
        return None
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path


def own_path(told: Any) -> str | None:
    """What a page tells, if it is a path: ``@other.example`` behind an origin would be another host."""
    return told if isinstance(told, str) and told.startswith("/") and not told.startswith("//") else None


def may_follow(page: str) -> bool:
    """Whether a page can be opened without ending a session, removing something or starting a download."""
    return not _LEAVES.search(page) and not _FILES.search(page.partition("?")[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a site is visited: at most so many pages, so many links away from where it starts."""

    pages: int = 10
    depth: int = 2


class Frontier:
    """The pages still to visit, nearest first, each once. ``own`` is the layer's own address."""

    def __init__(self, starts: Iterable[str], limits: Limits, origin: str, own: str) -> None:
        self._limits = limits
        self._origin = origin
        self._own = own
        self._waiting: dict[str, int] = dict.fromkeys(starts, 0)
        self._taken: dict[str, int] = {}

    def next(self) -> str | None:
        """The page to visit now; ``None`` if that was all."""
        if not self._waiting or len(self._taken) >= self._limits.pages:
            return None
        page = next(iter(self._waiting))
        self._taken[page] = self._waiting.pop(page)
        return page

    def found(self, on: str, links: Iterable[str]) -> None:
        """There are ``links`` on a page."""
        depth = self._taken[on] + 1
        if depth > self._limits.depth:
            return
        for link in links:
            page = page_of(urljoin(self._origin + on, link), self._origin)
            if page is not None and self._is_new(page) and may_follow(page):
                self._waiting[page] = depth

    def _is_new(self, page: str) -> bool:
        path = page.partition("?")[0]
        own = path == self._own or path.startswith(f"{self._own}/")
        return not own and page not in self._taken and page not in self._waiting
