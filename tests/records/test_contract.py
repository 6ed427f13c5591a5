"""All stores of the package keep the same promises."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from consent import SQLiteRecords
from consent.records.record import RecordsArchive
from consent.records.sql import SQLRecords
from consent.testing import RecordsContract
from tests.postgres import Cluster


class TestSQLiteRecords(RecordsContract):
    """A file by the standard library."""

    @pytest.fixture(autouse=True)
    def path(self, tmp_path: Path) -> None:
        self.file = tmp_path / "consent.sqlite3"

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[RecordsArchive]:
        store = SQLiteRecords(self.file)
        yield store
        await store.aclose()


class SQLContract(RecordsContract):
    """Whatever SQLAlchemy reaches."""

    address: str

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[RecordsArchive]:
        engine = create_async_engine(self.address)
        store = SQLRecords(engine)
        await store.create_all()
        yield store
        await store.aclose()
        await engine.dispose()


class TestSQLRecordsOnSQLite(SQLContract):
    """A file by aiosqlite."""

    @pytest.fixture(autouse=True)
    def path(self, tmp_path: Path) -> None:
        self.address = f"sqlite+aiosqlite:///{tmp_path / 'consent.sqlite3'}"


class TestSQLRecordsOnPostgreSQL(SQLContract):
    """A real PostgreSQL by asyncpg."""

    @pytest.fixture(autouse=True)
    def database(self, postgres: Cluster) -> None:
        self.address = postgres.database()


class TestOneFileBothWays(RecordsContract):
    """A file that is written by the one and by the other in turn."""

    @pytest.fixture(autouse=True)
    def path(self, tmp_path: Path) -> None:
        self.file = tmp_path / "consent.sqlite3"
        self.turn = 0

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[RecordsArchive]:
        self.turn += 1
        if self.turn % 2:
            store = SQLiteRecords(self.file)
            await store.head()
            yield store
            await store.aclose()
        else:
            engine = create_async_engine(f"sqlite+aiosqlite:///{self.file}")
            yield SQLRecords(engine)
            await engine.dispose()
