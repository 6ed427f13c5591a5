"""How many decisions a second are kept durably: ours and one bare insert each, in alternating order."""

import asyncio
import json
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.records.load import Round, put
from benchmarks.records.scale import report
from benchmarks.records.stores import CONTESTANTS, Contestant, syncs_per_second
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
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample to FILE")


def run(options: Namespace) -> None:
    """Measure, and print the tables."""
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        if options.scale:
            report(Path(folder), options.scale)
            return
        if programs() is None:
            sys.exit("PostgreSQL is missing: install it (Debian: apt-get install postgresql)")
        with cluster() as postgres:
            samples, syncs = asyncio.run(_measure(Path(folder), postgres.database(), options.rounds))
    print(f"The disk confirms {Summary.of(syncs).text()} writes of 4 KiB a second.\n")
    for visitors in COUNTS:
        print(f"{visitors} at a time: medians of {options.rounds} rounds [and quartiles]")
        print(_table(samples, visitors) + "\n")
    if options.json:
        named = {
            f"{name}, {visitors}": list(map(asdict, rounds)) for (name, visitors), rounds in samples.items()
        }
        options.json.write_text(json.dumps({"syncs": syncs, "rounds": named}, indent=1) + "\n", "utf-8")


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
        Summary.of([sample.median for sample in rounds]).text(2),
        Summary.of([sample.p99 for sample in rounds]).text(2),
    ]
