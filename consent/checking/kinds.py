"""Every kind of finding there is, with its rule and source, as data: knows no settings."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from consent.checking.finding import Kind


@cache
def kinds() -> Mapping[str, Kind]:
    """All of them by their codes, errors first."""
    table = tomllib.loads((files("consent.checking") / "kinds.toml").read_text("utf-8"))
    return {code: Kind(**{"code": code, "rule": "", "source": "", **kind}) for code, kind in table.items()}


def kind(code: str) -> Kind:
    """The kind of this code."""
    return kinds()[code]


def markdown() -> str:
    """The table in `docs/how-to/check-your-settings.md`."""
    head = "| finding | severity | rule | source | why |\n|---|---|---|---|---|\n"
    return head + "".join(
        f"| `{each.code}` | {each.severity} | {each.rule or '-'} | {each.source or '-'} | {each.why} |\n"
        for each in kinds().values()
    )
