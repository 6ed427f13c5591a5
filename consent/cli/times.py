"""The times that a command line names: days, moments, ages and the period between two; knows no clock."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from consent.durations import Duration
from consent.errors import ConfigurationError
from consent.records.chain import Entry
from consent.records.record import first_id

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENTS = "a day such as 2026-11-24, or a moment such as 2026-11-24T12:00 (in UTC if it names no offset)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From ``since`` on, before ``until``; open where there is ``None``."""

    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def parse(cls, since: str | None, until: str | None) -> Self:
        """The period that ``--since`` and ``--until`` name; a day given as its end belongs to it."""
        start = None if since is None else moment("--since", since)
        end = None if until is None else moment("--until", until, after=True)
        if start and end and start >= end:
            raise ConfigurationError("--until", f"{until} is before {since}, the start of the period.")
        return cls(since=start, until=end)

    @property
    def is_open(self) -> bool:
        """Whether everything is in it."""
        return self.since is None and self.until is None

    def decisions(self, page: Sequence[Entry]) -> Iterator[Entry]:
        """Those of ``page`` that are decisions of this period."""
        return (entry for entry in self.entries(page) if entry.notice is not None)

    def entries(self, page: Sequence[Entry]) -> Iterator[Entry]:
        """Those of ``page`` that were made in this period, as their ids say; what was removed has none."""
        first = None if self.since is None else first_id(self.since)
        end = None if self.until is None else first_id(self.until)
        for entry in page:
            if (
                entry.id is not None
                and (first is None or first <= entry.id)
                and (end is None or entry.id < end)
            ):
                yield entry


def moment(option: str, text: str, *, after: bool = False) -> datetime:
    """The time that ``text`` names; a whole day begins then, or is over if ``after``."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return _checked(option, text, _time(option, text))
    return _checked(option, text, datetime.combine(day, time(), UTC) + timedelta(days=after))


def _time(option: str, text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(option, f"came as {text!r}; allowed is {_MOMENTS}.") from None
    return found.replace(tzinfo=found.tzinfo or UTC)


def _checked(option: str, text: str, found: datetime) -> datetime:
    if found < _EPOCH:
        raise ConfigurationError(option, f"came as {text!r}; allowed is a time after 1970.")
    return found


def ago(option: str, text: str, now: datetime) -> datetime:
    """What ``now`` was at the age that ``text`` names, such as ``5 years``; 1970 is the oldest there is."""
    try:
        seconds = Duration.parse(text).seconds
    except ConfigurationError:
        seconds = None
    if seconds is None:
        allowed = "a number and a unit such as '5 years' or '18 months'"
        raise ConfigurationError(option, f"came as {text!r}; allowed is {allowed}.")
    return datetime.fromtimestamp(max(0.0, now.timestamp() - seconds), UTC)
