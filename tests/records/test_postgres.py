"""Several writers at one chain, and answers that get lost, on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from consent.errors import RecordsError
from consent.records.chain import Unlinked, extend
from consent.records.postgres import CALM
from consent.records.sql import SQLRecords
from consent.records.verification import verify
from consent.testing.records import TEXT, make_record
from tests.postgres import Cluster
from tests.records.meanwhile import by_another, connected, execute, meanwhile
from tests.sites import run

APART, IN_TURN = "with moved", "with recursive"
"""How the two statements begin: of who is alone with the chain, and of who is not."""

BEFORE: Final = {APART: CALM + 2, IN_TURN: 2}
"""Appends after which the next one is made by this statement."""


@asynccontextmanager
async def opened(address: str, before: int = 0) -> AsyncIterator[tuple[AsyncEngine, SQLRecords]]:
    """A store with so many records."""
    engine = create_async_engine(address)
    store = SQLRecords(engine)
    await store.create_all()
    for minute in range(before):
        await store.append(make_record(minute), TEXT)
    try:
        yield engine, store
    finally:
        await engine.dispose()


async def hold(store: SQLRecords, decisions: int) -> None:
    """See that the chain holds, with so many records."""
    found = await verify(store)
    assert (found.problem, found.decisions) == (None, decisions)


def counted(engine: AsyncEngine) -> list[str]:
    """The statements that append, as they are executed from now on."""
    asked: list[str] = []
    for statement in (APART, IN_TURN, "insert into consent_records"):
        meanwhile(engine, statement, lambda *_, s=statement: asked.append(s), 1_000)
    return asked


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("statement", [APART, IN_TURN])
def test_who_comes_second_appends_after_the_first(postgres: Cluster, statement: str, times: int) -> None:
    """Whatever another process appends at the last moment, all records are in the one chain (R24)."""
    address, before = postgres.database(), BEFORE[statement]
    minutes = iter(range(100, 200))

    async def main() -> None:
        async with opened(address, before) as (engine, store):
            meanwhile(engine, statement, lambda *_: by_another(address, next(minutes)), times)
            await store.append(make_record(before), TEXT)
            await store.append(make_record(before + 1), TEXT)
            await hold(store, before + 2 + (1 if statement == APART else times))

    run(main)


def test_who_is_alone_again_counts_on_it(postgres: Cluster) -> None:
    """The server links as long as others write, and a while longer; then the process does, as before."""
    address = postgres.database()

    async def main() -> None:
        async with opened(address, CALM + 2) as (engine, store):
            asked = counted(engine)
            await asyncio.to_thread(by_another, address, 100)
            for minute in range(CALM + 3):
                await store.append(make_record(200 + minute), TEXT)
            assert asked == [APART, *[IN_TURN] * (CALM + 1), APART, APART]
            await hold(store, 2 * CALM + 6)

    run(main)


@pytest.mark.parametrize("statement", [APART, IN_TURN])
def test_an_answer_that_got_lost_is_no_second_record(postgres: Cluster, statement: str) -> None:
    """If the connection breaks right after the commit, the record counts, and is not made again (R25)."""
    address, before = postgres.database(), BEFORE[statement]

    def commit_and_cut(connection: Any, asked: str, values: Any) -> None:
        assert execute(address, asked, *values) in ("INSERT 0 1", "SELECT 1")
        connection.terminate()

    async def main() -> None:
        async with opened(address, before) as (engine, store):
            meanwhile(engine, statement, commit_and_cut, 1)
            await store.append(make_record(before), TEXT)
            await hold(store, before + 1)
            await store.append(make_record(before + 1), TEXT)
            await hold(store, before + 2)

    run(main)


async def until(condition: Callable[[], Any]) -> Any:
    """Look again and again, and come to what was found."""
    while not (found := await condition()):  # noqa: ASYNC110  # of a database
        await asyncio.sleep(0.01)
    return found


_WAITING: Final = "select distinct pid from pg_locks where not granted"


@pytest.mark.parametrize("first", ["the one that was cut off", "the one that was asked again"])
@pytest.mark.parametrize("statement", [APART, IN_TURN])
def test_a_statement_that_outlives_its_connection_is_no_second_record(
    postgres: Cluster, statement: str, first: str
) -> None:
    """Of one that still waits on the server, and the same asked again, only one appends (R24, R25)."""
    address, before = postgres.database(), BEFORE[statement]

    async def main() -> None:
        async with opened(address, before) as (engine, store):
            used: list[Any] = []
            meanwhile(engine, statement, lambda connection, *_: used.append(connection), 1)
            other = await connected(address)
            lock = other.transaction()
            await lock.start()
            await other.execute("select from consent_head for update")
            appended = asyncio.create_task(store.append(make_record(before), TEXT))
            (waiting,) = await until(lambda: other.fetch(_WAITING))
            used[0].terminate()
            await until(lambda: waits(other, 2))
            if first != "the one that was cut off":
                await other.fetchval("select pg_terminate_backend($1)", waiting["pid"])
                await until(lambda: waits(other, 1))
            await lock.rollback()
            await appended
            await until(lambda: waits(other, 0))
            await other.close()
            await hold(store, before + 1)

    run(main)


async def waits(connection: Any, count: int) -> bool:
    return len(await connection.fetch(_WAITING)) == count


@pytest.mark.parametrize("statement", [APART, IN_TURN])
def test_a_statement_that_is_stopped_is_asked_again(postgres: Cluster, statement: str) -> None:
    """A backend that the administrator ends while it waits costs nobody a record (R25)."""
    address, before = postgres.database(), BEFORE[statement]

    async def main() -> None:
        async with opened(address, before) as (_, store):
            other = await connected(address)
            async with other.transaction():
                await other.execute("select from consent_head for update")
                appended = [
                    asyncio.create_task(store.append(make_record(before + minute), TEXT))
                    for minute in range(5)
                ]
                (waiting,) = await until(lambda: other.fetch(_WAITING))
                await other.fetchval("select pg_terminate_backend($1)", waiting["pid"])
            await asyncio.gather(*appended)
            await other.close()
            await hold(store, before + 5)

    run(main)


def test_a_group_that_holds_what_is_there_loses_nothing(postgres: Cluster) -> None:
    """Word for word the same is kept once and acknowledged; whoever shares its commit is kept as well (R25)."""

    async def main() -> None:
        async with opened(postgres.database(), 2) as (_, store):
            first = make_record(10)
            await store.append(first, TEXT)
            items = [first, make_record(11), first, make_record(12)]
            await asyncio.gather(*(store.append(record, TEXT) for record in items))
            await hold(store, 5)

    run(main)


BODIES: Final = st.lists(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1, max_size=40
)


@pytest.fixture(scope="module")
def encoded(postgres: Cluster) -> dict[str, str]:
    """Databases that keep text differently."""
    other = postgres.database()
    address = other.replace("/test_", "/latin_")
    name = address.split("/")[3].split("?")[0]
    execute(other, f"create database {name} encoding 'LATIN1' locale 'C' template template0")
    return {"UTF8": other, "LATIN1": address}


@pytest.mark.parametrize("encoding", ["UTF8", "LATIN1"])
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(groups=st.lists(BODIES, min_size=1, max_size=4))
def test_the_server_links_as_we_do(encoded: dict[str, str], encoding: str, groups: list[list[str]]) -> None:
    """Whatever the text, and however many share a commit, each hash is that of the printed recipe (R24)."""

    async def main() -> None:
        async with opened(encoded[encoding]) as (engine, store):
            begun = await store.head()
            if begun.position == 0:
                await store.append(make_record(), TEXT)
                begun = await store.head()
            asked = counted(engine)
            items = [
                [
                    Unlinked(
                        id=make_record(minute).id, notice=None, body=body.encode(code, "ignore").decode(code)
                    )
                    for minute, body in enumerate(group)
                ]
                for group in groups
            ]
            for group in items:
                await store._commit([(item, None) for item in group])
            entries, end = extend(begun, [item for group in items for item in group])
            assert [entry async for page in store.entries(begun.position) for entry in page] == entries
            assert await store.head() == end
            assert asked == [IN_TURN] * len(groups)

    code = {"UTF8": "utf-8", "LATIN1": "latin-1"}[encoding]
    run(main)


def test_a_server_that_cannot_link_is_no_obstacle(postgres: Cluster) -> None:
    """Without one of the functions records are linked here, by whoever holds the head (R24)."""
    address = postgres.database()
    gone = "set allow_system_table_mods = on; update pg_proc set proname = 'gone' where proname = 'sha256'"
    execute(address, gone)

    async def main() -> None:
        async with opened(address) as (engine, store):
            asked = counted(engine)
            for minute in range(CALM + 2):
                await store.append(make_record(minute), TEXT)
            await hold(store, CALM + 2)
            assert asked == [IN_TURN, *["insert into consent_records"] * CALM, APART, APART]
            await asyncio.to_thread(by_another, address, 100)
            await store.append(make_record(101), TEXT)
            await hold(store, CALM + 4)

    run(main)


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_stricter_database_takes_all_the_same(postgres: Cluster, level: str) -> None:
    """Where nobody may see what was committed meanwhile, writers wait in another way (R24)."""
    address = postgres.database()
    name = address.split("/")[3].split("?")[0]
    execute(address, f"alter database {name} set default_transaction_isolation to '{level}'")

    async def main() -> None:
        async with opened(address, 1) as (_, store), opened(address) as (_, other):
            both = [make_record(minute) for minute in range(200)]
            await asyncio.gather(
                *(one(store if minute % 2 else other, record) for minute, record in enumerate(both))
            )
            await hold(store, 201)

    async def one(store: SQLRecords, record: Any) -> None:
        await asyncio.sleep(0)
        await store.append(record, TEXT)

    run(main)


def test_what_fails_is_told(postgres: Cluster) -> None:
    """A failure that is the database's own is no reason to try another way (R25)."""
    address = postgres.database()

    async def main() -> None:
        async with opened(address, 2) as (engine, store):
            asked = counted(engine)
            await asyncio.to_thread(execute, address, "drop table consent_notices")
            with pytest.raises(RecordsError, match="consent_notices"):
                await store.append(make_record(5), TEXT)
            assert asked == [IN_TURN]

    run(main)
