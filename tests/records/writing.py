"""A process of its own that has decisions recorded, and tells of each once it is acknowledged."""

import asyncio
import os
import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy.ext.asyncio import create_async_engine

from consent import SQLiteRecords
from consent.records.record import new_id
from consent.records.sql import SQLRecords
from consent.testing.records import TEXT, make_record


def opened(address: str) -> Any:
    """The store at a path, or at an address for SQLAlchemy."""
    return SQLRecords(create_async_engine(address)) if "://" in address else SQLiteRecords(address)


def write(address: str, tell: int, count: int, visitors: int = 16) -> None:
    """Have ``count`` decisions recorded, and write the id of each to the descriptor ``tell``."""

    async def main() -> None:
        store = opened(address)
        left = iter(range(count))

        async def decide() -> None:
            for minute in left:
                record = make_record(minute, id=new_id(1_800_000_000 + minute))
                await store.append(record, TEXT)
                os.write(tell, f"{record.id}\n".encode())

        await asyncio.gather(*(decide() for _ in range(visitors)))
        await store.aclose()

    asyncio.run(main())


def forked(work: Callable[[], None]) -> int:
    """Run ``work`` in a copy of this process; returns the copy's id."""
    process = os.fork()
    if process == 0:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  # the copy has nobody to raise to
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
        os._exit(0)
    return process
