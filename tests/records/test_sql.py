"""What other processes may do to the SQL store at the worst moment, on a real PostgreSQL."""

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from consent.errors import RecordsError
from consent.records.sql import SQLRecords
from consent.records.tables import head, metadata
from consent.records.verification import verify
from consent.testing.records import TEXT, make_record
from tests.postgres import Cluster
from tests.records.meanwhile import by_another, meanwhile
from tests.sites import run


def test_the_first_record_is_made_by_one(postgres: Cluster) -> None:
    """Two processes that begin at once begin one chain (R24)."""
    address = postgres.database()

    async def main() -> None:
        engine = create_async_engine(address)
        store = SQLRecords(engine)
        await store.create_all()
        meanwhile(engine, "insert into consent_head", lambda *_: by_another(address, 1), 1)
        await store.append(make_record(0), TEXT)
        found = await verify(store)
        assert (found.problem, found.decisions) == (None, 2)
        await engine.dispose()

    run(main)


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
