"""The command line: `consent`, with the extra ``cli``; nothing of the package needs it."""

import sys


def main() -> None:
    """Do what the command line says; without the extra, say what to install."""
    try:
        from consent.cli.app import app  # noqa: PLC0415  # here the extra may be missing
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("rich", "tree_sitter", "tree_sitter_toml", "typer"):
            raise
        sys.stderr.write("consent: the command line needs more: pip install 'asgi-consent[cli]'\n")
        sys.exit(2)
    app(prog_name="consent")
