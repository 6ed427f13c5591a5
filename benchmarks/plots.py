"""Plots as SVG: lines over named places, readable in light and dark, and told apart without colour.

It knows nothing of what was measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import cycle
from typing import Final

from consent.cli.charts import scale

WIDTH: Final = 680
HEIGHT: Final = 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 560, 40, 244

_DASHES: Final = ("none", "7 5", "2 4")
_STYLE: Final = """
  .plot { --ink: #1d2429; --faint: #c9d0d6; --one: #0b5cad; --two: #a8430f; --three: #23703c; }
  @media (prefers-color-scheme: dark) {
    .plot { --ink: #e8ecef; --faint: #4a545c; --one: #7dbaf5; --two: #f2a37a; --three: #7fd49a; }
  }
  text { fill: var(--ink); font: 13px system-ui, sans-serif; }
  .title { font-weight: 600; font-size: 15px; }
  .grid { stroke: var(--faint); }
  .line { fill: none; stroke-width: 2.5; }
  .one { --own: var(--one); } .two { --own: var(--two); } .three { --own: var(--three); }
  .line { stroke: var(--own); } .dot { fill: var(--own); } .name { fill: var(--own); font-weight: 600; }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One value for each place."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Lines over the same places, which stand at equal distances."""

    title: str
    places: Sequence[str]
    along: str
    unit: str
    lines: Sequence[Line]


def svg(plot: Plot) -> str:
    """The whole file."""
    ticks = scale(max(1, round(max(max(line.values) for line in plot.lines) + 0.5)))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'aria-labelledby="title told">',
        f'<title id="title">{escape(plot.title)}</title>',
        f'<desc id="told">{escape(_told(plot))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<text class="title" x="8" y="20">{escape(plot.unit)}</text>',
        *_axes(plot, ticks),
        *_lines(plot, ticks[-1]),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _told(plot: Plot) -> str:
    """The same in words."""
    lines = [f"{line.name}: {', '.join(f'{value:.1f}' for value in line.values)}" for line in plot.lines]
    return f"In {plot.unit}, at {', '.join(plot.places)} {plot.along}. {'; '.join(lines)}."


def _columns(plot: Plot) -> list[float]:
    step = (_RIGHT - _LEFT - 48) / max(1, len(plot.places) - 1)
    return [round(_LEFT + 24 + index * step, 1) for index in range(len(plot.places))]


def _y(value: float, most: float) -> float:
    return round(_BOTTOM - max(0.0, value) * (_BOTTOM - _TOP) / most, 1)


def _axes(plot: Plot, ticks: Sequence[int]) -> list[str]:
    grid = [
        f'<path class="grid" d="M{_LEFT} {_y(tick, ticks[-1])}H{_RIGHT}"/>'
        f'<text x="{_LEFT - 8}" y="{_y(tick, ticks[-1]) + 4}" text-anchor="end">{tick:,}</text>'
        for tick in ticks
    ]
    places = [
        f'<text x="{x}" y="{_BOTTOM + 20}" text-anchor="middle">{escape(place)}</text>'
        for x, place in zip(_columns(plot), plot.places, strict=True)
    ]
    middle = (_LEFT + _RIGHT) / 2
    along = f'<text x="{middle}" y="{_BOTTOM + 42}" text-anchor="middle">{escape(plot.along)}</text>'
    return [*grid, *places, along]


def _lines(plot: Plot, most: float) -> list[str]:
    """Each with its own dashes and its name at its end; a dot tells its value when it is pointed at."""
    ends = _apart([_y(line.values[-1], most) for line in plot.lines])
    parts: list[str] = []
    for line, end, kind, dashes in zip(
        plot.lines, ends, cycle(("one", "two", "three")), cycle(_DASHES), strict=False
    ):
        heights = [_y(value, most) for value in line.values]
        points = list(zip(_columns(plot), heights, line.values, strict=True))
        path = " ".join(f"{x},{y}" for x, y, _ in points)
        parts.append(
            f'<g class="{kind}"><polyline class="line" stroke-dasharray="{dashes}" points="{path}"/>'
        )
        parts += [
            f'<circle class="dot" cx="{x}" cy="{y}" r="4"><title>{value:.1f}</title></circle>'
            for x, y, value in points
        ]
        parts.append(f'<text class="name" x="{_RIGHT - 12}" y="{end + 4}">{escape(line.name)}</text></g>')
    return parts


def _apart(heights: Sequence[float], room: float = 16) -> list[float]:
    """The heights of names, moved up so that no two stand on each other."""
    placed: dict[int, float] = {}
    ceiling = _BOTTOM + room
    for index in sorted(range(len(heights)), key=heights.__getitem__, reverse=True):
        ceiling = placed[index] = min(heights[index], ceiling - room)
    return [round(placed[index], 1) for index in range(len(heights))]
