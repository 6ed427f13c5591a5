"""Finds which records are one visitor's, so that all can be erased; knows no database, removes nothing."""

import json

from consent.records.chain import Entry
from consent.records.record import RecordsArchive


async def history(archive: RecordsArchive, identifier: str) -> list[str]:
    """The ids of the record and of all that are linked to it, oldest first; empty if there is no such record.

    Each record names the one that the visitor's receipt named before. A refusal hands out no receipt, so
    what is decided after it is linked to nothing before.
    """
    entry = await archive.find(identifier)
    if entry is None:
        return []
    linked, after = await _ancestors(archive, entry)
    found: list[str] = []
    # Whoever names a record was appended after it: one pass meets every descendant behind its ancestor.
    async for page in archive.entries(after):
        for one in page:
            if (
                one.id is not None
                and one.notice is not None
                and (one.id in linked or _previous(one) in linked)
            ):
                linked.add(one.id)
                found.append(one.id)
    return found


async def _ancestors(archive: RecordsArchive, entry: Entry) -> tuple[set[str], int]:
    """The ids that lead back from ``entry``, itself among them, and the position before the first of them.

    A record that was removed still links those that name it, wherever they stand.
    """
    linked: set[str] = set()
    known: Entry | None = entry
    after, name = entry.position - 1, entry.id
    while name is not None and name not in linked:
        linked.add(name)
        known = await archive.find(name)
        after = 0 if known is None else min(after, known.position - 1)
        name = None if known is None else _previous(known)
    return linked, after


def _previous(entry: Entry) -> str | None:
    """The record that this one names as the visitor's last."""
    body = entry.body or "{}"
    # Most records name none; reading each of them as JSON would take ten times as long.
    if '"previous":null' in body:
        return None
    previous: str | None = json.loads(body).get("previous")
    return previous
