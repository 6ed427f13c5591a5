"""What was seen in a browser: which thing, when and on which page, never its value; knows no browser."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Literal

from consent.claims import is_under

Kind = Literal["cookie", "local", "session", "indexeddb", "cache", "pixel", "host"]

STORED: Final = ("local", "session", "indexeddb", "cache")
"""The kinds of storage beside cookies."""


class Phase(StrEnum):
    """What the visitor has said when something is seen."""

    BEFORE = "before"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    GPC = "gpc"

    @property
    def words(self) -> str:
        """The same for people."""
        return _WORDS[self]


_WORDS: Final = {
    Phase.BEFORE: "before a choice",
    Phase.REJECTED: "after rejecting",
    Phase.ACCEPTED: "after accepting",
    Phase.WITHDRAWN: "after withdrawing",
    Phase.GPC: "with GPC",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A cookie, a storage key, a pixel or a contacted host, by name.

    ``host`` is whose it is: a cookie's domain, the host of the frame that stored a key, the host that a
    pixel came from; nothing for what is the site's own. A contacted host is its own ``name``.
    """

    kind: Kind
    name: str
    host: str = ""

    def on(self, site: str) -> "Thing":
        """The same as seen from the host ``site``, which does not name itself: it may have other names."""
        own = is_under(site, self.host) if self.kind == "cookie" else self.host == site
        return replace(self, host="") if own else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """How a cookie was set: ``seconds`` it stays, or ``None`` until the browser is closed.

    ``domain`` is named if it goes to subdomains too.
    """

    seconds: int | None = None
    path: str = "/"
    domain: str = ""
    http_only: bool = False
    partitioned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One thing on one page; ``page`` is its path and query."""

    thing: Thing
    phase: Phase
    page: str
    facts: Facts = field(default_factory=Facts)


class Notebook:
    """Collects sightings: the same thing on the same page in the same phase once."""

    def __init__(self) -> None:
        self._seen: dict[tuple[Thing, Phase, str], Facts] = {}

    def note(self, thing: Thing, phase: Phase, page: str, facts: Facts | None = None) -> None:
        """Remember it; facts that are known win over those that are not."""
        key = (_writable(thing), phase, page)
        if facts is not None or key not in self._seen:
            self._seen[key] = facts or Facts()

    def forget(self, thing: Thing, phase: Phase, page: str) -> None:
        """It was not so after all."""
        self._seen.pop((_writable(thing), phase, page), None)

    @property
    def sightings(self) -> tuple[Sighting, ...]:
        """All of them, in the order first seen."""
        return tuple(
            Sighting(thing=thing, phase=phase, page=page, facts=facts)
            for (thing, phase, page), facts in self._seen.items()
        )


def _writable(thing: Thing) -> Thing:
    """The same with half letters (lone surrogates) escaped: scripts store them, and no file can hold them."""
    return replace(thing, name=thing.name.encode("utf-8", "backslashreplace").decode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Something wrong with the asking itself: where (``first layer``), and what in few words."""

    where: str
    fault: str
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """What one audit saw: ``site`` is the origin, ``failed`` names why a page could not be visited."""

    site: str
    host: str
    sightings: tuple[Sighting, ...]
    asking: tuple[Asking, ...] = ()
    phases: tuple[Phase, ...] = tuple(Phase)
    pages: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
