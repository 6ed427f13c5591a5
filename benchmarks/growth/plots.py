"""The plots of `growth`, one file for each axis."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.growth.axes import AXES, Axis
from benchmarks.plots import Line, Plot, svg
from benchmarks.results import Row


def draw(rows: Sequence[Row], folder: Path) -> None:
    """Write ``growth-<axis>.svg`` for each axis that was measured."""
    folder.mkdir(parents=True, exist_ok=True)
    for axis in AXES:
        found = [row for row in rows if row.case == axis.name]
        if found:
            (folder / f"growth-{axis.name}.svg").write_text(svg(plot(axis, found)), "utf-8")


def plot(axis: Axis, rows: Sequence[Row]) -> Plot:
    """Medians over the places of one axis."""
    places = sorted({row.at for row in rows if row.at is not None})
    lines = [
        Line(name=kind, values=[row.median for row in rows if row.variant == kind]) for kind in axis.lines
    ]
    return Plot(
        title=f"Cost of a request by {axis.label}",
        places=[f"{place:,.0f}" for place in places],
        along=axis.label,
        unit="µs above the bare app",
        lines=lines,
    )
