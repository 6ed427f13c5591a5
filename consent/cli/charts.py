"""The geometry of charts as SVG draws them: lengths along an axis in per cent, heights in pixels.

Per cent let a chart be as wide as its page while its text keeps its size. It knows no markup and no colour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

HEIGHT: Final = 260
"""How tall the columns can be, in CSS pixels."""

GAP: Final = 1.0
"""Pixels between what is stacked, so that its parts can be told apart without colour."""

MAX_LABELS: Final = 4
"""Labels below the columns: as many as a telephone has room for."""

_FILLED: Final = 0.78
"""The part of its room that a column takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One part of a column or of a bar: what it shows, where it begins and how long it is."""

    kind: str
    start: float
    size: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a series, ``left`` and ``width`` in per cent; its blocks in pixels from the top."""

    title: str
    left: float
    width: float
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A text beside an axis: ``at`` in pixels from the top or per cent from the left."""

    at: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Columns over time, with the labels of both axes."""

    height: int
    columns: Sequence[Column]
    counts: Sequence[Label]
    times: Sequence[Label]


def series(groups: Sequence[tuple[str, Mapping[str, int]]], *, times: Sequence[str]) -> Series:
    """Stacked columns, one a group; ``times`` are the short names of the groups, of which some are shown."""
    ticks = scale(max((sum(counts.values()) for _, counts in groups), default=0))
    room = 100 / max(1, len(groups))
    columns = [
        Column(
            title=title,
            left=round(index * room + room * (1 - _FILLED) / 2, 3),
            width=round(room * _FILLED, 3),
            blocks=_stacked(counts, HEIGHT / ticks[-1]),
        )
        for index, (title, counts) in enumerate(groups)
    ]
    counts = [Label(at=round(HEIGHT - tick * HEIGHT / ticks[-1], 2), text=f"{tick:,}") for tick in ticks]
    return Series(height=HEIGHT, columns=columns, counts=counts, times=_labels(times, room))


def _stacked(counts: Mapping[str, int], pixels: float) -> Sequence[Block]:
    """From the bottom upwards; something is never nothing: at least a pixel of it is seen."""
    present = {kind: count for kind, count in counts.items() if count}
    ends = accumulate(present.values())
    return [
        Block(
            kind=kind,
            start=round(HEIGHT - end * pixels, 2),
            size=round(max(1.0, present[kind] * pixels - GAP), 2),
        )
        for kind, end in zip(present, ends, strict=True)
    ]


def scale(most: int) -> Sequence[int]:
    """Round numbers from 0 to ``most`` or a little beyond, four or five of them where that can be."""
    step = 1
    while most > 4 * step:
        step = _next(step)
    return range(0, max(1, -(-most // step)) * step + 1, step)


def _next(step: int) -> int:
    """1, 2, 5, 10, 20, 50 ..."""
    return step * 5 // 2 if str(step).startswith("2") else step * 2


def _labels(names: Sequence[str], room: float) -> Sequence[Label]:
    """Some of the names, evenly spread, the first and the last among them."""
    last = len(names) - 1
    shown = min(MAX_LABELS, len(names))
    picked = sorted({round(index * last / max(1, shown - 1)) for index in range(shown)})
    return [
        Label(at=round((index + 0.5) * room, 3), text=names[index], anchor=_anchor(index, last))
        for index in picked
    ]


def _anchor(index: int, last: int) -> str:
    """The outermost labels end where the chart does."""
    if 0 < index < last or last == 0:
        return "middle"
    return "start" if index == 0 else "end"


def parts(counts: Mapping[str, int]) -> Sequence[Block]:
    """One bar that is 100 per cent long, divided as the counts are."""
    whole = sum(counts.values())
    present = {kind: count for kind, count in counts.items() if count}
    ends = accumulate(present.values())
    return [
        Block(
            kind=kind,
            start=round(100 * (end - present[kind]) / whole, 3),
            size=round(100 * present[kind] / whole, 3),
        )
        for kind, end in zip(present, ends, strict=True)
    ]
