"""The statistics as text for a terminal: tables with bars drawn of letters; knows no page."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from consent.cli import words
from consent.cli.stats import Counts, Statistics, ranked
from consent.cli.times import Period

MAX_ROWS: Final = 31
"""Rows of time: a month by days."""

WIDTH: Final = 30
"""Letters in the longest bar."""

_GLYPHS: Final[Mapping[str, tuple[str, str, str]]] = {
    # by action: in Unicode, in ASCII, and the colour
    "accept": ("█", "#", "blue"),
    "reject": ("▒", "x", "yellow"),
    "save": ("▚", "+", "cyan"),
    "withdraw": ("░", ".", "magenta"),
}


def show(console: Console, statistics: Statistics, period: Period) -> None:
    """Print all of it."""
    console.print(Text(heading(statistics, period), style="bold"))
    if not statistics.total:
        return
    draw = _Drawing(ascii_only=console.options.ascii_only)
    step, stretches = statistics.stretches(MAX_ROWS)
    times = [(words.stretch(one.start, step), one.counts) for one in stretches]
    console.print(Group("", draw.actions(statistics.actions), "", draw.counts(step.title(), times), ""))
    console.print(Group(draw.categories(statistics), ""))
    for name, groups, called in (
        ("Language", statistics.languages, words.language),
        ("Method", statistics.methods, lambda name: words.METHODS.get(name, name)),
    ):
        console.print(Group(draw.shares(name, [(called(key), counts) for key, counts in ranked(groups)]), ""))


def heading(statistics: Statistics, period: Period) -> str:
    """How many decisions there were, when, and how many are not known any more."""
    text = words.counted(statistics.total, "decision")
    if statistics.days:
        text += f", {words.span(statistics.days, period)}"
    return text + (f"; {words.number(statistics.removed)} removed" if statistics.removed else "")


class _Drawing:
    """Draws with letters that the terminal has."""

    def __init__(self, *, ascii_only: bool) -> None:
        self._column = 1 if ascii_only else 0

    def actions(self, counts: Counts) -> RenderableType:
        """How often each button was pressed; it is the legend of the bars below as well."""
        table = _table("Action", "Decisions", "Share", "")
        whole, most = sum(counts.values()), max(counts.values())
        for action, count in counts.items():
            bar = self._bar({action: count}, most)
            table.add_row(words.ACTIONS[action], words.number(count), words.percent(count, whole), bar)
        return table

    def counts(self, name: str, groups: Sequence[tuple[str, Counts]]) -> RenderableType:
        """A bar for each group, as long as it has decisions."""
        table = _table(name, "Decisions", "")
        most = max(sum(counts.values()) for _, counts in groups)
        for called, counts in groups:
            table.add_row(called, words.number(sum(counts.values())), self._bar(counts, most))
        return table

    def shares(self, name: str, groups: Sequence[tuple[str, Counts]]) -> RenderableType:
        """A bar for each group, all of one length."""
        table = _table(name, "Decisions", "Accepted", "")
        for called, counts in groups:
            whole = sum(counts.values())
            accepted = words.percent(counts["accept"], whole)
            table.add_row(called, words.number(whole), accepted, self._bar(counts, whole))
        return table

    def categories(self, statistics: Statistics) -> RenderableType:
        """A bar for each category: what part granted it."""
        table = _table("Category", "Granted", "Denied", "Share", "")
        for one in statistics.categories:
            whole = one.granted + one.denied
            figures = (words.number(one.granted), words.number(one.denied), words.percent(one.granted, whole))
            table.add_row(
                one.name, *figures, self._bar({"accept": one.granted, "withdraw": one.denied}, whole)
            )
        return table

    def _bar(self, counts: Counts, most: int) -> Text:
        bar, end, drawn = Text(), 0, 0
        for action, count in counts.items():
            end += count
            upto = round(WIDTH * end / most) if most else 0
            bar.append(_GLYPHS[action][self._column] * (upto - drawn), style=_GLYPHS[action][2])
            drawn = upto
        return bar


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for index, heading in enumerate(headings):
        table.add_column(heading, justify="right" if 0 < index < len(headings) - 1 else "left", no_wrap=True)
    return table
