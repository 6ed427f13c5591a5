"""What stays in memory: over many requests of many visitors, and while many pages are streamed."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, TypeVar

from benchmarks.memory.streams import held_by
from benchmarks.memory.visits import Visits, held_over
from benchmarks.results import Results, Row
from benchmarks.tables import table

T = TypeVar("T")

MIB: Final = 2**20
KIB: Final = 2**10
VARIANTS: Final = {"bare": False, "ours": True}
"""Each name, and whether our layer is there."""


def add_arguments(parser: ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("--requests", type=int, default=200_000, help="after the warm-up (default 200,000)")
    parser.add_argument("--visitors", type=int, default=50_000, help="who make them (default 50,000)")
    parser.add_argument("--warm-up", type=int, default=100_000, help="requests before (default 100,000)")
    parser.add_argument("--streams", type=int, default=100, help="pages of 5 MB at once (default 100)")
    parser.add_argument("--quick", action="store_true", help="a twentieth of it: to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to FILE")


def run(options: Namespace) -> None:
    """Measure, and print the tables."""
    part = 20 if options.quick else 1
    visits = Visits(
        count=options.requests // part, visitors=options.visitors // part, warm_up=options.warm_up // part
    )
    streams = max(1, options.streams // part)
    looks = {name: apart(held_over, visits, ours=ours) for name, ours in VARIANTS.items()}
    held = {name: apart(held_by, streams, ours=ours) for name, ours in VARIANTS.items()}
    rows = [*_growth(looks), *_streams(held, streams)]
    print(f"{visits.count:,} requests of {visits.visitors:,} visitors, and {streams} streams of 5 MB\n")
    print(_table(rows))
    if options.json:
        asked = {"requests": visits.count, "visitors": visits.visitors, "warm_up": visits.warm_up}
        Results.here("memory", rows, **asked, streams=streams).write(options.json)


def apart(function: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """Call it in a fresh process, in which nothing else has been."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments, **named).result()


def _growth(looks: dict[str, Sequence[int]]) -> list[Row]:
    """What was held after the warm-up, and by how much more at the end."""
    rows = []
    for name, bytes_held in looks.items():
        grown = (bytes_held[-1] - bytes_held[0]) / MIB
        rows.append(Row.of("requests", name, "MiB after warm-up", [bytes_held[0] / MIB]))
        rows.append(Row.of("requests", name, "MiB more at the end", [grown]))
        for number, total in enumerate(bytes_held):
            part = number / (len(bytes_held) - 1)
            rows.append(Row.of("looks", name, "MiB", [total / MIB], at=part))
    return rows


def _streams(held: dict[str, int], streams: int) -> list[Row]:
    """What one stream held, and how much of it is ours."""
    rows = [Row.of("streams", name, "KiB/stream", [total / KIB / streams]) for name, total in held.items()]
    above = (held["ours"] - held["bare"]) / KIB / streams
    return [*rows, Row.of("streams", "ours", "KiB/stream above bare", [above])]


def _table(rows: Sequence[Row]) -> str:
    told = [row for row in rows if row.case != "looks"]
    return table(["", "", "found"], [[row.case, row.variant, f"{row.median:.1f} {row.unit}"] for row in told])
