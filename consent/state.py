"""One visitor's standing, and the answer that a cookie keeps of it; knows no signing and no HTTP."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

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


# Each new visitor's request makes one of these and one of those below. A named tuple takes 3,400 instructions
# to make, a frozen dataclass 12,000 to 15,000.


class Answer(NamedTuple):
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
    ages: Mapping[str, int] = MappingProxyType({})
    against: Mapping[str, frozenset[str]] = MappingProxyType({})
    receipt: str | None = None

    def time_of(self, category: str) -> int:
        """When the visitor said what is kept of ``category``."""
        return self.time - self.ages.get(category, 0)


class Consent(NamedTuple):
    """One visitor's standing now: what is granted and denied; the rest is undecided. Immutable.

    The sets hold ids of categories and services alike, each in one of the first three. ``heard`` is what
    the browser says by itself, and ``objected`` what is denied for no other reason. Standings are equal
    whatever the ``answer`` behind them was.
    """

    granted: frozenset[str]
    denied: frozenset[str]
    undecided: frozenset[str]
    heard: tuple[Said, ...] = ()
    objected: frozenset[str] = frozenset()
    answer: Answer | None = None

    def __contains__(self, name: object) -> bool:
        # As a tuple it would say no, whatever is granted.
        raise TypeError(f"{name!r} was looked for in a consent; ask its 'allows', or look in its 'granted'.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Consent) and self[:ANSWER] == other[:ANSWER]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:ANSWER])

    @property
    def known(self) -> frozenset[str]:
        """All categories and services that there are."""
        return self.granted | self.denied | self.undecided

    def allows(self, name: str) -> bool:
        """Whether the category or service ``name`` is granted.

        An unknown name is not, and is named once in the log: a mistyped template takes no page down.
        """
        if name in self.granted:
            return True
        if name not in self.denied and name not in self.undecided:
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


ANSWER = Consent._fields.index("answer")
"""Where the standing itself ends."""


@lru_cache(maxsize=256)
def _warn_of_unknown(name: str) -> None:
    _log.warning("Consent was asked for %r, which the settings declare nowhere; it is not granted.", name)
