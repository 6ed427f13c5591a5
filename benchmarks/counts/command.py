"""How many instructions a request takes: figures for regressions, whatever else the machine does."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from benchmarks.counts.callgrind import counted, missing
from benchmarks.counts.cases import BASES, NAMES
from benchmarks.counts.figures import BASELINE, Figures, grown
from benchmarks.tables import table


def add_arguments(parser: ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--keep", action="store_true", help="make them the figures to compare with")


def run(options: Namespace) -> None:
    """Count, and print the table; ends with 1 if something costs more than a tenth more than it did."""
    if missing():
        sys.exit(f"{' and '.join(missing())} missing: install valgrind (Debian: apt-get install valgrind)")
    now = Figures.of(dict(zip(NAMES, counted(NAMES), strict=True)))
    before = Figures.read() if BASELINE.exists() else now
    print(f"Instructions of one request; kept are those of {before.python}.\n")
    print(_table(now, before))
    for path in ([options.json] if options.json else []) + ([BASELINE] if options.keep else []):
        now.write(path)
    if more := grown(now, before):
        sys.exit("More than a tenth more than it was:\n" + "\n".join(more))


def _table(now: Figures, before: Figures) -> str:
    header = ["", "instructions", "above bare", "x SessionMiddleware", "kept"]
    return table(header, [_row(name, now, before) for name in NAMES])


def _row(name: str, now: Figures, before: Figures) -> list[str]:
    count = now.instructions[name]
    if name not in BASES:
        return [name, f"{count:,}", "", "", ""]
    above = count - now.instructions[BASES[name]]
    kept = before.costs.get(name)
    return [
        name,
        f"{count:,}",
        f"{above:,}",
        f"{now.costs[name]:.3f}",
        "" if kept is None else f"{kept:.3f}",
    ]
