"""The figures of ``server``: what is kept of its samples, and the tables that are made of them."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any, Final

from benchmarks.report.pages import markdown
from benchmarks.results import Results, Row

BARE: Final = "bare"
COST: Final = "us above bare"
TIME: Final = "us"
LOOP: Final = "uvloop"

SHOWN: Final = (
    "HTML, 10 KB",
    "HTML, 500 KB",
    "JSON",
    "1 MB static file",
    "six Set-Cookie",
    "100-chunk stream",
)
"""The workloads of the first table; the others have one of their own."""


def kept(document: Mapping[str, Any]) -> Results:
    """Medians and quartiles of what ``server --json`` wrote: every sample of it is too much to keep."""
    rows: list[Row] = []
    for loop, workloads in document["loops"].items():
        for workload, samples in workloads.items():
            rows += _rows(f"{loop}: {workload}", samples["seconds"])
    told = {name: document[name] for name in ("clock", "packages", "targets")}
    return Results.here("server", rows, **told)


def _rows(case: str, seconds: Mapping[str, Sequence[float]]) -> Iterator[Row]:
    bare = seconds[BARE]
    for name, taken in seconds.items():
        yield Row.of(case, name, TIME, [second * 1e6 for second in taken])
        costs = [(mine - theirs) * 1e6 for mine, theirs in zip(taken, bare, strict=True)]
        ratio = median(mine / theirs for mine, theirs in zip(taken, bare, strict=True))
        yield Row.of(case, name, COST, costs, ratio=round(ratio, 4), against=BARE)


def targets(results: Results) -> str:
    """What was promised, and what this run reached."""
    judged: Mapping[str, Sequence[Sequence[str]]] = results.options["targets"]
    return markdown(["case", "against", "reached", "promised", ""], judged[LOOP], texts=(0, 1, 4))


def costs(results: Results) -> str:
    """Microseconds above the bare app by contestant, for the workloads that all are measured on."""
    cases = [f"{LOOP}: {name}" for name in SHOWN]
    found = {(row.variant, row.case): row for row in results.rows if row.unit == COST}
    names = dict.fromkeys(row.variant for row in results.rows if row.case in cases and row.variant != BARE)
    bare = [f"{results.row(case, BARE, TIME).median:,.0f}" for case in cases]
    rows = [[name, *(f"{found[name, case].median:,.1f}" for case in cases)] for name in names]
    return markdown(["", *SHOWN], [["the bare app itself", *bare], *rows])


def others(results: Results) -> str:
    """The gates and Django: each workload beside its own bare app."""
    cases = dict.fromkeys(row.case for row in results.rows if row.case.startswith(f"{LOOP}: "))
    rows = [
        [case.removeprefix(f"{LOOP}: "), row.variant, row.summary.text(1), f"{row.ratio:.2f}"]
        for case in cases
        if "gates" in case or "Django" in case
        for row in results.rows
        if row.case == case and row.unit == COST and row.variant != BARE
    ]
    return markdown(["workload", "variant", "us above bare", "x bare"], rows, texts=(0, 1))
