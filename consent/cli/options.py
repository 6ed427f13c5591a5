"""The options that several commands have, each told once."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Identifier: TypeAlias = Annotated[
    str, typer.Argument(metavar="ID", help="The id of a record, as receipts name it.")
]
Records: TypeAlias = Annotated[
    str | None,
    typer.Option(
        envvar="CONSENT_RECORDS",
        metavar="STORE",
        help="The records: path of a SQLite file, or URL of a database (postgresql+asyncpg://...).",
    ),
]
Settings: TypeAlias = Annotated[
    str | None,
    typer.Option(
        envvar="CONSENT_SETTINGS",
        metavar="FILE",
        help="The settings: a TOML file, or module:attribute. [default: consent.toml if it is there]",
    ),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Answer as JSON on one line, for programs.")]
Since: TypeAlias = Annotated[
    str | None, typer.Option(metavar="TIME", help="Only what was decided from this day or moment on (UTC).")
]
Until: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Only what was decided up to this day, or before this moment."),
]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
DryRun: TypeAlias = Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")]
Output: TypeAlias = Annotated[
    Path | None,
    typer.Option("--output", metavar="FILE", help="Write to FILE, once it is complete; else print."),
]
