"""How many decisions a second are kept durably: ours and one bare insert each, in alternating order."""

import asyncio
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.records.load import Round, put
from benchmarks.records.many import EACH, PROCESSES, STORE, put_by_many
from benchmarks.records.scale import report
from benchmarks.records.stores import CONTESTANTS, Contestant, syncs_per_second
from benchmarks.results import Results, Row
from benchmarks.tables import Summary, table
from tests.postgres import cluster, programs

COUNTS: Final = {1: 300, 16: 1_500, 256: 6_000}
"""How many decisions a round has, by the number of visitors at a time."""

Samples = dict[tuple[str, int], list[Round]]


def add_arguments(parser: ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("--rounds", type=int, default=7, help="how often each is measured (default 7)")
    parser.add_argument(
        "--folder", type=Path, help="a folder on the disk to measure (default: a temporary one)"
    )
    parser.add_argument(
        "--scale", type=int, metavar="N", help="measure memory, verify and export over N records"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to FILE")


def run(options: Namespace) -> None:
    """Measure, and print the tables."""
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        if options.scale:
            found = report(Path(folder), options.scale)
            if options.json:
                Results.here("records", found, records=options.scale).write(options.json)
            return
        if programs() is None:
            sys.exit("PostgreSQL is missing: install it (Debian: apt-get install postgresql)")
        with cluster() as postgres:
            samples, syncs = asyncio.run(_measure(Path(folder), postgres.database(), options.rounds))
            shared = {
                visitors: [put_by_many(postgres.database(), visitors) for _ in range(options.rounds)]
                for visitors in EACH
            }
    print(f"The disk confirms {Summary.of(syncs).text()} writes of 4 KiB a second.\n")
    for visitors in COUNTS:
        print(f"{visitors} at a time: medians of {options.rounds} rounds [and quartiles]")
        print(_table(samples, visitors) + "\n")
    print(f"{PROCESSES} processes in one chain of PostgreSQL, so many at a time in each\n{_shared(shared)}")
    if options.json:
        many = {
            (STORE, f"{visitors} at a time in each of {PROCESSES}"): of for visitors, of in shared.items()
        }
        alone = {(name, f"{visitors} at a time"): of for (name, visitors), of in samples.items()}
        rows = [Row.of("disk", "4 KiB", "writes/s", syncs), *_rows({**alone, **many})]
        Results.here("records", rows, rounds=options.rounds).write(options.json)


def _rows(samples: Mapping[tuple[str, str], Sequence[Round]]) -> Iterator[Row]:
    for (name, case), rounds in samples.items():
        yield Row.of(case, name, "decisions/s", [sample.rate for sample in rounds])
        yield Row.of(case, name, "p50 ms", [sample.median for sample in rounds])
        yield Row.of(case, name, "p99 ms", [sample.p99 for sample in rounds])


async def _measure(folder: Path, database: str, rounds: int) -> tuple[Samples, list[float]]:
    samples: Samples = {(one.name, visitors): [] for one in CONTESTANTS for visitors in COUNTS}
    syncs: list[float] = []
    for number in range(rounds):
        for one in CONTESTANTS if number % 2 == 0 else reversed(CONTESTANTS):
            syncs.append(syncs_per_second(folder))
            async with one.opened(folder, database) as append:
                for visitors, count in COUNTS.items():
                    samples[one.name, visitors].append(await put(append, count, visitors=visitors))
        sys.stderr.write(f"round {number + 1} of {rounds}\n")
    return samples, syncs


def _table(samples: Mapping[tuple[str, int], Sequence[Round]], visitors: int) -> str:
    header = ["", "decisions/s", "x bare", "p50 ms", "p99 ms"]
    return table(header, [_row(one, samples, visitors) for one in CONTESTANTS])


def _row(one: Contestant, samples: Mapping[tuple[str, int], Sequence[Round]], visitors: int) -> list[str]:
    rounds = samples[one.name, visitors]
    ratio = ""
    if one.bare is not None:
        pairs = zip(rounds, samples[one.bare, visitors], strict=True)
        ratio = f"{median(ours.rate / bare.rate for ours, bare in pairs):.1f}"
    return [
        one.name,
        Summary.of([sample.rate for sample in rounds]).text(),
        ratio,
        *_waits(rounds),
    ]


def _waits(rounds: Sequence[Round]) -> list[str]:
    return [
        Summary.of([sample.median for sample in rounds]).text(2),
        Summary.of([sample.p99 for sample in rounds]).text(2),
    ]


def _shared(shared: Mapping[int, Sequence[Round]]) -> str:
    rows = [
        [f"{visitors}", Summary.of([sample.rate for sample in rounds]).text(), *_waits(rounds)]
        for visitors, rounds in shared.items()
    ]
    return table(["", "decisions/s", "p50 ms", "p99 ms"], rows)
