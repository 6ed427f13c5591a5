"""How long a declared item stays: ``13 months``, ``session``; knows no language and no clock."""

import re
from dataclasses import dataclass
from typing import Final

from consent.errors import ConfigurationError

UNITS: Final = {
    "second": 1,
    "minute": 60,
    "hour": 3_600,
    "day": 86_400,
    "week": 604_800,
    "month": 2_629_746,
    "year": 31_556_952,
}
"""Seconds in each unit; months and years are Gregorian means."""

SHAPE = re.compile(rf"([1-9][0-9]{{0,4}}) ({'|'.join(UNITS)})s?")
_ALLOWED = "'session', 'persistent', or a number and a unit such as '30 minutes' or '13 months'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """An amount of one unit (``13`` ``month``), or a word: ``session`` or ``persistent``."""

    unit: str
    amount: int = 0

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Read what a declaration says; raises `ConfigurationError` for anything else."""
        if text in ("session", "persistent"):
            return cls(unit=text)
        match = SHAPE.fullmatch(text)
        if match is None:
            raise ConfigurationError("duration", f"came as {text!r}; allowed is {_ALLOWED}.")
        return cls(unit=match[2], amount=int(match[1]))

    @property
    def seconds(self) -> int | None:
        """The length in seconds; ``None`` where the browser or the site decides."""
        return self.amount * UNITS[self.unit] if self.unit in UNITS else None
