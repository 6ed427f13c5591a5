"""Memory, and the speed of reading, over many records in one SQLite file."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.records.load import put
from benchmarks.results import Row
from benchmarks.tables import table
from consent import SQLiteRecords
from consent.records.verification import verify

CHUNK: Final = 10_000
"""Records between two looks at the memory."""

Look = Callable[[], None]


@dataclass(slots=True, kw_only=True)
class Memory:
    """What this process holds, in MiB: at the first look, and at most."""

    first: float = 0.0
    most: float = 0.0

    def look(self) -> None:
        """Note what is held now."""
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        held = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
        self.first = self.first or held
        self.most = max(self.most, held)


def report(folder: Path, count: int) -> list[Row]:
    """Keep ``count`` records, then verify and export them; print what each took, and return it."""
    return asyncio.run(_report(SQLiteRecords(folder / "scale.sqlite3"), folder, count))


async def _report(store: SQLiteRecords, folder: Path, count: int) -> list[Row]:
    async def append(look: Look) -> None:
        for _ in range(count // CHUNK):
            await put(store.append, CHUNK, visitors=256)
            look()

    async def check(look: Look) -> None:
        found = await verify(store, progress=lambda _: look())
        if found.problem is not None or found.decisions != count:
            raise RuntimeError(found)

    async def export(look: Look) -> None:
        with (folder / "export.jsonl").open("w", encoding="utf-8") as file:
            async for page in store.entries():
                file.writelines(f"{entry.body}\n" for entry in page)
                look()

    works = {"append": append, "verify": check, "export": export}
    rows = [row for name, work in works.items() for row in await _rows(name, count, work)]
    await store.aclose()
    size = (folder / "scale.sqlite3").stat().st_size
    print(f"{count:,} records, {size / count:.0f} bytes each in the file")
    cells = [[f"{row.median:,.1f}" for row in rows if row.variant == name] for name in works]
    lines = [[name, *found] for name, found in zip(works, cells, strict=True)]
    print(table(["", "records/s", "MiB at first", "MiB at most"], lines))
    return [*rows, Row.of("file", "a record", "bytes", [size / count])]


async def _rows(name: str, count: int, work: Callable[[Look], Awaitable[None]]) -> list[Row]:
    memory = Memory()
    began = time.perf_counter()
    await work(memory.look)
    rate = count / (time.perf_counter() - began)
    return [
        Row.of("file", name, "records/s", [rate]),
        Row.of("file", name, "MiB at first", [memory.first]),
        Row.of("file", name, "MiB at most", [memory.most]),
    ]
