"""Decisions by so many visitors at once, each of whom waits for the one before."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from benchmarks.records.stores import Append
from consent.records.chain import digest
from consent.records.record import Record, new_id, timestamp

NOTICE: Final = "What a visitor saw on the first layer and on the second, word for word. " * 60
_NOTICE_ID: Final = f"0123456789-{digest(NOTICE)[:32]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """``rate`` in decisions a second, the waiting in milliseconds."""

    rate: float
    median: float
    p99: float


def records(count: int) -> Iterator[Record]:
    """So many different decisions."""
    for _ in range(count):
        now = time.time()
        yield Record(
            id=new_id(now),
            time=timestamp(now),
            action="save",
            method="banner",
            granted=("analytics", "readership"),
            denied=("marketing", "preferences"),
            language="en",
            notice=_NOTICE_ID,
            catalogue="0123456789",
            version="1.0.0",
            policy_url="/cookies",
        )


async def put(append: Append, count: int, *, visitors: int) -> Round:
    """Have ``count`` decisions kept, ``visitors`` of them at a time."""
    waits: list[float] = []
    decisions = iter([*records(count)])

    async def decide() -> None:
        for record in decisions:
            asked = time.perf_counter()
            await append(record, NOTICE)
            waits.append(time.perf_counter() - asked)

    began = time.perf_counter()
    await asyncio.gather(*(decide() for _ in range(visitors)))
    rate = count / (time.perf_counter() - began)
    waits.sort()
    return Round(rate=rate, median=waits[count // 2] * 1000, p99=waits[count * 99 // 100] * 1000)
