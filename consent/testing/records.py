"""What every store of records promises, as tests that any store can be put through; knows no store."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import anyio
import pytest

from consent.errors import RecordsError
from consent.records.chain import GENESIS, canonical, digest
from consent.records.record import Record, RecordsArchive, new_id, rfc3339
from consent.records.verification import verify

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
TEXT: Final = '{"title":"Cookies? \\u00dcber \\ud83c\\udf6a \' \\" %s ; --"}'


def notice_id(text: str) -> str:
    """An id as the layer gives it: its end is the hash of the text."""
    return f"0123456789-{digest(text)[:32]}"


def make_record(minute: int = 0, **values: object) -> Record:
    """A record of so many minutes after `START`."""
    time = START + timedelta(minutes=minute)
    record = Record(
        id=new_id(time.timestamp()),
        time=time,
        action="save",
        method="banner",
        granted=("analytics",),
        denied=("marketing",),
        language="de",
        notice=notice_id(TEXT),
        catalogue="0123456789",
        version="1.0",
        policy_url="/cookies?a=1&b=\u00fc",
    )
    return replace(record, **values)  # type: ignore[arg-type]


class RecordsContract:
    """Subclass it, name the subclass ``Test...``, and say how your store is opened.

    `opened` is called once for each test, and more than once where a test needs a second handle on the same
    store, as another process would have.
    """

    def opened(self) -> AbstractAsyncContextManager[RecordsArchive]:
        """A handle on the test's own store, which is empty at first."""
        raise NotImplementedError

    def check(self, scenario: Callable[[RecordsArchive], Awaitable[None]]) -> None:
        """Run ``scenario`` on the store, and see that its chain holds whatever happened."""

        async def main() -> None:
            async with self.opened() as store:
                await scenario(store)
                assert (await verify(store)).problem is None

        with ThreadPoolExecutor(1) as thread:  # in this one a loop may be running
            thread.submit(anyio.run, main).result()

    def test_an_empty_store_holds(self) -> None:
        """Nothing is a chain too, and there is nothing in it."""

        async def scenario(store: RecordsArchive) -> None:
            assert (await store.head()).hash == GENESIS
            assert [page async for page in store.entries()] == []
            assert await store.find(make_record().id) is None
            assert await store.notice("unknown") is None

        self.check(scenario)

    def test_records_are_kept_word_for_word_in_their_order(self) -> None:
        """What is found again is what was kept, each linked to the one before (R23, R24)."""

        async def scenario(store: RecordsArchive) -> None:
            kept = [make_record(minute) for minute in range(5)]
            for record in kept:
                await store.append(record, TEXT)
            entries = [entry async for page in store.entries() for entry in page]
            assert [entry.body for entry in entries] == [canonical(record.as_dict()) for record in kept]
            assert [entry.position for entry in entries] == [1, 2, 3, 4, 5]
            assert entries[-1].previous == entries[-2].hash
            assert await store.find(kept[2].id) == entries[2]
            assert [page async for page in store.entries(after=3)] == [entries[3:]]
            assert (await store.head()).hash == entries[-1].hash

        self.check(scenario)

    def test_a_notice_is_kept_once(self) -> None:
        """Its text is there word for word, however often it was seen (R23)."""

        async def scenario(store: RecordsArchive) -> None:
            for minute in range(3):
                await store.append(make_record(minute), TEXT)
            other = "another text " * 10_000
            await store.append(make_record(3, notice=notice_id(other)), other)
            old = make_record(4, notice=notice_id("forgotten"), granted=())
            await store.append(old, None)
            assert await store.notice(notice_id(TEXT)) == TEXT
            assert await store.notice(notice_id(other)) == other
            assert {pair async for pair in store.notices()} == {(notice_id(t), t) for t in (TEXT, other)}

        self.check(scenario)

    def test_decisions_at_the_same_time_are_all_kept(self) -> None:
        """Whoever is acknowledged is in the chain, once (R25)."""

        async def scenario(store: RecordsArchive) -> None:
            await _append_together(store, [make_record(minute) for minute in range(300)])
            assert (await verify(store)).decisions == 300

        self.check(scenario)

    def test_two_handles_write_one_chain(self) -> None:
        """What another process appends comes in between, and nothing is lost (R24)."""

        async def scenario(store: RecordsArchive) -> None:
            async with self.opened() as other, anyio.create_task_group() as group:
                for handle, first in ((store, 0), (other, 100)):
                    records = [make_record(minute) for minute in range(first, first + 100)]
                    group.start_soon(_append_together, handle, records)
            assert (await verify(store)).decisions == 200

        self.check(scenario)

    def test_a_record_is_never_overwritten(self) -> None:
        """The same id twice is an error for who comes second, and for nobody else (R26)."""

        async def scenario(store: RecordsArchive) -> None:
            first = make_record()
            await store.append(first, TEXT)
            refused: list[Record] = []

            async def attempt(record: Record) -> None:
                try:
                    await store.append(record, TEXT)
                except RecordsError:
                    refused.append(record)

            again = replace(first, granted=())
            async with anyio.create_task_group() as group:
                for record in [make_record(1), make_record(2), again, make_record(3)]:
                    group.start_soon(attempt, record)
            assert refused == [again]
            found = await store.find(first.id)
            assert found is not None
            assert found.body == canonical(first.as_dict())
            assert (await verify(store)).decisions == 4

        self.check(scenario)

    def test_what_is_too_old_is_purged_and_the_chain_holds(self) -> None:
        """Bodies and ids go, hashes stay, one entry tells what went; nothing to purge tells nothing (R26)."""

        async def scenario(store: RecordsArchive) -> None:
            records = [make_record(minute) for minute in range(10)]
            for record in records:
                await store.append(record, TEXT)
            now = START + timedelta(days=1)
            assert await store.purge(START, now=now) == 0
            assert await store.purge(records[6].time, now=now) == 6
            assert await store.purge(records[6].time, now=now) == 0
            assert await store.find(records[5].id) is None
            assert await store.find(records[6].id) is not None
            entries = [entry async for page in store.entries() for entry in page]
            assert len(entries) == 11
            assert [(entry.id, entry.body) for entry in entries[:6]] == [(None, None)] * 6
            assert entries[-1].removals == [range(1, 7)]
            assert rfc3339(now) in (entries[-1].body or "")
            found = await verify(store)
            assert (found.decisions, found.removed) == (4, 6)

        self.check(scenario)

    def test_what_visitors_want_gone_is_erased(self) -> None:
        """By the ids of receipts; unknown ids are passed over, and later purges tell only of the rest."""

        async def scenario(store: RecordsArchive) -> None:
            records = [make_record(minute) for minute in range(6)]
            for record in records:
                await store.append(record, TEXT)
            now = START + timedelta(days=1)
            assert await store.erase([records[1].id, make_record().id, records[4].id], now=now) == 2
            assert await store.erase([records[1].id], now=now) == 0
            assert await store.erase([], now=now) == 0
            assert await store.purge(records[5].time, now=now) == 3
            entries = [entry async for page in store.entries() for entry in page]
            told = [entry.removals for entry in entries[6:]]
            assert told == [[range(2, 3), range(5, 6)], [range(1, 2), range(3, 5)]]

        self.check(scenario)

    def test_a_store_goes_on_where_it_was_left(self) -> None:
        """Closed and opened again, by the same handle or a new one, it is the same chain."""

        async def scenario(store: RecordsArchive) -> None:
            await store.append(make_record(0), TEXT)
            await store.aclose()
            await store.append(make_record(1), TEXT)
            await store.aclose()
            async with self.opened() as other:
                await other.append(make_record(2), TEXT)
            assert (await verify(store)).decisions == 3

        self.check(scenario)

    def test_a_visitor_who_leaves_takes_nobody_along(self) -> None:
        """Whoever stops waiting does not stop the commit that others share."""

        async def scenario(store: RecordsArchive) -> None:
            async with anyio.create_task_group() as group:
                for minute in range(40):
                    group.start_soon(_append_briefly, store, make_record(minute))
                await _append_together(store, [make_record(minute) for minute in range(40, 80)])
            entries = [entry async for page in store.entries() for entry in page]
            kept = {entry.id for entry in entries}
            assert len(kept) == len(entries) >= 40

        self.check(scenario)

    @pytest.mark.parametrize("count", [0, 999, 1_000, 1_001])
    def test_pages_lose_nothing_at_their_edges(self, count: int) -> None:
        """However many entries there are, reading gives each once."""

        async def scenario(store: RecordsArchive) -> None:
            await _append_together(store, [make_record(minute) for minute in range(count)])
            positions = [entry.position async for page in store.entries() for entry in page]
            assert positions == list(range(1, count + 1))

        self.check(scenario)


async def _append_together(store: RecordsArchive, records: list[Record]) -> None:
    async with anyio.create_task_group() as group:
        for record in records:
            group.start_soon(store.append, record, TEXT)


async def _append_briefly(store: RecordsArchive, record: Record) -> None:
    """Stop waiting at once; whether it was kept then is left to chance."""
    with anyio.move_on_after(0):
        await store.append(record, TEXT)
