"""Which records are one visitor's."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from consent import SQLiteRecords
from consent.records.chain import Entry, Link, Unlinked, canonical, extend
from consent.records.erasure import history
from consent.records.record import Record, RecordsArchive, new_id, timestamp
from tests.records.test_record import RECORD
from tests.sites import NOW, run


def following(*previous: int | None) -> list[Record]:
    """Records each of which names the one at the given place, or none."""
    ids = [new_id(NOW + second) for second in range(len(previous))]
    return [
        replace(RECORD, id=identifier, previous=None if before is None else ids[before])
        for identifier, before in zip(ids, previous, strict=True)
    ]


async def found(path: Path, records: list[Record], wanted: str, purged: int = 0) -> list[str]:
    store = SQLiteRecords(path)
    for record in records:
        await store.append(record, "seen")
    await store.purge(timestamp(NOW + purged), now=timestamp(NOW))
    try:
        return await history(store, wanted)
    finally:
        await store.aclose()


def test_links_are_followed_both_ways(tmp_path: Path) -> None:
    """From any record to the first that it leads back to, and to all that come from that (R26)."""
    records = following(None, None, 0, 1, 2, 2)
    mine = [records[place].id for place in (0, 2, 4, 5)]
    for place in (0, 2, 4, 5):
        assert run(found, tmp_path / str(place), records, records[place].id) == mine


def test_a_removed_record_still_links(tmp_path: Path) -> None:
    """Two that name the same record are one visitor's, though it was purged (R26)."""
    records = following(None, 0, None, 0)
    wanted = run(found, tmp_path / "purged", records, records[3].id, 1)
    assert wanted == [records[1].id, records[3].id]
    assert run(found, tmp_path / "kept", records, records[0].id, 1) == []


def test_a_circle_is_walked_once(tmp_path: Path) -> None:
    """A store that somebody has tampered with keeps nobody waiting for ever."""
    records = following(1, 0)
    assert run(found, tmp_path / "circle", records, records[0].id) == [record.id for record in records]


def listed(records: list[Record]) -> RecordsArchive:
    """As much of a store as `history` needs."""
    made = [
        Unlinked(id=record.id, notice=record.notice, body=canonical(record.as_dict())) for record in records
    ]
    entries, _ = extend(Link(), made)

    async def find(identifier: str) -> Entry | None:
        return next((entry for entry in entries if entry.id == identifier), None)

    async def pages(after: int) -> AsyncIterator[Sequence[Entry]]:
        for entry in entries[after:]:
            yield [entry]

    store: Any = SimpleNamespace(find=find, entries=pages)
    archive: RecordsArchive = store
    return archive


@given(st.data())
def test_histories_divide_the_records(data: st.DataObject) -> None:
    """Each record belongs to one visitor, whichever of that visitor's records is asked for (R26)."""
    size = data.draw(st.integers(1, 12))
    previous = [data.draw(st.none() | st.integers(0, place - 1)) if place else None for place in range(size)]
    records = following(*previous)
    store = listed(records)
    histories = [run(history, store, record.id) for record in records]
    for record, ids in zip(records, histories, strict=True):
        assert record.id in ids
        for other, others in zip(records, histories, strict=True):
            assert (other.id in ids) == (others == ids)
