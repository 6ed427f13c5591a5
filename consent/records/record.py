"""What is kept of one decision, and what a store must do; knows no database."""

import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, Self
from uuid import UUID

from consent.records.chain import Entry, Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The evidence of one decision [GDPR 7(1)]. No address, no browser, no page: nothing about whose.

    ``id`` is a UUIDv7, so that records sort by time; ``time`` is in UTC. ``granted`` and ``denied``
    hold categories and services. ``notice`` is the id of the notice that was seen, whose text the
    store keeps once. ``previous`` is the record that the visitor's receipt named until now.
    """

    id: str
    time: datetime
    action: str
    method: str
    granted: tuple[str, ...]
    denied: tuple[str, ...]
    language: str
    notice: str
    catalogue: str
    version: str
    policy_url: str
    signals: tuple[str, ...] = ()
    previous: str | None = None

    def as_dict(self) -> Mapping[str, object]:
        """All of it as JSON values, the time by RFC 3339."""
        return {
            "id": self.id,
            "time": rfc3339(self.time),
            "action": self.action,
            "method": self.method,
            "granted": list(self.granted),
            "denied": list(self.denied),
            "language": self.language,
            "notice": self.notice,
            "catalogue": self.catalogue,
            "version": self.version,
            "policy_url": self.policy_url,
            "signals": list(self.signals),
            "previous": self.previous,
        }

    @classmethod
    def from_json(cls, body: str) -> Self:
        """The record whose `as_dict` a store keeps as ``body``; its own, so nothing is checked."""
        values = json.loads(body)
        lists = {name: tuple(values[name]) for name in ("granted", "denied", "signals")}
        return cls(**{**values, **lists, "time": datetime.fromisoformat(values["time"])})


class ConsentRecords(Protocol):
    """Where records go: `SQLiteRecords`, `SQLRecords`, the log, or a store of the site's own."""

    async def append(self, record: Record, notice: str | None) -> None:
        """Keep ``record`` durably, and the text ``notice`` under ``record.notice`` if it is new.

        ``notice`` is ``None`` if a refusal came from a page so old that nobody knows its text any more.
        Returns only when both would survive a crash; raises `RecordsError` (or anything else) if they
        would not, and then a grant does not take effect.
        """
        ...


class RecordsArchive(ConsentRecords, Protocol):
    """A store that keeps records as a chain and gives them back: what `verify` and the command line need.

    Its entries are those of `consent.records.chain`; whoever appends, also from another process, appends to
    the one chain. `consent.testing.RecordsContract` tests all of it.
    """

    async def find(self, identifier: str) -> Entry | None:
        """The entry of the record with this id, or ``None`` if there is none (any more)."""
        ...

    async def notice(self, identifier: str) -> str | None:
        """The text that visitors saw under this notice id."""
        ...

    def notices(self) -> AsyncIterator[tuple[str, str]]:
        """Every notice: its id and its text."""
        ...

    def entries(self, after: int = 0) -> AsyncIterator[Sequence[Entry]]:
        """The entries after this position by ascending position, in pages, so that memory stays constant."""
        ...

    async def head(self) -> Link:
        """The end of the chain as the store remembers it."""
        ...

    async def purge(self, before: datetime, *, now: datetime) -> int:
        """Remove what was decided before this time, and append one entry that says so; returns how many.

        Hashes stay, bodies and ids go. Nothing to remove appends nothing.
        """
        ...

    async def erase(self, identifiers: Sequence[str], *, now: datetime) -> int:
        """Remove the records of these ids likewise; unknown ones are passed over."""
        ...

    async def aclose(self) -> None:
        """Wait for what is being written, and give back files and connections."""
        ...


def new_id(now: float) -> str:
    """A UUIDv7 for ``now`` in Unix seconds: 48 bits of milliseconds, 74 random bits. [RFC 9562, 5.7]"""
    value = (int(now * 1000) & (1 << 48) - 1) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(UUID(int=value))


def first_id(time: datetime) -> str:
    """The smallest UUIDv7 of this moment: ids of anything earlier sort before it."""
    return str(UUID(int=(int(time.timestamp() * 1000) & (1 << 48) - 1) << 80 | 0x7 << 76 | 0x2 << 62))


def timestamp(now: float) -> datetime:
    """``now`` in Unix seconds as a time in UTC."""
    return datetime.fromtimestamp(now, UTC)


def rfc3339(time: datetime) -> str:
    """``time`` in UTC, to the millisecond."""
    utc = time if time.tzinfo is UTC else time.astimezone(UTC)  # which takes longer than all the rest
    return f"{utc.isoformat(timespec='milliseconds')[:23]}Z"
