"""What other processes may do to the SQL store at the worst moment, on a real PostgreSQL."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from consent.errors import RecordsError
from consent.records.sql import SQLRecords
from consent.records.tables import head, metadata
from consent.records.verification import verify
from consent.testing.records import TEXT, make_record
from tests.postgres import Cluster
from tests.sites import run


def meanwhile(engine: AsyncEngine, statement: str, act: Callable[[], Any], times: int) -> None:
    """Have another thread ``act`` right before ``engine`` executes a statement that begins so."""

    def before(_connection: Any, _cursor: Any, asked: str, *_: Any) -> None:
        nonlocal times
        if asked.lstrip().lower().startswith(statement) and times:
            times -= 1
            with ThreadPoolExecutor(1) as thread:
                thread.submit(act).result()

    event.listen(engine.sync_engine, "before_cursor_execute", before)


def by_another(address: str, minute: int) -> None:
    """Append one record, as another process would."""

    async def main() -> None:
        engine = create_async_engine(address)
        await SQLRecords(engine).append(make_record(minute), TEXT)
        await engine.dispose()

    asyncio.run(main())


@pytest.mark.parametrize("times", [1, 2, 3, 4])
def test_who_comes_too_late_looks_again(postgres: Cluster, times: int) -> None:
    """However often another process appends first, all records end up in the one chain (R24)."""
    address = postgres.database()
    minutes = iter(range(100, 200))

    async def main() -> None:
        engine = create_async_engine(address)
        store = SQLRecords(engine)
        await store.create_all()
        await store.append(make_record(0), TEXT)
        meanwhile(engine, "with moved", lambda: by_another(address, next(minutes)), times)
        await store.append(make_record(1), TEXT)
        await store.append(make_record(2), TEXT)
        found = await verify(store)
        assert (found.problem, found.decisions) == (None, 3 + min(times, 4))
        await engine.dispose()

    run(main)


def test_the_first_record_is_made_by_one(postgres: Cluster) -> None:
    """Two processes that begin at once begin one chain (R24)."""
    address = postgres.database()

    async def main() -> None:
        engine = create_async_engine(address)
        store = SQLRecords(engine)
        await store.create_all()
        meanwhile(engine, "insert into consent_head", lambda: by_another(address, 1), 1)
        await store.append(make_record(0), TEXT)
        found = await verify(store)
        assert (found.problem, found.decisions) == (None, 2)
        await engine.dispose()

    run(main)


def test_an_answer_that_got_lost_is_no_second_record(postgres: Cluster) -> None:
    """If the connection breaks right after the commit, the record is found, and not made again (R25)."""
    address = postgres.database()

    async def main() -> None:
        engine = create_async_engine(address)
        store = SQLRecords(engine)
        await store.create_all()
        await store.append(make_record(0), TEXT)

        cut = False

        @event.listens_for(engine.sync_engine, "before_cursor_execute")
        def commit_and_cut(connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
            nonlocal cut
            if "with moved" in statement and not cut:
                cut = True
                with ThreadPoolExecutor(1) as thread:
                    thread.submit(asyncio.run, execute(address, statement, *values)).result()
                connection.connection.driver_connection.terminate()

        await store.append(make_record(1), TEXT)
        found = await verify(store)
        assert (found.problem, found.decisions) == (None, 2)
        await store.append(make_record(2), TEXT)
        await engine.dispose()

    run(main)


async def execute(address: str, statement: str, *values: Any) -> None:
    url = make_url(address)
    connection = await asyncpg.connect(user=url.username, host=url.query["host"], database=url.database)
    assert await connection.execute(statement, *values) == "INSERT 0 1"
    await connection.close()


def test_tables_are_there_for_migrations() -> None:
    """A site's own Alembic sees three tables, and `create_all` makes the same."""
    assert sorted(metadata.tables) == ["consent_head", "consent_notices", "consent_records"]
    assert head.metadata is metadata


def test_a_database_without_tables_is_an_error_in_one_sentence(postgres: Cluster) -> None:
    """What is missing is told, and no record is quoted in a message (R25)."""

    async def main() -> None:
        engine = create_async_engine(postgres.database())
        with pytest.raises(RecordsError, match="consent_head") as caught:
            await SQLRecords(engine).append(make_record(0), TEXT)
        assert "analytics" not in str(caught.value)
        await engine.dispose()

    run(main)
