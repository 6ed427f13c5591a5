"""How the cost of a request grows with a site: categories, services, cookies, page size and visitors."""

import asyncio
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from itertools import chain, cycle, islice, repeat
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp, Message

from benchmarks.driving import NAVIGATION, nothing, request_scope
from benchmarks.growth.axes import AXES, Axis, Site
from benchmarks.growth.plots import draw
from benchmarks.results import Results, Row
from benchmarks.tables import table

UNIT: Final = "us above bare"

BLOCK: Final = 200
"""Requests between two looks at the clock."""

MOST_TO_WARM: Final = 15_000
"""Requests after which nothing changes any more: each cached value has been seen twice, or none is cached."""


def add_arguments(parser: ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("--rounds", type=int, default=15, help="blocks of each (default 15)")
    parser.add_argument("--quick", action="store_true", help="three blocks of the first three places")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to FILE")
    parser.add_argument("--svg", type=Path, metavar="FOLDER", help="draw a plot of each axis into FOLDER")


def run(options: Namespace) -> None:
    """Measure, print the tables and draw the plots."""
    rounds = 3 if options.quick else options.rounds
    rows: list[Row] = []
    for axis in AXES:
        found = asyncio.run(_measure(axis, axis.places[:3] if options.quick else axis.places, rounds))
        print(f"Microseconds above the bare app, by {axis.label}\n{_table(axis, found)}\n")
        rows += found
    if options.json:
        Results.here("growth", rows, rounds=rounds).write(options.json)
    if options.svg:
        draw(rows, options.svg)


class Line:
    """Visitors of one kind who ask both apps of a site in turn."""

    def __init__(self, site: Site, kind: str) -> None:
        self._apps = (site.bare, site.ours)
        cookies: Iterator[bytes] = repeat(b"") if kind == "undecided" else cycle(site.decided)
        self._cookies = cookies
        self._visitors = len(site.decided)

    async def warm(self) -> None:
        """Fill the caches as far as they will be filled."""
        await self._ask(self._apps[0], BLOCK)
        await self._ask(self._apps[1], min(BLOCK + 3 * self._visitors, MOST_TO_WARM))

    async def cost(self) -> float:
        """Microseconds of CPU for a request above the bare app."""
        bare, ours = [await self._ask(app, BLOCK) for app in self._apps]
        return (ours - bare) * 1e6 / BLOCK

    async def _ask(self, app: ASGIApp, count: int) -> float:
        began = time.process_time()
        for cookie in islice(self._cookies, count):
            headers = [*NAVIGATION, (b"cookie", cookie)] if cookie else [*NAVIGATION]
            await app(request_scope(headers), nothing, _drop)
        return time.process_time() - began


async def _drop(message: Message) -> None:
    pass


async def _measure(axis: Axis, places: Sequence[int], rounds: int) -> list[Row]:
    """One block of each place and line a round, in an order that is turned round from round to round."""
    sites = {place: axis.site(place) for place in places}
    lines = {(place, kind): Line(site, kind) for place, site in sites.items() for kind in axis.lines}
    samples: dict[tuple[int, str], list[float]] = {key: [] for key in lines}
    for line in lines.values():
        await line.warm()
    for number in range(rounds):
        for key in lines if number % 2 == 0 else reversed(lines):
            samples[key].append(await lines[key].cost())
    sys.stderr.write(f"{axis.name}: {rounds} rounds\n")
    return [Row.of(axis.name, kind, UNIT, found, at=place) for (place, kind), found in samples.items()]


def _table(axis: Axis, rows: Sequence[Row]) -> str:
    """One line for each place, one column for each kind of visitor."""
    places = list(dict.fromkeys(row.at for row in rows))
    cells = [
        [f"{place:,.0f}", *(row.summary.text(1) for row in rows if row.at == place)]
        for place in places
        if place is not None
    ]
    return table(list(chain([axis.name], axis.lines)), cells)
