"""What is measured of each contestant, and how the samples become tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.client.contestants import BARE, BARE_AGAIN, OURS
from benchmarks.tables import Summary, table

Samples = Mapping[str, Sequence[Mapping[str, float]]]
"""By the contestant's name, what each run measured, by the metric's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One column: its title with the unit. ``above_bare`` takes off what the bare page has."""

    key: str
    title: str
    above_bare: bool = False
    digits: int = 0


TABLES: Final = {
    "Network: bytes as they are sent, until the page is at rest and asks; then for its second layer": (
        Metric(key="bytes", title="bytes above none", above_bare=True),
        Metric(key="requests", title="requests above none", above_bare=True),
        Metric(key="further", title="bytes for second layer"),
    ),
    "Time: milliseconds since the navigation began; the wait is from first paint to a banner that is still": (
        Metric(key="fcp", title="first contentful paint"),
        Metric(key="shown", title="banner still"),
        Metric(key="wait", title="wait"),
        Metric(key="fade", title="of it moving"),
    ),
    "Main thread: milliseconds until the page is at rest and asks": (
        Metric(key="script", title="scripts"),
        Metric(key="style", title="style"),
        Metric(key="layout", title="layout"),
        Metric(key="task", title="all tasks"),
    ),
    "Accepting: milliseconds from click to next paint (0: under 16), and layout shift all the while": (
        Metric(key="inp", title="INP"),
        Metric(key="cls", title="CLS", digits=3),
    ),
}


def summarised(samples: Samples, metric: Metric) -> dict[str, Summary]:
    """The metric of each contestant that has it."""
    found = {name: [run[metric.key] for run in runs if metric.key in run] for name, runs in samples.items()}
    base = Summary.of(found[BARE.name]).middle if metric.above_bare else 0
    return {name: Summary.of([value - base for value in values]) for name, values in found.items() if values}


def tables(samples: Samples) -> str:
    """All tables, with each median's ratio to ours, and the noise of the machine as the last line."""
    return "\n\n".join(f"{title}\n{_table(samples, metrics)}" for title, metrics in TABLES.items())


def _table(samples: Samples, metrics: Sequence[Metric]) -> str:
    columns = [summarised(samples, metric) for metric in metrics]
    rows = [
        [name, *(_cell(column, name, metric) for column, metric in zip(columns, metrics, strict=True))]
        for name in samples
        if name != BARE_AGAIN.name
    ]
    noise = ["none, a second time", *(_noise(column) for column in columns)]
    return table(["", *(metric.title for metric in metrics)], [*rows, noise])


def _cell(column: Mapping[str, Summary], name: str, metric: Metric) -> str:
    if name not in column:
        return "-"
    ours, value = column[OURS.name].middle, column[name]
    ratio = f"x{value.middle / ours:.1f}" if ours and name != BARE.name else ""
    return f"{value.text(metric.digits)} {ratio:>6}"


def _noise(column: Mapping[str, Summary]) -> str:
    """By how much the second bare page differs from the first."""
    if BARE.name not in column:
        return "-"
    difference = column[BARE_AGAIN.name].middle - column[BARE.name].middle
    base = column[BARE.name].middle
    return f"{difference:+,.0f}" + (f" ({difference / base:+.0%})" if base else "")
