"""The tree of commands, and how an error is told: one sentence, no traceback."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from consent._version import __version__
from consent.cli import auditing, checking, comparing, proving, reading, removing, starting
from consent.errors import ConsentError


class _Commands(TyperGroup):
    """Tells every error that the package raises on purpose in one sentence, and exits with 2."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except ConsentError as error:
            typer.echo(f"consent: {error}", err=True)
            raise typer.Exit(2) from None


app = typer.Typer(cls=_Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
records = typer.Typer(no_args_is_help=True, help="The evidence: count, check, hand out and remove records.")
app.add_typer(records, name="records")
_READING = (reading.stats, reading.export, proving.verify, proving.receipt, proving.checkpoint)
for command in (*_READING, removing.purge, removing.erase):
    records.command()(command)
catalogue = typer.Typer(no_args_is_help=True, help="The declarations: what a change of them means.")
app.add_typer(catalogue, name="catalogue")
catalogue.command()(comparing.diff)
app.command()(proving.manifest)
app.command()(checking.check)
app.command()(checking.schema)
app.command()(starting.init)
app.command()(starting.new_key)
app.command()(auditing.audit)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"asgi-consent {__version__}")
        raise typer.Exit


@app.callback()
def _consent(
    _: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version.")
    ] = False,
) -> None:
    """The consent layer: its settings, its evidence, and what is in force."""
