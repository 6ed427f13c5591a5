"""The command that compares two states of the declarations: `diff`."""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from consent.cli import options, sites
from consent.cli.terminal import output, write_json
from consent.differences import Difference, differences

_WHERE = "a settings file, or module:attribute."


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help=f"The settings before: {_WHERE}")],
    new: Annotated[str, typer.Argument(metavar="NEW", help=f"The settings after: {_WHERE}")],
    as_json: options.Json = False,
) -> None:
    """Tell what a change of declarations means; exits with 1 if visitors will be asked again."""
    found = differences(sites.declared(old, "OLD"), sites.declared(new, "NEW"))
    again = list(dict.fromkeys(one.category for one in found if one.material))
    if as_json:
        write_json({"asked_again": again, "differences": [asdict(one) for one in found]}, compact=True)
    else:
        _show(output(), found, again)
    if again:
        raise typer.Exit(1)


def _show(console: Console, found: Sequence[Difference], again: Sequence[str]) -> None:
    asked = f"Visitors will be asked again about {', '.join(again)}." if again else "Nobody is asked again."
    console.print(asked if found else "Nothing differs. Nobody is asked again.", soft_wrap=True)
    for category, parts in groupby(found, key=lambda one: one.category):
        title = f"{category}: {'' if category in again else 'not '}asked again"
        console.print("", Text(title, style="bold"), _table(list(parts)), sep="\n")


def _table(parts: Sequence[Difference]) -> Table:
    """One row for each difference, first those that ask again."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("Again", "What", "Before", "After", "Why"):
        table.add_column(heading, overflow="fold")
    for one in sorted(parts, key=lambda one: not one.material):
        what = f"{one.service}: {one.what}" if one.service else one.what
        table.add_row("yes" if one.material else "no", what, one.old or "-", one.new or "-", one.why)
    return table
