"""What was seen and nobody declared, and the other way round, as the owner reads it; knows no request."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from consent.records.record import rfc3339

How = Literal["set", "sent"]
"""Whether a response of the app's set the cookie, or a browser sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCookie:
    """A cookie that nobody declares. ``name`` may be empty; ``route`` is where it was met first."""

    name: str
    how: How
    route: str
    first: datetime
    last: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenHost:
    """A host that no service declares, and the directive under which browsers reported it."""

    host: str
    directive: str
    first: datetime
    last: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """A cookie that is declared and was not met: its name or pattern, and the ids of who declares it."""

    name: str
    service: str
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentReport:
    """What one process has met since it started: names, routes, times in UTC and counts, never values (R48).

    ``cookies`` have ``name``, ``how`` (``set`` by the app or ``sent`` by a browser), ``route``, ``first``,
    ``last`` and ``count``; ``hosts`` have ``host``, ``directive``, ``first``, ``last`` and ``count``, and are
    ``None`` where no policy collects them (``csp``). ``unseen`` are the declared cookies that were neither
    set nor sent: ``name``, ``service``, ``category``. ``complete`` is false once more came than is kept.
    """

    since: datetime
    cookies: tuple[SeenCookie, ...]
    hosts: tuple[SeenHost, ...] | None
    unseen: tuple[Unseen, ...]
    complete: bool

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it, with times by RFC 3339."""
        hosts = None if self.hosts is None else [_plain(host) for host in self.hosts]
        return {
            "since": rfc3339(self.since),
            "cookies": [_plain(cookie) for cookie in self.cookies],
            "hosts": hosts,
            "unseen": [_plain(cookie) for cookie in self.unseen],
            "complete": self.complete,
        }


def _plain(entry: SeenCookie | SeenHost | Unseen) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in entry.__slots__}
    return {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in values.items()}
