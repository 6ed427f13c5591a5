"""What stands in each section of the pages, from the files of figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.growth.axes import AXES, Axis
from benchmarks.report import counts, server
from benchmarks.report.pages import markdown
from benchmarks.results import Results, Row
from benchmarks.scale import command as scale
from benchmarks.scale.load import Assumptions
from benchmarks.scale.measured import Measured
from benchmarks.wire.command import VARIANTS, Variant

FOLDER: Final = "performance"
"""Where the plots are, seen from the pages."""

_WIRE: Final = {"requests/s": 0, "p50 ms": 2, "p99 ms": 2}
"""Decimal places of what else is told."""

_PROMISED: Final = {
    ("requests", "ours", "MiB more at the end"): "3.0",
    ("streams", "ours", "KiB/stream above bare"): "64.0",
}


def sections(folder: Path) -> Mapping[str, Callable[[], str]]:
    """Each by its name; they are made when they are asked for."""
    of: Mapping[str, tuple[Callable[[Results], str], str]] = {
        "server-targets": (server.targets, "server"),
        "server": (server.costs, "server"),
        "server-others": (server.others, "server"),
        "counts": (counts.told, "counts"),
        "wire": (wire, "wire"),
        "memory": (memory, "memory"),
        "growth": (growth, "growth"),
        "records": (records, "records"),
        "records-scale": (records_scale, "records-scale"),
    }
    made = {name: partial(_told, function, folder / f"{file}.json") for name, (function, file) in of.items()}
    return {**made, **_scale(folder)}


def _told(function: Callable[[Results], str], path: Path) -> str:
    """A table, and on what it was measured."""
    results = Results.read(path)
    said = f"{results.measured}, Python {results.python}, {results.machine}"
    return f"{function(results)}\nMeasured {said} ([figures]({FOLDER}/{path.name})).\n"


def wire(results: Results) -> str:
    """One table for each server."""
    servers = dict.fromkeys(row.case for row in results.rows)
    return "\n".join(f"**{name}**\n\n{_wire(results, name)}" for name in servers)


def _wire(results: Results, name: str) -> str:
    rows = [_wire_row(results, name, variant) for variant in VARIANTS]
    header = ["", "CPU us/request", "ratio", "to", "promised", *_WIRE]
    return markdown(header, rows, texts=(0, 3))


def _wire_row(results: Results, name: str, variant: Variant) -> list[str]:
    cpu = results.row(name, variant.name, "us CPU/request")
    promised = f"{variant.limit:.2f}" if variant.limit else ""
    others = [results.row(name, variant.name, unit).summary.text(digits) for unit, digits in _WIRE.items()]
    return [variant.name, cpu.summary.text(1), f"{cpu.ratio:.2f}", cpu.against, promised, *others]


def memory(results: Results) -> str:
    """The ends of the looks at it, and streams."""
    asked = {name: f"{results.options[name]:,}" for name in ("requests", "visitors", "warm_up", "streams")}
    said = (
        f"{asked['requests']} requests of {asked['visitors']} visitors, after {asked['warm_up']} to warm up; "
        f"{asked['streams']} streams."
    )
    rows = [
        [row.case, row.variant, row.unit, f"{row.median:,.1f}", _PROMISED.get(_key(row), "")]
        for row in results.rows
        if row.case != "looks"
    ]
    found = markdown(["", "", "", "found", "promised"], rows, texts=(0, 1, 2))
    return f"{said}\n\n{found}\n![Memory over the requests; the table has its ends]({FOLDER}/memory.svg)\n"


def _key(row: Row) -> tuple[str, str, str]:
    return row.case, row.variant, row.unit


def growth(results: Results) -> str:
    """A plot and its table for each axis."""
    return "\n".join(_axis(axis, [row for row in results.rows if row.case == axis.name]) for axis in AXES)


def _axis(axis: Axis, rows: Sequence[Row]) -> str:
    places = [f"{place:,.0f}" for place in dict.fromkeys(row.at for row in rows) if place is not None]
    lines = [[kind, *(row.summary.text(1) for row in rows if row.variant == kind)] for kind in axis.lines]
    plot = f"![Cost by {axis.label}: the table below has its figures]({FOLDER}/growth-{axis.name}.svg)"
    return f"{plot}\n\n{markdown([axis.label, *places], lines)}"


def records(results: Results) -> str:
    """Decisions a second, and the waits, by store and number of visitors."""
    cases = [row for row in results.rows if row.unit == "decisions/s"]
    rows = [
        [
            row.case,
            row.variant,
            row.summary.text(),
            results.row(row.case, row.variant, "p50 ms").summary.text(2),
            results.row(row.case, row.variant, "p99 ms").summary.text(2),
        ]
        for row in cases
    ]
    disk = results.row("disk", "4 KiB", "writes/s").summary.text()
    found = markdown(["", "store", "decisions/s", "p50 ms", "p99 ms"], rows, texts=(0, 1))
    return f"The disk confirmed {disk} writes of 4 KiB a second meanwhile.\n\n{found}"


def records_scale(results: Results) -> str:
    """Speed and memory over many records."""
    works = dict.fromkeys(row.variant for row in results.rows if row.unit == "records/s")
    units = ("records/s", "MiB at first", "MiB at most")
    rows = [[work, *(f"{results.row('file', work, unit).median:,.0f}" for unit in units)] for work in works]
    each = results.row("file", "a record", "bytes").median
    told = f"{results.options['records']:,} records, {each:.0f} bytes each in the file"
    return f"{told}:\n\n{markdown(['', *units], rows)}"


def _scale(folder: Path) -> Mapping[str, Callable[[], str]]:
    """The model's tables, under its own assumptions."""

    def made(
        header: Sequence[str], rows: Callable[[Measured, Assumptions, Sequence[float]], list[list[str]]]
    ) -> str:
        return markdown(header, rows(Measured.read(folder), Assumptions(), scale.MILLIONS))

    return {
        "assumptions": assumptions,
        "inputs": lambda: inputs(Measured.read(folder)),
        "load": lambda: made(scale.LOAD_HEADER, scale.load_rows),
        "app": lambda: made(scale.APP_HEADER, scale.app_rows),
        "store": lambda: made(scale.STORE_HEADER, scale.store_rows),
    }


def assumptions() -> str:
    """What was not measured."""
    rows = [[one.metadata["said"], f"{one.default:g}", one.metadata["why"]] for one in fields(Assumptions)]
    return markdown(["assumed", "value", "because"], rows, texts=(0, 2))


def inputs(measured: Measured) -> str:
    """What was measured, in the form in which the model takes it."""
    commits = {
        "a commit of `SQLiteRecords`": measured.sqlite,
        "a commit of `SQLRecords` in PostgreSQL, one process": measured.postgres,
        "the same, eight processes at one chain": measured.contended,
    }
    rows = [
        ["CPU of a page view, bare app on uvicorn", f"{measured.bare * 1e6:.0f} us"],
        ["the same with the layer, undecided", f"{measured.undecided * 1e6:.0f} us"],
        ["the same with the layer, decided", f"{measured.decided * 1e6:.0f} us"],
        ["a record, with its part of the indexes", f"{measured.record:.0f} bytes"],
        *(
            [name, f"{one.fixed * 1000:.2f} ms and {one.each * 1e6:.0f} us for each record"]
            for name, one in commits.items()
        ),
    ]
    return markdown(["measured", "value"], rows)
