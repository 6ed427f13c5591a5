"""The stores that are compared: ours, and one bare insert with its commit for each decision."""

import os
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final

import asyncpg
from anyio import to_thread
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from consent import SQLiteRecords
from consent.records.chain import canonical
from consent.records.record import Record
from consent.records.sql import SQLRecords

Append = Callable[[Record, str], Awaitable[None]]

POOL: Final = 16
"""Connections to PostgreSQL of the bare insert."""

_TABLE: Final = "create table if not exists decisions (id text primary key, body text not null)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """``opened`` is given a folder and the address of a PostgreSQL database; ``bare`` names its baseline."""

    name: str
    opened: Callable[[Path, str], Any]
    bare: str | None = None


@asynccontextmanager
async def _bare_sqlite(folder: Path, _: str) -> AsyncIterator[Append]:
    """By the standard library, in a worker thread, with the same durability as ours."""
    connection = sqlite3.connect(folder / "bare.sqlite3", check_same_thread=False)
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=full")
    connection.execute(_TABLE)
    lock = Lock()

    def insert(record: Record) -> None:
        with lock, connection:
            connection.execute(
                "insert into decisions values (?, ?)", (record.id, canonical(record.as_dict()))
            )

    yield lambda record, _: to_thread.run_sync(insert, record)
    connection.close()


@asynccontextmanager
async def _our_sqlite(folder: Path, _: str) -> AsyncIterator[Append]:
    store = SQLiteRecords(folder / "ours.sqlite3")
    yield store.append
    await store.aclose()


@asynccontextmanager
async def _bare_postgres(_: Path, database: str) -> AsyncIterator[Append]:
    """By asyncpg's pool."""
    url = make_url(database)
    pool = await asyncpg.create_pool(
        user=url.username, host=url.query["host"], database=url.database, min_size=POOL, max_size=POOL
    )
    await pool.execute(_TABLE)

    async def append(record: Record, _: str) -> None:
        await pool.execute("insert into decisions values ($1, $2)", record.id, canonical(record.as_dict()))

    yield append
    await pool.close()


@asynccontextmanager
async def _our_postgres(_: Path, database: str) -> AsyncIterator[Append]:
    async with opened_sql(database) as append:
        yield append


@asynccontextmanager
async def _our_aiosqlite(folder: Path, _: str) -> AsyncIterator[Append]:
    async with opened_sql(f"sqlite+aiosqlite:///{folder / 'sql.sqlite3'}") as append:
        yield append


@asynccontextmanager
async def opened_sql(address: str) -> AsyncIterator[Append]:
    """`SQLRecords` on an engine of its own."""
    engine = create_async_engine(address)
    store = SQLRecords(engine)
    await store.create_all()
    yield store.append
    await engine.dispose()


CONTESTANTS: Final = (
    Contestant(name="SQLite, bare insert", opened=_bare_sqlite),
    Contestant(name="SQLiteRecords", opened=_our_sqlite, bare="SQLite, bare insert"),
    Contestant(name="SQLRecords, aiosqlite", opened=_our_aiosqlite, bare="SQLite, bare insert"),
    Contestant(name="PostgreSQL, bare insert", opened=_bare_postgres),
    Contestant(name="SQLRecords, asyncpg", opened=_our_postgres, bare="PostgreSQL, bare insert"),
)


def syncs_per_second(folder: Path, seconds: float = 0.5) -> float:
    """How often a second the disk confirms that 4 KiB are on it."""
    page, count = b"x" * 4096, 0
    with (folder / "sync").open("wb", buffering=0) as file:
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            file.write(page)
            os.fsync(file.fileno())
            count += 1
        return count / (time.perf_counter() - began)
