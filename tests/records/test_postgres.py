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

INSERT = "insert into consent_records"
"""How the one begins that others write by, or who holds the head."""

FILLED: Final = 2
"""Records that are there already."""


@asynccontextmanager
async def opened(address: str, statement: str) -> AsyncIterator[tuple[AsyncEngine, SQLRecords]]:
    """A store with some records, which makes its next append by this statement."""
    engine = create_async_engine(address)
    store = SQLRecords(engine)
    await store.create_all()
    for minute in range(FILLED):
        await store.append(make_record(minute), TEXT)
    try:
        yield engine, store if statement == APART else SQLRecords(engine)
    finally:
        await engine.dispose()


async def hold(store: SQLRecords, decisions: int) -> None:
    """See that the chain holds, with so many records."""
    found = await verify(store)
    assert (found.problem, found.decisions) == (None, decisions)


def counted(engine: AsyncEngine) -> list[str]:
    """The statements that append, as they are executed from now on."""
    asked: list[str] = []
    for statement in (APART, IN_TURN, INSERT):
        meanwhile(engine, statement, lambda *_, s=statement: asked.append(s), 1_000)
    return asked


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("statement", [APART, IN_TURN])
def test_who_comes_second_appends_after_the_first(postgres: Cluster, statement: str, times: int) -> None:
    """Whatever another process appends at the last moment, all records are in the one chain (R24)."""
    address, others = postgres.database(), list[int]()

    def come_first(*_: Any) -> None:
        others.append(len(others))
        by_another(address, 100 + len(others))

    async def main() -> None:
        async with opened(address, statement) as (engine, store):
            meanwhile(engine, statement, come_first, times)
            await store.append(make_record(10), TEXT)
            await store.append(make_record(11), TEXT)
            assert others
            await hold(store, FILLED + 2 + len(others))

    run(main)


def test_who_is_alone_again_counts_on_it(postgres: Cluster) -> None:
    """The server links as long as others write, and a while longer; then the process does, as before."""
    address = postgres.database()

    async def main() -> None:
        async with opened(address, APART) as (engine, store):
            asked = counted(engine)
            await asyncio.to_thread(by_another, address, 100)
            for minute in range(CALM + 3):
                await store.append(make_record(200 + minute), TEXT)
            assert asked == [APART, *[IN_TURN] * (CALM + 1), APART, APART]
            await hold(store, FILLED + CALM + 4)

    run(main)


@pytest.mark.parametrize("statement", [APART, IN_TURN])
def test_an_answer_that_got_lost_is_no_second_record(postgres: Cluster, statement: str) -> None:
    """If the connection breaks right after the commit, the record counts, and is not made again (R25)."""
    address = postgres.database()

    def commit_and_cut(connection: Any, asked: str, values: Any) -> None:
        assert execute(address, asked, *values) in ("INSERT 0 1", "SELECT 1")
        connection.terminate()

    async def main() -> None:
        async with opened(address, statement) as (engine, store):
            meanwhile(engine, statement, commit_and_cut, 1)
            await store.append(make_record(10), TEXT)
            await hold(store, FILLED + 1)
            await store.append(make_record(11), TEXT)
            await hold(store, FILLED + 2)

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
    address = postgres.database()

    async def main() -> None:
        async with opened(address, statement) as (engine, store):
            used: list[Any] = []
            meanwhile(engine, statement, lambda connection, *_: used.append(connection), 1)
            other = await connected(address)
            lock = other.transaction()
            await lock.start()
            await other.execute("select from consent_head for update")
            appended = asyncio.create_task(store.append(make_record(10), TEXT))
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
            await hold(store, FILLED + 1)

    run(main)


async def waits(connection: Any, count: int) -> bool:
    return len(await connection.fetch(_WAITING)) == count


@pytest.mark.parametrize("statement", [APART, IN_TURN])
def test_a_statement_that_is_stopped_is_asked_again(postgres: Cluster, statement: str) -> None:
    """A backend that the administrator ends while it waits costs nobody a record (R25)."""
    address = postgres.database()

    async def main() -> None:
        async with opened(address, statement) as (_, store):
            other = await connected(address)
            async with other.transaction():
                await other.execute("select from consent_head for update")
                appended = [
                    asyncio.create_task(store.append(make_record(10 + minute), TEXT)) for minute in range(5)
                ]
                (waiting,) = await until(lambda: other.fetch(_WAITING))
                await other.fetchval("select pg_terminate_backend($1)", waiting["pid"])
            await asyncio.gather(*appended)
            await other.close()
            await hold(store, FILLED + 5)

    run(main)


def test_a_group_that_holds_what_is_there_loses_nothing(postgres: Cluster) -> None:
    """Word for word the same is kept once and acknowledged; whoever shares its commit is kept as well (R25)."""

    async def main() -> None:
        async with opened(postgres.database(), APART) as (_, store):
            first = make_record(10)
            await store.append(first, TEXT)
            items = [first, make_record(11), first, make_record(12)]
            await asyncio.gather(*(store.append(record, TEXT) for record in items))
            await hold(store, FILLED + 3)

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
        async with opened(encoded[encoding], IN_TURN) as (engine, store):
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
                await SQLRecords(engine)._commit([(item, None) for item in group])
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
        engine = create_async_engine(address)
        asked, store = counted(engine), SQLRecords(engine)
        await store.create_all()
        for minute in range(3):
            await store.append(make_record(minute), TEXT)
        await asyncio.to_thread(by_another, address, 100)
        await store.append(make_record(101), TEXT)
        assert asked == [IN_TURN, INSERT, APART, APART, APART, INSERT]
        await hold(store, 5)
        await engine.dispose()

    run(main)


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_stricter_database_takes_all_the_same(postgres: Cluster, level: str) -> None:
    """Where nobody may see what was committed meanwhile, writers wait in another way (R24)."""
    address = postgres.database()
    name = address.split("/")[3].split("?")[0]
    execute(address, f"alter database {name} set default_transaction_isolation to '{level}'")

    async def main() -> None:
        async with opened(address, APART) as (_, store):
            engines = [create_async_engine(address) for _ in range(4)]
            await asyncio.gather(
                *(many(SQLRecords(one), 100 * place) for place, one in enumerate(engines, 1))
            )
            await hold(store, FILLED + 100)
            await asyncio.gather(*(engine.dispose() for engine in engines))

    async def many(store: SQLRecords, first: int) -> None:
        for minute in range(25):
            await store.append(make_record(first + minute), TEXT)

    run(main)


def test_what_fails_is_told(postgres: Cluster) -> None:
    """A failure that is the database's own is no reason to try another way (R25)."""
    address = postgres.database()

    async def main() -> None:
        async with opened(address, IN_TURN) as (engine, store):
            asked = counted(engine)
            await asyncio.to_thread(execute, address, "drop table consent_notices")
            with pytest.raises(RecordsError, match="consent_notices"):
                await store.append(make_record(5), TEXT)
            assert asked == [IN_TURN]

    run(main)
