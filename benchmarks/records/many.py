"""Decisions that several processes keep in one chain of one PostgreSQL database, all at the same time."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from typing import Any, Final

from benchmarks.records.load import Round, put
from benchmarks.records.stores import opened_sql

STORE: Final = "SQLRecords, asyncpg"
PROCESSES: Final = 8
EACH: Final = {1: 200, 32: 1_500}
"""How many decisions each process makes, by the number of its visitors at a time."""

_shared: dict[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What one process did: from when to when, on the clock that all share."""

    began: float
    ended: float
    round: Round


def put_by_many(database: str, visitors: int, processes: int = PROCESSES) -> Round:
    """One round; the rate is that of all processes together, the waits are of the slowest."""
    asyncio.run(_make(database))
    context = get_context("spawn")
    barrier = context.Barrier(processes)
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_share, initargs=(barrier,)) as pool:
        started = [pool.submit(_put, database, visitors) for _ in range(processes)]
        return _together([one.result() for one in started], EACH[visitors])


def _together(parts: Sequence[_Part], count: int) -> Round:
    took = max(part.ended for part in parts) - min(part.began for part in parts)
    return Round(
        rate=count * len(parts) / took,
        median=max(part.round.median for part in parts),
        p99=max(part.round.p99 for part in parts),
    )


def _share(barrier: Barrier) -> None:
    _shared["barrier"] = barrier


async def _make(database: str) -> None:
    async with opened_sql(database):
        pass


def _put(database: str, visitors: int) -> _Part:
    return asyncio.run(_put_all(database, visitors))


async def _put_all(database: str, visitors: int) -> _Part:
    async with opened_sql(database) as append:
        await put(append, visitors, visitors=visitors)
        _shared["barrier"].wait()
        began = time.time()
        found = await put(append, EACH[visitors], visitors=visitors)
        return _Part(began=began, ended=time.time(), round=found)
