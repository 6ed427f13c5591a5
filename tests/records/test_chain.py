"""Whatever is done to a chain behind its back, verification finds it."""

import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from consent import SQLiteRecords
from consent.records.chain import Entry, Link, Unlinked, extend
from consent.records.record import Record, new_id
from consent.records.verification import Fault, Verification, verify
from consent.testing.records import START, TEXT, make_record, notice_id
from tests.sites import run

LATER: Final = START + timedelta(days=400)


@pytest.fixture
def store(tmp_path: Path) -> SQLiteRecords:
    """Ten records of two notices."""
    return filled(tmp_path / "consent.sqlite3", 10)


def filled(path: Path, count: int) -> SQLiteRecords:
    store = SQLiteRecords(path)

    async def fill() -> None:
        for minute in range(count):
            await store.append(make_record(minute), TEXT)
        await store.append(make_record(count, notice=notice_id("other")), "other")

    run(fill)
    store.close()
    return store


def tamper(store: SQLiteRecords, *statements: str) -> None:
    with closing(sqlite3.connect(store._path)) as connection, connection:
        for statement in statements:
            assert connection.execute(statement).rowcount != 0, statement


def verified(store: SQLiteRecords, *checkpoints: Link) -> Verification:
    return run(verify, store, checkpoints)


@pytest.mark.parametrize(
    ("statements", "fault", "position"),
    [
        (["update consent_records set body = replace(body, 'marketing', 'analytics') where position = 4"], "changed", 4),
        (["update consent_records set payload = '" + "a" * 64 + "' where position = 4"], "changed", 4),
        (["update consent_records set hash = '" + "a" * 64 + "' where position = 4"], "changed", 4),
        (["update consent_records set id = 'another' where position = 4"], "changed", 4),
        (["update consent_records set notice = '" + notice_id("other") + "' where position = 4"], "changed", 4),  # noqa: S608
        (["update consent_records set notice = null where position = 4"], "changed", 4),
        (["delete from consent_records where position = 1"], "missing", 1),
        (["delete from consent_records where position = 4"], "missing", 4),
        (["delete from consent_records where position in (4, 5, 6)"], "missing", 4),
        (
            [
                "delete from consent_records where position = 4",
                "update consent_records set position = position - 1 where position > 4",
            ],
            "missing",
            4,
        ),
        (["update consent_records set position = 40 where position = 4"], "reordered", 40),
        (["update consent_records set position = 40 where position = 11"], "reordered", 40),
        (
            [
                "update consent_records set position = 40 where position = 4",
                "update consent_records set position = 4 where position = 7",
                "update consent_records set position = 7 where position = 40",
            ],
            "reordered",
            7,
        ),
        (
            [
                "insert into consent_records select 12, 'copy', notice, previous, payload, hash, body"
                " from consent_records where position = 4"
            ],
            "duplicated",
            12,
        ),
        (["delete from consent_records where position = 11"], "truncated", 11),
        (["update consent_records set id = null, notice = null, body = null where position = 4"], "unaccounted", 4),
        (["update consent_head set position = 9"], "rewritten", 9),
        (["update consent_head set hash = '" + "a" * 64 + "'"], "rewritten", 11),
        (["update consent_notices set body = body || ' '"], "notice", 0),
        (["delete from consent_notices where body = 'other'"], "notice", 11),
    ],
)  # fmt: skip
def test_the_first_fault_is_named(
    store: SQLiteRecords, statements: list[str], fault: str, position: int
) -> None:
    """What was changed, lost, copied or moved is told with its place (R24)."""
    tamper(store, *statements)
    problem = verified(store).problem
    assert problem is not None
    assert (problem.fault, problem.position) == (fault, position)
    assert problem.sentence.endswith(".")


def test_a_chain_as_it_was_written_holds(store: SQLiteRecords) -> None:
    """Progress is told after each page, and the end is where the store remembers it (R24)."""
    told: list[int] = []
    found = run(verify, store, (), told.append)
    assert (found.problem, found.decisions, found.removed) == (None, 11, 0)
    assert found.head == run(store.head)
    assert told == [11]


def test_what_was_erased_stays_erased(store: SQLiteRecords) -> None:
    """A record put back after its removal is found (R26)."""
    with closing(sqlite3.connect(store._path)) as connection:
        row = connection.execute("select id, notice, body from consent_records where position = 4").fetchone()
    run(lambda: store.erase([row[0]], now=LATER))
    assert verified(store).problem is None
    with closing(sqlite3.connect(store._path)) as connection, connection:
        connection.execute("update consent_records set id=?, notice=?, body=? where position = 4", row)
    problem = verified(store).problem
    assert problem is not None
    assert (problem.fault, problem.position) == (Fault.RESTORED, 12)


def test_a_checkpoint_shows_what_the_chain_cannot(store: SQLiteRecords) -> None:
    """A chain cut short, or written anew from some record on, differs from what was noted before (R24)."""
    noted = run(store.head)
    assert verified(store, noted, Link()).problem is None
    tamper(store, "delete from consent_records where position > 8")
    with closing(sqlite3.connect(store._path)) as connection, connection:
        connection.execute(
            "update consent_head set position = 8, hash = (select hash from consent_records where position = 8)"
        )
    assert verified(store).problem is None
    problem = verified(store, noted).problem
    assert problem is not None
    assert (problem.fault, problem.position) == (Fault.TRUNCATED, 9)
    run(store.append, make_record(50), TEXT)
    for minute in (51, 52, 53):
        run(store.append, make_record(minute), TEXT)
    assert verified(store).problem is None
    problem = verified(store, noted).problem
    assert problem is not None
    assert (problem.fault, problem.position) == (Fault.REWRITTEN, 11)


def test_what_is_decided_during_verification_is_no_fault(store: SQLiteRecords) -> None:
    """Writers and erasures go on while the chain is read."""

    async def main() -> Verification:
        pages = store.entries

        async def entries(after: int = 0) -> Any:
            async for page in pages(after):
                yield page
                if page[0].position == 1:
                    await store.append(make_record(70, notice=notice_id("newer")), "newer")
                    assert await store.erase([page[3].id or ""], now=LATER) == 1

        store.entries = entries  # type: ignore[method-assign]
        return await verify(store)

    assert run(main).problem is None


def test_an_entry_that_the_store_does_not_know_of_is_found(store: SQLiteRecords) -> None:
    """A record slipped in behind the store's back, however well it is made, stands past the end (R24)."""
    entry = extend(
        run(store.head), [Unlinked(id="x", notice=None, body='{"action":"erase","id":"x","positions":[]}')]
    )[0][0]
    with closing(sqlite3.connect(store._path)) as connection, connection:
        row = (entry.position, entry.id, entry.notice, entry.previous, entry.payload, entry.hash, entry.body)
        connection.execute("insert into consent_records values (?, ?, ?, ?, ?, ?, ?)", row)
    problem = verified(store).problem
    assert problem is not None
    assert (problem.fault, problem.position) == (Fault.REWRITTEN, 12)


def test_each_removal_tells_of_its_own(store: SQLiteRecords) -> None:
    """Records removed one after the other, in any order, are all accounted for (R26)."""
    ids = [entry.id or "" for entry in run(pages, store)]
    for index in (7, 2, 5, 6, 3):
        assert run(lambda index=index: store.erase([ids[index]], now=LATER)) == 1
        assert verified(store).problem is None
    assert verified(store).removed == 5


async def pages(store: SQLiteRecords) -> list[Entry]:
    return [entry async for page in store.entries() for entry in page]


def test_a_link_can_be_repeated_by_hand(store: SQLiteRecords) -> None:
    """The printed recipe gives the hash that is stored (R24)."""
    entry = run(pages, store)[4]
    for text, expected in ((entry.body or "", entry.payload), (entry.previous + entry.payload, entry.hash)):
        done = subprocess.run(["sha256sum"], input=text.encode(), capture_output=True, check=True)  # noqa: S607
        assert done.stdout.decode().split()[0] == expected


def test_a_record_reads_back_as_it_was(store: SQLiteRecords) -> None:
    """What is stored is all of the record and nothing else (R23)."""
    record = make_record(99, signals=("gpc",), previous=new_id(START.timestamp()))
    run(store.append, record, TEXT)
    found = run(store.find, record.id)
    assert found is not None
    assert Record.from_json(found.body or "") == record


@settings(max_examples=25, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck))
class Chains(RuleBasedStateMachine):
    """Appends, purges and erasures in any order hold; one act behind the store's back does not."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = SQLiteRecords(Path(self.folder.name) / "consent.sqlite3")
        self.minute = 0
        self.there: dict[str, int] = {}
        self.removed = 0
        self.noted = Link()

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @initialize(count=st.integers(1, 5))
    def begin(self, count: int) -> None:
        self.append(count)

    @rule(count=st.integers(1, 20))
    def append(self, count: int) -> None:
        records = [make_record(self.minute + index) for index in range(count)]

        async def append() -> None:
            for record in records:
                await self.store.append(record, TEXT)

        run(append)
        self.there |= {record.id: self.minute + index for index, record in enumerate(records)}
        self.minute += count

    @rule(share=st.floats(0, 1))
    def purge(self, share: float) -> None:
        before = START + timedelta(minutes=int(share * self.minute))
        gone = run(lambda: self.store.purge(before, now=LATER))
        old = [name for name, minute in self.there.items() if START + timedelta(minutes=minute) < before]
        assert gone == len(old)
        self._forget(old)

    @rule(data=st.data())
    @precondition(lambda self: self.there)
    def erase(self, data: st.DataObject) -> None:
        names = data.draw(st.lists(st.sampled_from(sorted(self.there)), max_size=4, unique=True))
        assert run(lambda: self.store.erase([*names, "unknown"], now=LATER)) == len(names)
        self._forget(names)

    def _forget(self, names: list[str]) -> None:
        for name in names:
            del self.there[name]
        self.removed += len(names)

    @rule()
    def note(self) -> None:
        self.noted = run(self.store.head)

    @rule()
    def hold(self) -> None:
        found = run(verify, self.store, [self.noted])
        assert (found.problem, found.decisions, found.removed) == (None, len(self.there), self.removed)

    @rule(data=st.data())
    @precondition(lambda self: self.there)
    def meddle(self, data: st.DataObject) -> None:
        """Change one thing, see that it is found, and put it back."""
        self.store.close()
        path = Path(self.folder.name) / "consent.sqlite3"
        with closing(sqlite3.connect(path)) as connection:
            connection.isolation_level = None
            connection.execute("pragma wal_checkpoint(truncate)")
            whole = path.read_bytes()
            rows = connection.execute("select count(*) from consent_records").fetchone()[0]
            at = data.draw(st.integers(1, rows))
            for statement in data.draw(st.sampled_from(MEDDLING)):
                connection.execute(statement.format(at=at, last=rows))
            changed = connection.total_changes
        assert not changed or run(verify, self.store, [self.noted]).problem is not None
        self.store.close()
        for left in path.parent.glob(f"{path.name}-*"):
            left.unlink()
        path.write_bytes(whole)


MEDDLING: Final = [
    ["update consent_records set body = replace(body, 'banner', 'dialog') where position = {at} and body like '%banner%'"],
    ["update consent_records set payload = hash where position = {at}"],
    ["update consent_records set previous = hash where position = {at}"],
    ["update consent_records set id = 'x' where position = {at} and body is not null"],
    ["update consent_records set body = '{{}}' where position = {at}"],
    ["update consent_records set body = null, id = null, notice = null where position = {at} and notice is not null"],
    ["delete from consent_records where position = {at}"],
    [
        "update consent_records set position = 0 where position = {at} and {at} != {last}",
        "update consent_records set position = {at} where position = {last} and {at} != {last}",
        "update consent_records set position = {last} where position = 0",
    ],
    [
        "insert into consent_records select {last} + 1, null, notice, previous, payload, hash, body"
        " from consent_records where position = {at}"
    ],
    ["delete from consent_notices"],
    ["update consent_head set position = position - 1"],
]  # fmt: skip

TestChains: Callable[..., object] = Chains.TestCase
