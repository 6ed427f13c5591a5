"""What others may do at the worst moment of an append."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from consent.records.sql import SQLRecords
from consent.testing.records import TEXT, make_record


def meanwhile(engine: AsyncEngine, statement: str, act: Callable[..., Any], times: int) -> None:
    """Have another thread ``act`` right before ``engine`` executes a statement that begins so.

    It is given the connection, the statement and its values.
    """

    def before(connection: Any, _cursor: Any, asked: str, values: Any, *_: Any) -> None:
        nonlocal times
        if asked.lstrip().lower().startswith(statement) and times:
            times -= 1
            with ThreadPoolExecutor(1) as thread:
                thread.submit(act, connection.connection.driver_connection, asked, values).result()

    event.listen(engine.sync_engine, "before_cursor_execute", before)


def by_another(address: str, minute: int) -> None:
    """Append one record, as another process would."""

    async def main() -> None:
        engine = create_async_engine(address)
        await SQLRecords(engine).append(make_record(minute), TEXT)
        await engine.dispose()

    asyncio.run(main())


async def connected(address: str) -> Any:
    """A bare connection to the database at this address for SQLAlchemy."""
    url = make_url(address)
    return await asyncpg.connect(user=url.username, host=url.query["host"], database=url.database)


def execute(address: str, statement: str, *values: Any) -> str:
    """Execute a statement on a connection of its own; what PostgreSQL says of it."""

    async def main() -> str:
        connection = await connected(address)
        try:
            done: str = await connection.execute(statement, *values)
            return done
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:  # in this one a loop may be running
        return thread.submit(asyncio.run, main()).result()
