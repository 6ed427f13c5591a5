"""Memory, and the speed of reading, over many records in one SQLite file."""

import asyncio
import resource
import time
from pathlib import Path

from benchmarks.records.load import put
from benchmarks.tables import table
from consent import SQLiteRecords
from consent.records.verification import verify


def report(folder: Path, count: int) -> None:
    """Keep ``count`` records, then verify and export them; print what each took."""
    asyncio.run(_report(SQLiteRecords(folder / "scale.sqlite3"), folder, count))


async def _report(store: SQLiteRecords, folder: Path, count: int) -> None:
    await put(store.append, count // 10, visitors=256)
    rows = [["resident after a tenth", "", f"{_resident():.1f}"]]
    kept = await put(store.append, count - count // 10, visitors=256)
    rows.append(["append", f"{kept.rate:,.0f}", f"{_resident():.1f}"])
    began = time.perf_counter()
    verification = await verify(store)
    if verification.problem is not None or verification.decisions != count:
        raise RuntimeError(verification)
    rows.append(["verify", f"{count / (time.perf_counter() - began):,.0f}", f"{_resident():.1f}"])
    began = time.perf_counter()
    with (folder / "export.jsonl").open("w", encoding="utf-8") as file:
        async for page in store.entries():
            file.writelines(f"{entry.body}\n" for entry in page)
    rows.append(["read out", f"{count / (time.perf_counter() - began):,.0f}", f"{_resident():.1f}"])
    await store.aclose()
    size = (folder / "scale.sqlite3").stat().st_size
    print(f"{count:,} records, {size / count:.0f} bytes each in the file")
    print(table(["", "records/s", "peak MiB"], rows))


def _resident() -> float:
    """The most memory that this process has had so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
