"""Measures everything that the pages of the documentation show, and writes it into them."""

import json
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.report import counts, server
from benchmarks.report.command import report
from benchmarks.results import Results
from benchmarks.scale.command import FIGURES

STEPS: Final[Mapping[str, Sequence[str]]] = {
    "server": ("server",),
    "counts": ("counts",),
    "wire": ("wire",),
    "memory": ("memory",),
    "growth": ("growth",),
    "records": ("records",),
    "records-scale": ("records", "--scale", "100000"),
}
"""The arguments of each, by the name of its file of figures."""

KEPT: Final[Mapping[str, Callable[[Mapping[str, Any]], Results]]] = {
    "server": server.kept,
    "counts": counts.kept,
}
"""What is kept of the files that are written in another form."""

QUICK: Final = {"counts": (), "records": ("--rounds", "2"), "records-scale": ()}
"""What makes those quick that have no ``--quick``."""


def add_arguments(parser: ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("--only", nargs="*", choices=[*STEPS], default=[*STEPS], help="measure these alone")
    parser.add_argument("--quick", action="store_true", help="to see that it works")
    parser.add_argument(
        "--json-folder",
        type=Path,
        default=FIGURES,
        metavar="FOLDER",
        help="for the figures; then the pages stay",
    )


def run(options: Namespace) -> None:
    """One step after the other, each in a process of its own; then the pages, if they show these figures."""
    options.json_folder.mkdir(parents=True, exist_ok=True)
    for name in options.only:
        quick = QUICK.get(name, ("--quick",)) if options.quick else ()
        measure(name, [*STEPS[name], *quick], options.json_folder)
    if options.json_folder == FIGURES:
        report()


def measure(name: str, arguments: Sequence[str], folder: Path) -> None:
    """Measure, and keep the figures as ``name.json``."""
    print(f"--- {' '.join(arguments)}", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "found.json"
        # `counts` ends with 1 where something has grown: the figures are written all the same.
        command = [sys.executable, "-m", "benchmarks", *arguments, "--json", str(path)]
        subprocess.run(command, check=name != "counts")
        if name in KEPT:
            KEPT[name](json.loads(path.read_text("utf-8"))).write(path)
        (folder / f"{name}.json").write_bytes(path.read_bytes())
