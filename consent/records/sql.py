"""Records in the site's own database through SQLAlchemy: one store for many machines; its only user."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Row, Select, and_, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from consent.errors import RecordsError
from consent.records.chain import (
    ERASE,
    GENESIS,
    PURGE,
    Entry,
    Link,
    Positions,
    Unlinked,
    canonical,
    digest,
    extend,
    removal,
)
from consent.records.postgres import Appends
from consent.records.record import Record, first_id, new_id, rfc3339
from consent.records.tables import head, metadata, notices, records
from consent.records.writer import GroupCommits, RejectedError

PAGE: Final = 1_000
"""Entries read at once."""

_RETRIED: Final = ("40001", "40P01")
"""SQLSTATEs of a transaction that only came at the wrong moment: serialization failure, deadlock."""

_ATTEMPTS: Final = 3

T = TypeVar("T")
_Item = tuple[Unlinked, str | None]
_Work = Callable[[AsyncConnection], Awaitable[T]]


class SQLRecords:
    """Any database with an asynchronous SQLAlchemy driver: PostgreSQL, MySQL, MariaDB, SQLite and others.

    ``engine`` is the site's own, and stays open. Decisions that arrive together share a transaction;
    processes and machines that share the database append to one chain. Make the tables with
    `create_all`, or with migrations of your own from `consent.records.tables.metadata`.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        # Whoever waited for the head sees what was committed meanwhile; SQLite lets one writer in at all.
        level = "SERIALIZABLE" if engine.dialect.name == "sqlite" else "READ COMMITTED"
        self._engine = engine.execution_options(isolation_level=level)
        self._alone = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._appends = Appends(lambda work: self._transact(work, alone=True))
        self._writers = GroupCommits[_Item](self._commit)

    async def create_all(self) -> None:
        """Make the tables that are missing."""
        await self._transact(lambda connection: connection.run_sync(metadata.create_all))

    async def append(self, record: Record, notice: str | None) -> None:
        """Keep ``record``, once if it comes again word for word; raises `RecordsError` if it cannot be."""
        body = canonical(record.as_dict())
        await self._writers.here().submit((Unlinked(id=record.id, notice=record.notice, body=body), notice))

    async def find(self, identifier: str) -> Entry | None:
        """The entry of the record with this id."""
        rows = await self._read(select(records).where(records.c.id == identifier))
        return _entry(rows[0]) if rows else None

    async def notice(self, identifier: str) -> str | None:
        """The text that visitors saw under this notice id."""
        rows = await self._read(select(notices.c.body).where(notices.c.id == identifier))
        return rows[0].body if rows else None

    async def notices(self) -> AsyncIterator[tuple[str, str]]:
        """Every notice: its id and its text."""
        after = ""
        query = select(notices).order_by(notices.c.id).limit(100)
        while rows := await self._read(query.where(notices.c.id > after)):
            for row in rows:
                yield row.id, row.body
            after = rows[-1].id

    async def entries(self, after: int = 0) -> AsyncIterator[Sequence[Entry]]:
        """The entries after this position, a thousand at a time."""
        query = select(records).order_by(records.c.position).limit(PAGE)
        while rows := await self._read(query.where(records.c.position > after)):
            yield [_entry(row) for row in rows]
            after = rows[-1].position

    async def head(self) -> Link:
        """The end of the chain as the database remembers it."""
        rows = await self._read(select(head.c.position, head.c.hash))
        return Link(position=rows[0].position, hash=rows[0].hash) if rows else Link()

    async def purge(self, before: datetime, *, now: datetime) -> int:
        """Remove what was decided before this time."""
        return await self._transact(_removal(PURGE, now, records.c.id < first_id(before)))

    async def erase(self, identifiers: Sequence[str], *, now: datetime) -> int:
        """Remove the records of these ids."""
        return await self._transact(_removal(ERASE, now, records.c.id.in_(identifiers)))

    async def aclose(self) -> None:
        """Wait for what is being written. The engine is the site's own to dispose of."""
        await self._writers.here().drain()

    async def _commit(self, group: Sequence[_Item]) -> None:
        seen = {item.notice or "": notice for item, notice in group if notice is not None}
        items = [item for item, _ in group]
        try:
            if self._engine.dialect.driver != "asyncpg" or not await self._appends.append(seen, items):
                self._appends.ended(await self._append(seen, items), len(items))
        except RejectedError:
            if not await self._are_kept(items):
                raise

    async def _append(self, seen: Mapping[str, str], items: Sequence[Unlinked]) -> Link:
        async def work(connection: AsyncConnection) -> Link:
            link = await _end(connection)
            known = await connection.scalars(select(notices.c.id).where(notices.c.id.in_(seen)))
            new = [{"id": name, "body": seen[name]} for name in seen.keys() - set(known)]
            if new:
                await connection.execute(insert(notices), new)
            return await _extend(connection, link, items)

        return await self._transact(work)

    async def _are_kept(self, items: Sequence[Unlinked]) -> bool:
        """Whether all are there word for word: the answer that said so was lost on its way.

        They are locked, which is written down: this is over when theirs, too, is as durable as it has to be.
        """
        found = records.c.id.in_([item.id for item in items])
        rows = await self._read(select(records.c.id, records.c.payload).where(found).with_for_update())
        return {(item.id, digest(item.body)) for item in items} == {(row.id, row.payload) for row in rows}

    async def _read(self, query: Select[Any]) -> Sequence[Row[Any]]:
        async def work(connection: AsyncConnection) -> Sequence[Row[Any]]:
            rows: Sequence[Row[Any]] = (await connection.execute(query)).all()
            return rows

        return await self._transact(work)

    async def _transact(self, work: _Work[T], *, alone: bool = False) -> T:
        """Do ``work`` in one transaction, again if the fault was the moment's; raises `RecordsError`.

        Work that is one statement ``alone`` commits itself, and may be repeated.
        """
        attempt = 0
        while True:
            attempt, committing = attempt + 1, False
            try:
                async with (self._alone if alone else self._engine).connect() as connection:
                    if alone:
                        return await work(connection)
                    result = await work(connection)
                    committing = True
                    await connection.commit()
                    return result
            except IntegrityError as error:
                raise RejectedError(f"A record cannot be kept: {error.orig}.") from error
            except Exception as error:  # drivers raise errors of their own where they connect
                if attempt == _ATTEMPTS or not _is_passing(error, committing=committing):
                    reason = error.orig if isinstance(error, DBAPIError) else error
                    raise RecordsError(f"The database failed: {reason}.") from error


class _HeadTakenError(Exception):
    """Another process has just made the first row of the head."""


def _is_passing(error: Exception, *, committing: bool) -> bool:
    """Whether the same may go well at once. A commit that was cut off may have been made: not again."""
    if isinstance(error, _HeadTakenError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return getattr(error.orig, "sqlstate", None) in _RETRIED or (
        error.connection_invalidated and not committing
    )


async def _end(connection: AsyncConnection) -> Link:
    """The end of the chain, which nobody else moves until this transaction is over."""
    if connection.dialect.name == "sqlite":  # it knows no "for update"; who writes first is alone
        await connection.execute(update(head).values(id=1))
    row = (await connection.execute(select(head).with_for_update())).one_or_none()
    if row is not None:
        return Link(position=row.position, hash=row.hash)
    try:
        await connection.execute(insert(head).values(id=1, position=0, hash=GENESIS))
    except IntegrityError as error:
        raise _HeadTakenError from error
    return Link()


async def _extend(connection: AsyncConnection, link: Link, items: Sequence[Unlinked]) -> Link:
    entries, end = extend(link, items)
    await connection.execute(insert(records), [_row(entry) for entry in entries])
    await connection.execute(update(head).values(position=end.position, hash=end.hash))
    return end


def _removal(action: str, now: datetime, condition: ColumnElement[bool]) -> _Work[int]:
    """Null what ``condition`` finds, and say so in the chain; comes to how many there were."""
    found = and_(records.c.notice.is_not(None), condition)

    async def work(connection: AsyncConnection) -> int:
        link, positions = await _end(connection), Positions()
        rows = await connection.stream_scalars(
            select(records.c.position).where(found).order_by(records.c.position)
        )
        async for page in rows.partitions(PAGE):
            positions.add(page)
        if positions:
            await connection.execute(update(records).where(found).values(id=None, notice=None, body=None))
            told = removal(new_id(now.timestamp()), action, rfc3339(now), positions)
            await _extend(connection, link, [told])
        return len(positions)

    return work


def _row(entry: Entry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in records.c.keys()}  # noqa: SIM118  # no mapping


def _entry(row: Row[Any]) -> Entry:
    return Entry(**row._mapping)
