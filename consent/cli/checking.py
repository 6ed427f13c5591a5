"""The commands that find errors and risks in settings: `check`, and `schema` for editors."""

import os
import textwrap
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.resources import files
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from consent.cli import options, sites, words
from consent.cli.findings import Located, check_address
from consent.cli.terminal import output, write, write_json

_COLOURS: Final = {"error": "bold red", "warning": "bold yellow", "hint": "bold cyan"}


def check(
    path: Annotated[
        str | None,
        typer.Argument(
            metavar="PATH",
            help="The settings: a TOML file, or module:attribute; else what --settings says.",
            show_default=False,
        ),
    ] = None,
    settings: options.Settings = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings too.")] = False,
    as_json: options.Json = False,
) -> None:
    """Tell every error and every risk in settings, why it matters and how to mend it.

    Exits with 1 if there is an error, with 2 if there is nothing to check. No secret key is needed.
    """
    address = path or settings or sites.DEFAULT
    given = "PATH" if path else f"{sites.OPTION} (or CONSENT_SETTINGS)"
    found = check_address(address, environ=os.environ, today=datetime.now(UTC).date(), given=given)
    counts = Counter[str](one.finding.kind.severity for one in found)
    if as_json:
        totals = {f"{severity}s": counts[severity] for severity in _COLOURS}
        write_json({**totals, "findings": [one.as_dict() for one in found]}, compact=True)
    else:
        _show(output(), address, found, counts)
    if counts["error"] or (strict and counts["warning"]):
        raise typer.Exit(1)


def schema() -> None:
    """Print the JSON Schema of `consent.toml`, by which editors complete and check it."""
    write((files("consent") / "consent.schema.json").read_text("utf-8").rstrip())


def _show(console: Console, path: str, found: Sequence[Located], counts: Counter[str]) -> None:
    for one in found:
        kind = one.finding.kind
        severity = Text(kind.severity, style=_COLOURS[kind.severity])
        console.print(Text.assemble(f"{one.where}: ", severity, f" [{kind.code}]"), soft_wrap=True)
        _paragraph(console, one.finding.what)
        rule = " - ".join(part for part in (kind.rule, kind.source) if part)
        _paragraph(console, f"{kind.why} [{rule}]" if rule else kind.why, style="dim")
        _paragraph(console, f"-> {one.finding.mend}")
        console.print()
    told = [words.counted(counts[severity], severity) for severity in _COLOURS if counts[severity]]
    console.print(f"{path}: {', '.join(told)}." if told else f"{path}: nothing found.", soft_wrap=True)


def _paragraph(console: Console, text: str, style: str = "") -> None:
    lines = textwrap.wrap(text, width=console.width - 2, break_on_hyphens=False)
    console.print(textwrap.indent("\n".join(lines), "  "), style=style, soft_wrap=True)
