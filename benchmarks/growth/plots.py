"""The plots of `growth`, one file for each axis."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.growth.axes import AXES, Axis
from benchmarks.plots import Line, Plot, svg
from benchmarks.results import Row


def plots(rows: Sequence[Row]) -> Mapping[str, Plot]:
    """By the name of its file, the plot of each axis that was measured."""
    found = {axis: [row for row in rows if row.case == axis.name] for axis in AXES}
    return {f"growth-{axis.name}.svg": plot(axis, of) for axis, of in found.items() if of}


def draw(rows: Sequence[Row], folder: Path) -> None:
    """Write them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, made in plots(rows).items():
        (folder / name).write_text(svg(made), "utf-8")


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
