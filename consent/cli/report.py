"""The statistics as one page of HTML that needs nothing else, and no scripts; knows no file and no store."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Final

from consent.cli import charts, words
from consent.cli.stats import Counts, Statistics, ranked
from consent.cli.times import Period
from consent.ui.templating import printed

MAX_COLUMNS: Final = 92
"""Columns of the series: a quarter by days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One line of a chart of bars, and of the table beside it."""

    name: str
    value: str
    blocks: Sequence[charts.Block]
    counts: Counts


def page(statistics: Statistics, period: Period, *, now: datetime) -> str:
    """The whole document."""
    step, stretches = statistics.stretches(MAX_COLUMNS)
    times = [(words.stretch(one.start, step), one.counts) for one in stretches]
    labels = [words.axis(one.start, step) for one in stretches]
    return printed(
        (files("consent.cli") / "report.html").read_text("utf-8"),
        statistics=statistics,
        span=words.span(statistics.days, period) if statistics.days else "",
        made=f"{words.day(now.date())}, {now:%H:%M} UTC",
        controller=next(iter(statistics.controllers)) if len(statistics.controllers) == 1 else None,
        step=step,
        times=times,
        series=charts.series([(_told(*time), time[1]) for time in times], times=labels),
        categories=_categories(statistics),
        groups={
            "language": _bars(statistics.languages, words.language),
            "method": _bars(statistics.methods, lambda name: words.METHODS.get(name, name)),
        },
        actions=words.ACTIONS,
        headings=words.HEADINGS,
        cut=words.cut,
        number=words.number,
        percent=words.percent,
    )


def _told(name: str, counts: Counts) -> str:
    """What a column says when it is pointed at."""
    parts = [f"{words.ACTIONS[action]} {words.number(count)}" for action, count in counts.items() if count]
    return f"{name}: {', '.join(parts) or 'no decisions'}"


def _categories(statistics: Statistics) -> Sequence[Bar]:
    return [
        Bar(
            name=one.name,
            value=words.percent(one.granted, one.granted + one.denied),
            blocks=charts.parts({"granted": one.granted, "denied": one.denied}),
            counts={"granted": one.granted, "denied": one.denied},
        )
        for one in statistics.categories
    ]


def _bars(groups: Mapping[str, Counter[str]], called: Callable[[str], str]) -> Sequence[Bar]:
    return [
        Bar(
            name=called(key),
            value=words.number(sum(counts.values())),
            blocks=charts.parts(counts),
            counts=counts,
        )
        for key, counts in ranked(groups)
    ]
