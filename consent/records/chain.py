"""The chain that makes records evidence: each names the hash of the one before; knows no store.

    payload = SHA-256(body)                    the body as canonical JSON, in UTF-8
    hash    = SHA-256(previous hash, payload)  both as 64 lower-case hexadecimal digits, written in a row

so that ``printf '%s%s' "$previous" "$payload" | sha256sum`` repeats any link by hand. The body of a record
can be given up later: its payload stays, and with it the chain.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)

GENESIS: Final = "0" * 64
"""What the first entry names as the one before."""

PURGE, ERASE = "purge", "erase"
"""The actions of entries that tell of removals: by age, and at a visitor's wish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An end of the chain: how many entries it has, and the hash of the last of them."""

    position: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the chain, the first at position 1.

    ``id``, ``notice`` and ``body`` are ``None`` once the record has been purged or erased; entries that
    tell of a removal have no ``notice``.
    """

    position: int
    id: str | None
    notice: str | None
    previous: str
    payload: str
    hash: str
    body: str | None

    @property
    def removals(self) -> Sequence[range]:
        """The positions whose records it says were removed, if it tells of a removal."""
        return [range(first, last + 1) for first, last in json.loads(self.body or "{}")["positions"]]

    def follows(self, link: Link) -> bool:
        """Whether it is the next entry after ``link``, and its own hash is right."""
        return (
            self.position == link.position + 1
            and self.previous == link.hash
            and self.hash == linked(self.previous, self.payload)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlinked:
    """What is about to become an entry."""

    id: str
    notice: str | None
    body: str


def canonical(value: Mapping[str, Any]) -> str:
    """The one way to write ``value`` as JSON: sorted keys, no white space. [RFC 8785]"""
    return _ENCODER.encode(value)


def digest(text: str) -> str:
    """The SHA-256 of ``text``, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def linked(previous: str, payload: str) -> str:
    """The hash of an entry."""
    return hashlib.sha256(f"{previous}{payload}".encode()).hexdigest()


def extend(head: Link, items: Iterable[Unlinked]) -> tuple[list[Entry], Link]:
    """The entries that follow ``head``, and the new end."""
    position, previous = head.position, head.hash
    entries: list[Entry] = []
    for item in items:
        position += 1
        payload = digest(item.body)
        entry = Entry(
            position=position,
            id=item.id,
            notice=item.notice,
            previous=previous,
            payload=payload,
            hash=linked(previous, payload),
            body=item.body,
        )
        entries.append(entry)
        previous = entry.hash
    return entries, Link(position=position, hash=previous)


class Positions:
    """Ascending positions, kept as runs: however many they are, little is remembered."""

    def __init__(self) -> None:
        self.runs: list[list[int]] = []

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.runs)

    def add(self, positions: Iterable[int]) -> None:
        """Take more of them, greater than all before."""
        for position in positions:
            if self.runs and self.runs[-1][1] == position - 1:
                self.runs[-1][1] = position
            else:
                self.runs.append([position, position])


def removal(identifier: str, action: str, time: str, positions: Positions) -> Unlinked:
    """The entry that tells which records were removed, when, and whether by age or at a visitor's wish."""
    body = {"id": identifier, "action": action, "time": time, "positions": positions.runs}
    return Unlinked(id=identifier, notice=None, body=canonical(body))
