"""What is kept of one decision, and what a store must do; knows no database."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID


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
            "time": self.time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
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


class ConsentRecords(Protocol):
    """Where records are kept: `SQLiteRecords`, the log, or a store of the site's own."""

    async def append(self, record: Record, notice: str | None) -> None:
        """Keep ``record`` durably, and the text ``notice`` under ``record.notice`` if it is new.

        ``notice`` is ``None`` if a refusal came from a page so old that nobody knows its text any more.
        Returns only when both would survive a crash; raises `RecordsError` (or anything else) if they
        would not, and then a grant does not take effect.
        """
        ...


def new_id(now: float) -> str:
    """A UUIDv7 for ``now`` in Unix seconds: 48 bits of milliseconds, 74 random bits. [RFC 9562, 5.7]"""
    value = (int(now * 1000) & (1 << 48) - 1) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(UUID(int=value))


def timestamp(now: float) -> datetime:
    """``now`` in Unix seconds as a time in UTC."""
    return datetime.fromtimestamp(now, UTC)
