"""Appends to the chain by a single statement, where PostgreSQL is reached by asyncpg."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from consent.errors import RecordsError
from consent.records.chain import Entry, Link, Unlinked, digest, extend

CALM: Final = 16
"""Appends in a row with nobody else's between them that it takes to count on being alone again."""

MAX_KEPT: Final = 1_000
"""Notices that are remembered to be in the database."""

_TURN: Final = int.from_bytes(b"consent", "big")
"""The advisory lock that whoever waits for the head queues at: a row's own lock wakes all at once."""

_UNABLE: Final = ("0A000", "40001", "42601", "42804", "42883")
"""SQLSTATEs of a server that does not know what `_IN_TURN` asks for, or isolates more by default."""

_APART: Final = """
with moved as (
    update consent_head set position = $1, hash = $2 where position = $3 and hash = $4 returning id
), seen as (
    insert into consent_notices (id, body)
    select * from unnest($5::text[], $6::text[]) where exists (select from moved)
    on conflict do nothing
)
insert into consent_records (position, id, notice, previous, payload, hash, body)
select * from unnest($7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])
where exists (select from moved)
"""

_IN_TURN: Final = f"""
with recursive turn as materialized (
    select pg_advisory_xact_lock({_TURN})
), linked (n, ended, hash) as (
    select 0, position, hash::text
    from (select position, hash from consent_head, turn for update of consent_head) as head
    union all
    select n + 1, ended,
        encode(sha256(convert_to(hash, 'UTF8') || substring($1::bytea from n * 64 + 1 for 64)), 'hex')
    from linked where n < $2
), moved as (
    update consent_head set position = ended + $2, hash = hashes[$2 + 1]
    from (select min(ended) as ended, array_agg(hash order by n) as hashes from linked) as chained
    returning ended, hashes
), seen as (
    insert into consent_notices (id, body)
    select * from unnest($3::text[], $4::text[]) where exists (select from moved)
    on conflict do nothing
), kept as (
    insert into consent_records (position, id, notice, previous, payload, hash, body)
    select ended + n, item.id, item.notice, item.previous, item.payload, item.hash, item.body
    from moved, unnest($5::text[], $6::text[], $7::text[], $8::text[], hashes, hashes[2:])
        with ordinality as item (id, notice, payload, body, previous, hash, n)
    where n <= $2
)
select ended + $2 as position, hashes[$2 + 1] as hash from moved
"""  # noqa: S608  # our own number

_Ends = Sequence[Link]
"""The new end of the chain, or nothing if nothing was done."""
_Work = Callable[[AsyncConnection], Awaitable[_Ends]]


class Appends:
    """One process's appends. Each is one statement, which alone is a transaction: one round trip.

    As long as nobody else writes, this process knows where the chain ends and links the records itself. Once
    somebody does, the server links them at whatever end it finds when their turn comes, so that nobody who
    waited has waited in vain; and nobody who is slow to answer keeps the head.

    ``transact`` may repeat a statement whose answer was lost. If it had been carried out, the ids are there
    already, which the table refuses.
    """

    def __init__(self, transact: Callable[[_Work], Awaitable[_Ends]]) -> None:
        self._transact = transact
        self._kept = set[str]()
        self._end: Link | None = None
        self._calm = CALM
        self._links = True

    async def append(self, notices: Mapping[str, str], items: Sequence[Unlinked]) -> bool:
        """Append ``items``; returns whether it could be done this way, and else nothing has happened."""
        new = {name: text for name, text in notices.items() if name not in self._kept}
        ends = await self._append_apart(new, items) or await self._append_in_turn(new, items)
        for end in ends:  # none or one
            self.ended(end, len(items))
            self._kept = {*self._kept, *new} if len(self._kept) < MAX_KEPT else {*new}
        return bool(ends)

    def ended(self, end: Link, count: int) -> None:
        """Take note that this process's ``count`` records now end the chain at ``end``."""
        is_ours = self._end is None or self._end.position == end.position - count
        self._calm = self._calm + 1 if is_ours else 0
        self._end = end

    async def _append_apart(self, notices: Mapping[str, str], items: Sequence[Unlinked]) -> _Ends:
        end = self._end
        if end is None or self._calm < CALM:
            return ()
        entries, _ = extend(end, items)
        ends = await self._tried(lambda connection: _apart(connection, end, notices, entries))
        self._calm = self._calm if ends else 0
        return ends

    async def _append_in_turn(self, notices: Mapping[str, str], items: Sequence[Unlinked]) -> _Ends:
        if not self._links:
            return ()
        return await self._tried(lambda connection: _in_turn(connection, notices, items))

    async def _tried(self, work: _Work) -> _Ends:
        """What ``work`` comes to, and nothing if the server cannot do it."""
        try:
            return await self._transact(work)
        except RecordsError as error:
            if _sqlstate(error) not in _UNABLE:
                raise
        self._links = False
        return ()


async def _apart(
    connection: AsyncConnection, end: Link, notices: Mapping[str, str], entries: Sequence[Entry]
) -> _Ends:
    """Append ``entries`` if ``end`` is the end of the chain; nothing happens if it has moved since."""
    last = entries[-1]
    columns = zip(
        *((e.position, e.id, e.notice, e.previous, e.payload, e.hash, e.body) for e in entries), strict=True
    )
    values = (last.position, last.hash, end.position, end.hash, [*notices], [*notices.values()])
    done = connection.exec_driver_sql(_APART, (*values, *map(list, columns)))
    return [Link(position=last.position, hash=last.hash)] if (await done).rowcount else []


async def _in_turn(
    connection: AsyncConnection, notices: Mapping[str, str], items: Sequence[Unlinked]
) -> _Ends:
    """Append ``items`` where the chain ends once nobody else is at it; nothing if there is no head yet."""
    payloads = [digest(item.body) for item in items]
    columns = ([i.id for i in items], [i.notice for i in items], payloads, [i.body for i in items])
    values = ("".join(payloads).encode(), len(items), [*notices], [*notices.values()], *columns)
    return [Link(**row._mapping) for row in await connection.exec_driver_sql(_IN_TURN, values)]


def _sqlstate(error: RecordsError) -> str | None:
    return getattr(getattr(error.__cause__, "orig", None), "sqlstate", None)
