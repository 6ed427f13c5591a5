"""What the layer costs on real sockets: uvicorn and granian under wrk, variants in alternating blocks."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.driving import NAVIGATION, Headers, Visitors
from benchmarks.results import Results, Row
from benchmarks.tables import Summary, table
from benchmarks.wire.load import Block, load, wrk
from benchmarks.wire.servers import COMMANDS, LOOP, running
from benchmarks.wire.site import session_cookie
from tests.sites import settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """An app and a visitor; ``against`` names whose cost is 1, ``limit`` what was promised."""

    name: str
    app: str
    visitor: str = "new"
    against: str = "bare"
    limit: float | None = None


BARE: Final = "bare"

VARIANTS: Final = (
    Variant(name=BARE, app="bare"),
    Variant(name="bare, once more", app="again"),
    Variant(name="bare, with the cookie", app="bare", visitor="decided"),
    Variant(name="a page that contains the banner", app="static"),
    Variant(name="ours, undecided", app="ours", against="a page that contains the banner", limit=1.12),
    Variant(
        name="ours, decided", app="templated", visitor="decided", against="bare, with the cookie", limit=1.08
    ),
    Variant(
        name="ours, decided, with the link", app="ours", visitor="decided", against="bare, with the cookie"
    ),
    Variant(name="SessionMiddleware", app="session", visitor="session"),
    Variant(name="BaseHTTPMiddleware, replace", app="replacing"),
)

Samples = Mapping[str, Sequence[Block]]


def add_arguments(parser: ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("--rounds", type=int, default=11, help="blocks of each variant (default 11)")
    parser.add_argument("--seconds", type=int, default=2, help="length of a block (default 2)")
    parser.add_argument("--servers", nargs="*", choices=[*COMMANDS], default=[*COMMANDS])
    parser.add_argument("--quick", action="store_true", help="three blocks of a second: to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to FILE")


def run(options: Namespace) -> None:
    """Measure, and print the tables."""
    wrk()
    rounds, seconds = (3, 1) if options.quick else (options.rounds, options.seconds)
    rows: list[Row] = []
    for server in options.servers:
        samples = _measure(server, rounds, seconds)
        print(f"{server}: medians of {rounds} blocks of {seconds} s [and quartiles]\n{_table(samples)}\n")
        rows += rows_of(server, samples)
    if options.json:
        Results.here("wire", rows, rounds=rounds, seconds=seconds, loop=LOOP).write(options.json)


def _measure(server: str, rounds: int, seconds: int) -> Samples:
    """One block of each variant a round, in an order that is turned round from round to round."""
    samples: dict[str, list[Block]] = {variant.name: [] for variant in VARIANTS}
    headers = visitors()
    with running(server, sorted({variant.app for variant in VARIANTS})) as servers:
        for variant in VARIANTS:
            load(servers[variant.app], headers[variant.visitor], 1)  # caches are filled, code is warm
        for number in range(rounds):
            for variant in VARIANTS if number % 2 == 0 else reversed(VARIANTS):
                block = load(servers[variant.app], headers[variant.visitor], seconds)
                samples[variant.name].append(block)
            sys.stderr.write(f"{server}: round {number + 1} of {rounds}\n")
    return samples


def visitors() -> Mapping[str, Headers]:
    """What each kind of visitor sends."""
    decided = Visitors(settings()).who()
    return {
        "new": NAVIGATION,
        "decided": [*NAVIGATION, (b"cookie", decided.encode())],
        "session": [*NAVIGATION, (b"cookie", session_cookie().encode())],
    }


def ratio(variant: Variant, samples: Samples) -> float:
    """The median over the rounds of its CPU per request to that of what it is measured against."""
    pairs = zip(samples[variant.name], samples[variant.against], strict=True)
    return median(one.cpu / other.cpu for one, other in pairs)


def rows_of(server: str, samples: Samples) -> list[Row]:
    """The results as they are written."""
    rows: list[Row] = []
    for variant in VARIANTS:
        blocks = samples[variant.name]
        cpu = [block.cpu for block in blocks]
        against, name = variant.against, variant.name
        rows.append(
            Row.of(server, name, "us CPU/request", cpu, ratio=ratio(variant, samples), against=against)
        )
        rows.append(Row.of(server, name, "requests/s", [block.rate for block in blocks]))
        rows.append(Row.of(server, name, "p50 ms", [block.p50 for block in blocks]))
        rows.append(Row.of(server, name, "p99 ms", [block.p99 for block in blocks]))
    return rows


def _table(samples: Samples) -> str:
    header = ["", "CPU us/request", "ratio", "to", "requests/s", "p50 ms", "p99 ms"]
    return table(header, [_row(variant, samples) for variant in VARIANTS])


def _row(variant: Variant, samples: Samples) -> list[str]:
    blocks = samples[variant.name]
    return [
        variant.name,
        Summary.of([block.cpu for block in blocks]).text(),
        f"{ratio(variant, samples):.2f}",
        variant.against,
        Summary.of([block.rate for block in blocks]).text(),
        Summary.of([block.p50 for block in blocks]).text(2),
        Summary.of([block.p99 for block in blocks]).text(2),
    ]
