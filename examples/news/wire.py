"""The wire: what was tried, what left and what arrived, by name only, for one browser at a time."""

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from itertools import islice
from typing import Generic, TypeVar

from starlette.types import Scope

Headers = list[tuple[bytes, bytes]]

MAX_BROWSERS = 100
MAX_KEPT = 50


@dataclass(frozen=True, slots=True, order=True)
class SetCookie:
    """A cookie in a response: its name, and whether the header deletes it."""

    name: str
    deletes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request to the paper and the cookies on both sides of the consent layer.

    `arrived` and `left` were seen outside of it; `shown` and `tried` inside. `shown` is `None`
    where the consent layer answered the request itself.
    """

    at: datetime
    method: str
    path: str
    status: int
    arrived: tuple[str, ...] = ()
    shown: tuple[str, ...] | None = None
    tried: tuple[SetCookie, ...] = ()
    left: tuple[SetCookie, ...] = ()

    @property
    def withheld(self) -> tuple[str, ...]:
        """Names that the paper tried to set and that did not leave."""
        gone = {cookie.name for cookie in self.left if not cookie.deletes}
        return tuple(cookie.name for cookie in self.tried if not cookie.deletes and cookie.name not in gone)

    @property
    def set(self) -> tuple[str, ...]:
        """Names that the paper tried to set and that did leave."""
        tried = {cookie.name for cookie in self.tried if not cookie.deletes}
        return tuple(cookie.name for cookie in self.left if not cookie.deletes and cookie.name in tried)

    @property
    def noted(self) -> tuple[str, ...]:
        """Names that the consent layer set itself: the visitor's choice."""
        tried = {cookie.name for cookie in self.tried}
        return tuple(cookie.name for cookie in self.left if not cookie.deletes and cookie.name not in tried)

    @property
    def deleted(self) -> tuple[str, ...]:
        """Names that the browser was told to throw away."""
        return tuple(dict.fromkeys(cookie.name for cookie in self.left if cookie.deletes))

    @property
    def hidden(self) -> tuple[str, ...]:
        """Names that arrived and that the paper was not shown."""
        shown = self.arrived if self.shown is None else self.shown
        return tuple(name for name in self.arrived if name not in shown)

    @property
    def visible(self) -> tuple[str, ...]:
        """Names that arrived and that the paper could read."""
        return () if self.shown is None else self.shown

    @property
    def own(self) -> tuple[str, ...]:
        """Names that arrived with a request which only the consent layer read."""
        return self.arrived if self.shown is None else ()

    @property
    def is_quiet(self) -> bool:
        """No cookie came, went or was stopped."""
        return not (self.arrived or self.tried or self.left)

    @property
    def is_asset(self) -> bool:
        """Whether it was for a picture, a style sheet or a script."""
        return self.path.startswith("/static/") or "/assets/" in self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request that a third party received, and the names of the cookies that it set."""

    at: datetime
    company: str
    path: str
    referer: str
    arrived: tuple[str, ...] = ()
    left: tuple[SetCookie, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the cookies that it set."""
        return tuple(cookie.name for cookie in self.left)


Entry = TypeVar("Entry")


class Log(Generic[Entry]):
    """The last entries of each browser, in memory: bounded per browser and in browsers."""

    def __init__(self, *, browsers: int = MAX_BROWSERS, kept: int = MAX_KEPT) -> None:
        self._browsers: OrderedDict[str, deque[Entry]] = OrderedDict()
        self._most, self._kept = browsers, kept

    def add(self, browser: str, entry: Entry) -> None:
        """Note an entry; the oldest one of the browser, and the longest silent browser, make room."""
        entries = self._browsers.setdefault(browser, deque(maxlen=self._kept))
        entries.append(entry)
        self._browsers.move_to_end(browser)
        if len(self._browsers) > self._most:
            self._browsers.popitem(last=False)

    def of(self, browser: str) -> tuple[Entry, ...]:
        """The entries of one browser, newest first."""
        return tuple(reversed(self._browsers.get(browser, ())))


class Wire:
    """Pages, assets and third-party visits, each in a log of its own so that none crowds out another."""

    def __init__(self) -> None:
        self.pages = Log[Exchange]()
        self.assets = Log[Exchange]()
        self.visits = Log[Visit]()

    def note(self, browser: str, exchange: Exchange) -> None:
        """Note a request to the paper."""
        log = self.assets if exchange.is_asset else self.pages
        log.add(browser, exchange)

    def timeline(self, browser: str) -> tuple[Exchange | Visit, ...]:
        """The last pages and third-party visits of a browser together, newest first."""
        entries: list[Exchange | Visit] = [*self.pages.of(browser), *self.visits.of(browser)]
        newest_first = sorted(entries, key=lambda entry: entry.at, reverse=True)
        return tuple(islice(newest_first, MAX_KEPT))


def browser_of(scope: Scope) -> str:
    """Which browser asks, as a hash of client address and user agent: a likeness, not an identity."""
    address = scope["client"][0] if scope.get("client") else ""
    agent = header(scope["headers"], b"user-agent")
    return sha256(f"{address}\n{agent}".encode()).hexdigest()


def header(headers: Headers, name: bytes) -> str:
    """The first header of that name, or nothing."""
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), "")


def cookies_in(headers: Headers) -> tuple[str, ...]:
    """The names in the `Cookie` headers of a request, in order, each once."""
    lines = (value.decode("latin-1") for key, value in headers if key.lower() == b"cookie")
    names = (pair.partition("=")[0].strip() for line in lines for pair in line.split(";"))
    return tuple(dict.fromkeys(name for name in names if name))


def cookies_out(headers: Headers, now: datetime) -> tuple[SetCookie, ...]:
    """The cookies in the `Set-Cookie` headers of a response, in order, each once."""
    lines = (value.decode("latin-1") for key, value in headers if key.lower() == b"set-cookie")
    return tuple(dict.fromkeys(_set_cookie(line, now) for line in lines))


def _set_cookie(line: str, now: datetime) -> SetCookie:
    pair, *attributes = line.split(";")
    given = {
        key.strip().lower(): value.strip()
        for key, _, value in (attribute.partition("=") for attribute in attributes)
    }
    age = given.get("max-age", "")
    gone = int(age) <= 0 if age.lstrip("-").isdigit() else _is_past(given.get("expires", ""), now)
    return SetCookie(pair.partition("=")[0].strip(), gone)


def _is_past(expires: str, now: datetime) -> bool:
    try:
        return parsedate_to_datetime(expires) <= now
    except (TypeError, ValueError):  # no date, or one without a zone
        return False
