"""Opens the records that a command line names: a SQLite file or a database; makes no new ones."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from consent.errors import ConfigurationError
from consent.records.record import RecordsArchive
from consent.records.sqlite import SQLiteRecords, holds_records

OPTION: Final = "--records"


@asynccontextmanager
async def opened(address: str | None) -> AsyncIterator[RecordsArchive]:
    """The store at ``address``, closed in the end; `ConfigurationError` if there is none."""
    if address is None:
        problem = "is missing; allowed is the path of a SQLite file, or the URL of a database."
        raise ConfigurationError(f"{OPTION} (or CONSENT_RECORDS)", problem)
    if "://" in address:
        async with _database(address) as archive:
            yield archive
        return
    archive = _file(Path(address))
    try:
        yield archive
    finally:
        await archive.aclose()


def _file(path: Path) -> SQLiteRecords:
    if not path.is_file():
        raise ConfigurationError(OPTION, f"there is no file {str(path)!r}.")
    if not holds_records(path):
        raise ConfigurationError(OPTION, f"{str(path)!r} holds no consent records, or may not be read.")
    return SQLiteRecords(path)


@asynccontextmanager
async def _database(address: str) -> AsyncIterator[RecordsArchive]:
    try:
        from consent.cli.databases import engine_at  # noqa: PLC0415  # SQLAlchemy may be missing
        from consent.records.sql import SQLRecords  # noqa: PLC0415
    except ModuleNotFoundError:
        problem = "a database needs more: pip install 'asgi-consent[sql]'."
        raise ConfigurationError(OPTION, problem) from None
    engine = engine_at(address, option=OPTION)
    try:
        archive = SQLRecords(engine)
        await archive.head()  # a database without the tables, or that is not reached, says so at once
        yield archive
    finally:
        await engine.dispose()
