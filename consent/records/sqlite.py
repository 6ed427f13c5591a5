"""Records in one SQLite file: the embedded store for one machine; the only user of sqlite3."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import Final

from anyio import CapacityLimiter, to_thread

from consent.errors import RecordsError
from consent.records.record import Record

_SCHEMA: Final = """
create table if not exists notices (id text primary key, body text not null) strict, without rowid;
create table if not exists records (
    id text primary key,
    notice text not null,
    body text not null
) strict;
"""

BUSY_TIMEOUT: Final = 5.0
"""Seconds to wait while another process writes."""


class SQLiteRecords:
    """A write-ahead-logged SQLite file, readable by its owner only, opened at the first decision.

    Every record is on the disk (``synchronous=FULL``) before its decision is answered. Work happens
    in a worker thread, one record at a time. ``path`` is made if it is missing; its folder is not.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None

    async def append(self, record: Record, notice: str | None) -> None:
        """Keep ``record``; raises `RecordsError` if the file cannot be written."""
        # A limiter of its own: whoever waits for the file takes no thread from the site's views.
        await to_thread.run_sync(
            self._append, record, notice, abandon_on_cancel=True, limiter=CapacityLimiter(1)
        )

    def _append(self, record: Record, notice: str | None) -> None:
        body = json.dumps(record.as_dict(), ensure_ascii=False, separators=(",", ":"))
        try:
            with self._lock, self._open() as connection:
                if notice is not None:
                    connection.execute("insert or ignore into notices values (?, ?)", (record.notice, notice))
                connection.execute("insert into records values (?, ?, ?)", (record.id, record.notice, body))
        except (sqlite3.Error, OSError) as error:
            raise RecordsError(f"{self._path}: the record could not be written: {error}.") from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = _connect(self._path)
        return self._connection

    def __iter__(self) -> Iterator[dict[str, object]]:
        """Every record, oldest first, as `Record.as_dict` gives it."""
        with closing(sqlite3.connect(self._path, timeout=BUSY_TIMEOUT)) as connection:
            for (body,) in connection.execute("select body from records order by rowid"):
                yield json.loads(body)

    def notice(self, identifier: str) -> str | None:
        """The text that visitors saw under this notice id."""
        with closing(sqlite3.connect(self._path, timeout=BUSY_TIMEOUT)) as connection:
            found = connection.execute("select body from notices where id = ?", (identifier,)).fetchone()
        return found[0] if found else None

    def close(self) -> None:
        """Give the file back; a later record opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT, check_same_thread=False)
    try:
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=full")
        connection.executescript(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
