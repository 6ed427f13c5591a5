"""The figures of ``counts``: instructions of one request, which do not wobble."""

from collections.abc import Mapping
from typing import Any, Final

from benchmarks.report.pages import markdown
from benchmarks.results import Results, Row

CASE: Final = "a request"
UNIT: Final = "instructions"
BARE: Final = "bare"
SESSION: Final = "SessionMiddleware"


def kept(document: Mapping[str, Any]) -> Results:
    """One row for each case of what ``counts --json`` wrote; ``ratio`` is its cost to SessionMiddleware's."""
    counts: Mapping[str, int] = document["instructions"]
    yardstick = counts[SESSION] - counts[BARE]
    rows = [
        Row.of(
            CASE,
            name,
            UNIT,
            [count],
            ratio=round((count - counts[base_of(name, counts)]) / yardstick, 4),
            against=SESSION,
        )
        for name, count in counts.items()
    ]
    return Results.here("counts", rows, packages=document["packages"])


def base_of(name: str, counts: Mapping[str, int]) -> str:
    """The bare app's case: ``bare, JSON`` for ``JSON``, ``bare`` for all that have none of their own."""
    if name.startswith(BARE):
        return name
    return f"{BARE}, {name}" if f"{BARE}, {name}" in counts else BARE


def told(results: Results) -> str:
    """All cases."""
    counts = {row.variant: int(row.median) for row in results.rows}
    rows = [
        [
            row.variant,
            f"{counts[row.variant]:,}",
            f"{counts[row.variant] - counts[base_of(row.variant, counts)]:,}",
            f"{row.ratio or 0:.2f}",
        ]
        for row in results.rows
    ]
    return markdown(["", "instructions", "above bare", f"of {SESSION}'s"], rows)
