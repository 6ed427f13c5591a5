"""One visitor's standing, and the answer that a cookie keeps of it; knows no signing and no HTTP."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

_log = logging.getLogger("consent")


class Verdict(Enum):
    """What a visitor has said of a category or a service."""

    GRANTED = "granted"
    DENIED = "denied"
    UNDECIDED = "undecided"

    # There is one of each. Enum's own hash is written in Python: 3,000 instructions of a new visitor's page.
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one signal of a browser says in one request: ``denied`` and ``granted`` hold ids of categories."""

    name: str
    denied: frozenset[str] = frozenset()
    granted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a visitor once answered, as their cookie keeps it.

    ``verdicts`` maps a category to its fingerprint at that time and what was said; ``services`` are
    those granted one by one inside a category that was not. ``time`` is that of the last decision, in
    Unix seconds; ``ages`` says by how many seconds a category's own is older, where it was not asked
    then. ``against`` names the signals that said the opposite of a category when it was decided on, and
    which this answer outweighs from then on. ``receipt`` is there only if something was granted: a refusal
    needs no identifier.
    """

    time: int
    verdicts: Mapping[str, tuple[str, Verdict]]
    services: frozenset[str] = frozenset()
    ages: Mapping[str, int] = field(default_factory=dict)
    against: Mapping[str, frozenset[str]] = field(default_factory=dict)
    receipt: str | None = None

    def time_of(self, category: str) -> int:
        """When the visitor said what is kept of ``category``."""
        return self.time - self.ages.get(category, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One visitor's standing now: what is granted and denied; the rest is undecided. Immutable.

    The sets hold ids of categories and services alike; ``known`` holds all there are. ``heard`` is what the
    browser says by itself, and ``objected`` what is denied for no other reason.
    """

    granted: frozenset[str]
    denied: frozenset[str]
    known: frozenset[str]
    heard: tuple[Said, ...] = ()
    objected: frozenset[str] = frozenset()
    answer: Answer | None = field(default=None, compare=False)
    undecided: frozenset[str] = field(init=False, repr=False, compare=False)
    """The categories and services that nothing has been said of yet."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "undecided", self.known - self.granted - self.denied)

    def allows(self, name: str) -> bool:
        """Whether the category or service ``name`` is granted.

        An unknown name is not, and is named once in the log: a mistyped template takes no page down.
        """
        if name in self.granted:
            return True
        if name not in self.known:
            _warn_of_unknown(name)
        return False

    def verdict(self, name: str) -> Verdict:
        """What has been said of the category or service ``name``."""
        if name in self.granted:
            return Verdict.GRANTED
        return Verdict.DENIED if name in self.denied else Verdict.UNDECIDED

    def differs_from(self, other: "Consent") -> bool:
        """Whether anything is granted or denied in the one and not in the other."""
        return (self.granted, self.denied) != (other.granted, other.denied)

    @property
    def signals(self) -> tuple[str, ...]:
        """The names of the signals that the browser sends, of those that the site listens to."""
        return tuple(said.name for said in self.heard)


@lru_cache(maxsize=256)
def _warn_of_unknown(name: str) -> None:
    _log.warning("Consent was asked for %r, which the settings declare nowhere; it is not granted.", name)
