"""Draws what the pages show from the figures: how cost grows, and how memory does not."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from benchmarks.growth.plots import plots
from benchmarks.plots import Line, Plot, svg
from benchmarks.results import Results

EVERY: Final = 5
"""Of the looks at the memory every so many are shown."""


def drawn(folder: Path) -> Mapping[str, str]:
    """The files by name, from the figures in ``folder``."""
    made = plots(Results.read(folder / "growth.json").rows)
    return {name: svg(plot) for name, plot in {**made, "memory.svg": memory(folder)}.items()}


def memory(folder: Path) -> Plot:
    """What is held over the requests after the warm-up."""
    results = Results.read(folder / "memory.json")
    looks = {
        name: [row for row in results.rows if (row.case, row.variant) == ("looks", name)][::EVERY]
        for name in ("bare", "ours")
    }
    count = results.options["requests"]
    return Plot(
        title="Memory over the requests of many visitors",
        places=[f"{(look.at or 0) * count:,.0f}" for look in looks["bare"]],
        along="requests after the warm-up",
        unit="MiB held",
        lines=[Line(name=name, values=[look.median for look in held]) for name, held in looks.items()],
    )
