"""What a site of any size needs: visitors, decisions, processes and chains, from the figures measured."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Final

from benchmarks.scale.load import Assumptions, Load
from benchmarks.scale.measured import Commit, Measured
from benchmarks.scale.store import Arrivals, Outcome, load_of, simulate
from benchmarks.tables import table

FIGURES: Final = Path(__file__).parents[2] / "docs" / "explanation" / "performance"
MILLIONS: Final = (1, 100, 10_000)
"""Page views a day."""

SIMULATED: Final = 10_000
"""Decisions of one simulation."""

PATIENCE: Final = 1.0
"""Seconds that one decision in a hundred may take: the visitor looks on."""

MAX_CHAINS: Final = 1_024

LOAD_HEADER: Final = (
    "million views a day",
    "visitors a day",
    "decisions a day",
    "views/s, peak",
    "records/s, mean",
    "records/s, peak",
    "evidence a year",
)
APP_HEADER: Final = (
    "million views a day",
    "day",
    "with a banner",
    "layer, us a view",
    "of a page's CPU",
    "processes",
    "behind a CDN",
)
STORE_HEADER: Final = (
    "million views a day",
    "day",
    "records/s, peak",
    "processes that write",
    "chains",
    "load of each",
    "p50 ms",
    "p99 ms",
    "longest queue",
)


def add_arguments(parser: ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("--figures", type=Path, default=FIGURES, metavar="FOLDER", help="what was measured")
    parser.add_argument("--millions", type=float, nargs="*", default=MILLIONS, help="page views a day")
    for one in fields(Assumptions):
        name = f"--{one.name.replace('_', '-')}"
        parser.add_argument(name, type=float, default=one.default, help=one.metadata["said"])


def run(options: Namespace) -> None:
    """Print the tables."""
    assumed = Assumptions(**{one.name: getattr(options, one.name) for one in fields(Assumptions)})
    measured = Measured.read(options.figures)
    print(table(LOAD_HEADER, load_rows(measured, assumed, options.millions)) + "\n")
    print(table(APP_HEADER, app_rows(measured, assumed, options.millions)) + "\n")
    print(table(STORE_HEADER, store_rows(measured, assumed, options.millions)))


def days(millions: float, assumed: Assumptions) -> Sequence[tuple[str, Load]]:
    """An ordinary day, and one on which everybody is asked."""
    views = millions * 1e6
    return [
        ("ordinary", Load(views=views, assumed=assumed)),
        ("all are asked", Load(views=views, assumed=assumed, asked_again=True)),
    ]


def load_rows(measured: Measured, assumed: Assumptions, sizes: Sequence[float]) -> list[list[str]]:
    """One line for each size, of ordinary days."""
    return [_load_row(millions, days(millions, assumed)[0][1], measured) for millions in sizes]


def _load_row(millions: float, load: Load, measured: Measured) -> list[str]:
    return [
        f"{millions:,g}",
        rounded(load.visitors),
        rounded(load.decisions),
        rounded(load.peak_views),
        rounded(load.peak_decisions / load.peak),
        rounded(load.peak_decisions),
        size(load.bytes_a_year(measured.record)),
    ]


def app_rows(measured: Measured, assumed: Assumptions, sizes: Sequence[float]) -> list[list[str]]:
    """Two lines for each size, of both kinds of day."""
    return [
        [
            f"{millions:,g}",
            name,
            f"{load.undecided_views / load.views:.0%}",
            f"{load.layer(measured) * 1e6:.0f}",
            f"{load.share(measured):.1%}",
            f"{load.processes(measured):,}",
            f"{load.processes(measured, cached=True):,}",
        ]
        for millions in sizes
        for name, load in days(millions, assumed)
    ]


def store_rows(measured: Measured, assumed: Assumptions, sizes: Sequence[float]) -> list[list[str]]:
    """Each kind of day twice: every process of the app writes, or only one for each chain."""
    return [
        _store_row([f"{millions:,g}", name], load, measured, alone=alone)
        for millions in sizes
        for name, load in days(millions, assumed)
        for alone in (False, True)
        if not alone or load.processes(measured) > 1
    ]


def _store_row(head: list[str], load: Load, measured: Measured, *, alone: bool) -> list[str]:
    writers = 1 if alone else load.processes(measured)
    commit = measured.postgres if writers == 1 else measured.contended
    chains, outcome = chains_needed(load, writers, commit)
    return [
        *head,
        rounded(load.peak_decisions),
        "one a chain" if alone else f"{writers:,}",
        f"{chains:,}" if outcome.quantile(0.99) <= PATIENCE else f"more than {chains:,}",
        f"{load_of(load.peak_decisions / chains, commit):.1%}",
        f"{outcome.quantile(0.5) * 1000:.1f}",
        f"{outcome.quantile(0.99) * 1000:.1f}",
        f"{outcome.longest:,}",
    ]


def chains_needed(load: Load, writers: int, commit: Commit) -> tuple[int, Outcome]:
    """How many chains, each in a database of its own, keep the peak's waits short, and how long these are.

    The processes that write are divided among them.
    """
    chains = 1
    while True:
        rate = load.peak_decisions / chains
        arrivals = Arrivals(rate=rate, count=SIMULATED, processes=max(1, -(-writers // chains)))
        outcome = simulate(arrivals, commit)
        if (load_of(rate, commit) < 1 and outcome.quantile(0.99) <= PATIENCE) or chains >= MAX_CHAINS:
            return chains, outcome
        chains *= 2


def rounded(value: float) -> str:
    """Two digits that count: a model gives no more."""
    digits = float(f"{value:.2g}")
    for unit, name in ((1e9, " thousand million"), (1e6, " million")):
        if digits >= unit:
            return f"{digits / unit:,g}{name}"
    return f"{digits:,g}"


def size(value: float) -> str:
    """Bytes as people say them."""
    for unit, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if value >= unit:
            return f"{float(f'{value / unit:.2g}'):,g} {name}"
    return f"{value:,.0f} bytes"
