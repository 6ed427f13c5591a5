"""Records in one SQLite file: the embedded store for one machine; the only user of sqlite3."""

import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

from anyio import CapacityLimiter, to_thread

from consent.errors import RecordsError
from consent.records.chain import ERASE, PURGE, Entry, Link, Positions, Unlinked, canonical, extend, removal
from consent.records.record import Record, first_id, new_id, rfc3339
from consent.records.writer import GroupCommits, RejectedError

_SCHEMA: Final = """
create table if not exists consent_notices (
    id text not null primary key,
    body text not null
) strict, without rowid;
create table if not exists consent_records (
    position integer not null primary key,
    id text unique,
    notice text,
    previous text not null,
    payload text not null,
    hash text not null,
    body text
) strict;
create table if not exists consent_head (
    id integer not null primary key check (id = 1),
    position integer not null,
    hash text not null
) strict;
"""

_COLUMNS: Final = "position, id, notice, previous, payload, hash, body"
_REMOVE: Final = "update consent_records set id = null, notice = null, body = null where "

BUSY_TIMEOUT: Final = 5.0
"""Seconds to wait while another process writes."""

PAGE: Final = 1_000
"""Entries read at once."""

T = TypeVar("T")
_Item = tuple[Unlinked, str | None]


class SQLiteRecords:
    """A write-ahead-logged SQLite file, readable by its owner only, opened at the first decision.

    Every record is on the disk (``synchronous=FULL``) before its decision is answered; decisions that
    arrive together share a commit. Work happens in a worker thread. Several processes may write to one
    file. ``path`` is made if it is missing; its folder is not.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._writers = GroupCommits[_Item](lambda group: self._in_thread(self._commit, group))

    async def append(self, record: Record, notice: str | None) -> None:
        """Keep ``record``; raises `RecordsError` if it cannot be."""
        body = canonical(record.as_dict())
        await self._writers.here().submit((Unlinked(id=record.id, notice=record.notice, body=body), notice))

    async def find(self, identifier: str) -> Entry | None:
        """The entry of the record with this id."""
        query = f"select {_COLUMNS} from consent_records where id = ?"  # noqa: S608  # our own columns
        rows = await self._read(query, identifier)
        return _entry(rows[0]) if rows else None

    async def notice(self, identifier: str) -> str | None:
        """The text that visitors saw under this notice id."""
        rows = await self._read("select body from consent_notices where id = ?", identifier)
        return rows[0][0] if rows else None

    async def notices(self) -> AsyncIterator[tuple[str, str]]:
        """Every notice: its id and its text."""
        after = ""
        query = "select id, body from consent_notices where id > ? order by id limit 100"
        while rows := await self._read(query, after):
            for row in rows:
                yield row
            after = rows[-1][0]

    async def entries(self, after: int = 0) -> AsyncIterator[Sequence[Entry]]:
        """The entries after this position, a thousand at a time."""
        query = f"select {_COLUMNS} from consent_records where position > ? order by position limit {PAGE}"  # noqa: S608
        while rows := await self._read(query, after):
            yield [_entry(row) for row in rows]
            after = rows[-1][0]

    async def head(self) -> Link:
        """The end of the chain as the file remembers it."""
        rows = await self._read("select position, hash from consent_head")
        return Link(position=rows[0][0], hash=rows[0][1]) if rows else Link()

    async def purge(self, before: datetime, *, now: datetime) -> int:
        """Remove what was decided before this time."""
        return await self._in_thread(self._remove, PURGE, now, "id < ?", [first_id(before)])

    async def erase(self, identifiers: Sequence[str], *, now: datetime) -> int:
        """Remove the records of these ids."""
        return await self._in_thread(
            self._remove, ERASE, now, f"id in ({', '.join('?' * len(identifiers))})", identifiers
        )

    async def aclose(self) -> None:
        """Wait for what is being written, and give the file back; a later record opens it again."""
        await self._writers.here().drain()
        await self._in_thread(self.close)

    def close(self) -> None:
        """Give the file back without waiting for anything."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    async def _in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        # A limiter of its own: whoever waits for the file takes no thread from the site's views.
        return await to_thread.run_sync(work, *arguments, abandon_on_cancel=True, limiter=CapacityLimiter(1))

    def _commit(self, group: Sequence[_Item]) -> None:
        seen = {item.notice: notice for item, notice in group if notice is not None}
        with self._transaction() as connection:
            connection.executemany("insert or ignore into consent_notices values (?, ?)", seen.items())
            _extend(connection, [item for item, _ in group])

    def _remove(self, action: str, now: datetime, condition: str, values: Sequence[str]) -> int:
        """Null what ``condition`` finds, and say so in the chain."""
        where = f"notice is not null and {condition}"
        with self._transaction() as connection:
            query = f"select position from consent_records where {where} order by position"  # noqa: S608
            positions = Positions()
            positions.add(row[0] for row in connection.execute(query, values))
            if positions:
                connection.execute(_REMOVE + where, values)
                _extend(connection, [removal(new_id(now.timestamp()), action, rfc3339(now), positions)])
        with self._lock, suppress(sqlite3.Error):
            # The write-ahead log still holds what was removed.
            self._open().execute("pragma wal_checkpoint(truncate)")
        return len(positions)

    async def _read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return await self._in_thread(self._select, query, values)

    def _select(self, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """Read on a connection of its own, so that nobody who writes waits."""
        try:
            with closing(_connect(self._path)) as connection:
                return connection.execute(query, values).fetchall()
        except (sqlite3.Error, OSError) as error:
            raise RecordsError(f"{self._path}: the records cannot be read: {error}.") from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, while no other process writes."""
        try:
            with self._lock, self._open() as connection:
                connection.execute("begin immediate")
                yield connection
        except sqlite3.IntegrityError as error:
            raise RejectedError(f"{self._path}: a record cannot be kept: {error}.") from error
        except (sqlite3.Error, OSError) as error:
            self.close()  # the next decision opens the file anew, wherever it is then
            raise RecordsError(f"{self._path}: the file cannot be written: {error}.") from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = _connect(self._path)
        return self._connection


def holds_records(path: str | os.PathLike[str]) -> bool:
    """Whether there is a file of records at ``path``; makes none and changes none."""
    address = f"{Path(path).absolute().as_uri()}?mode=ro"
    query = "select count(*) from sqlite_schema where name = 'consent_head'"
    with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True)) as connection:
        return bool(connection.execute(query).fetchone()[0])
    return False


def _connect(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT, check_same_thread=False)
    try:
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=full")
        connection.execute("pragma secure_delete=on")
        connection.executescript(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _extend(connection: sqlite3.Connection, items: Sequence[Unlinked]) -> None:
    found = connection.execute("select position, hash from consent_head").fetchone()
    head = Link(position=found[0], hash=found[1]) if found else Link()
    entries, head = extend(head, items)
    connection.executemany("insert into consent_records values (?, ?, ?, ?, ?, ?, ?)", map(_row, entries))
    connection.execute("insert or replace into consent_head values (1, ?, ?)", (head.position, head.hash))


def _row(entry: Entry) -> tuple[object, ...]:
    return (
        entry.position, entry.id, entry.notice, entry.previous, entry.payload, entry.hash, entry.body,
    )  # fmt: skip


def _entry(row: Sequence[Any]) -> Entry:
    position, identifier, notice, previous, payload, linked, body = row
    return Entry(
        position=position,
        id=identifier,
        notice=notice,
        previous=previous,
        payload=payload,
        hash=linked,
        body=body,
    )
