"""Records as lines of a file: JSON with all of the chain, CSV for spreadsheets, DPV; knows no store."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from consent.cli.times import Period
from consent.records.chain import Entry
from consent.ui.exports import inert

COLUMNS: Final = (
    "position", "id", "time", "action", "method", "granted", "denied", "language", "notice", "catalogue",
    "version", "policy_url", "signals", "previous", "hash",
)  # fmt: skip
"""The columns of the CSV; several values in one cell stand with a space between."""

Lines = Callable[[Sequence[Entry], Period], Iterator[str]]
"""Makes lines of a page of entries: of those that are in the period."""


class Format(StrEnum):
    """What can be written."""

    JSONL = "jsonl"
    CSV = "csv"
    DPV = "dpv"


def json_lines(page: Sequence[Entry], period: Period) -> Iterator[str]:
    """Each entry as one object: what its body holds, and its link of the chain under ``chain``.

    What was removed is there as the link that is left of it, if no period is asked for.
    """
    for entry in page if period.is_open else period.entries(page):
        body: Mapping[str, Any] = json.loads(entry.body) if entry.body is not None else {}
        chain = {name: getattr(entry, name) for name in ("position", "previous", "payload", "hash")}
        yield json.dumps({**body, "chain": chain}, ensure_ascii=False, separators=(",", ":")) + "\n"


def csv_lines(page: Sequence[Entry], period: Period) -> Iterator[str]:
    """Each decision as one row (RFC 4180)."""
    for entry in period.decisions(page):
        body = {**json.loads(entry.body or "{}"), "position": entry.position, "hash": entry.hash}
        yield _row([inert(_cell(body[name])) for name in COLUMNS])


def csv_heading() -> str:
    """The first line of the CSV."""
    return _row(COLUMNS)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(value)
    return "" if value is None else str(value)


def _row(cells: Sequence[str]) -> str:
    file = io.StringIO()
    csv.writer(file).writerow(cells)
    return file.getvalue()
