"""What the layer costs a request, beside other middleware around the same app in the same process."""

import json
import platform
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.server.contestants import BARE, SESSION, workloads
from benchmarks.server.rounds import Pace, Samples, progress, ratio, run_on
from benchmarks.server.targets import judged
from benchmarks.tables import Summary, table

_CLOCKS: Final = {"cpu": time.process_time, "wall": time.perf_counter}
_PACKAGES: Final = (
    "starlette",
    "itsdangerous",
    "asgi-csrf",
    "django",
    "django-cookie-consent",
    "turbohtml",
    "uvloop",
)


def add_arguments(parser: ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("--rounds", type=int, default=15, help="how many blocks of each (default 15)")
    parser.add_argument("--block", type=float, default=20, help="milliseconds of a block (default 20)")
    parser.add_argument("--quick", action="store_true", help="a first look: 5 rounds of 4 ms")
    parser.add_argument(
        "--clock", choices=_CLOCKS, default="cpu", help="count time of the processor (default) or of the wall"
    )
    parser.add_argument("--loop", choices=("asyncio", "uvloop", "both"), default="both", help="default both")
    parser.add_argument("--only", metavar="TEXT", default="", help="only workloads whose names hold TEXT")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample to FILE")


def run(options: Namespace) -> None:
    """Measure, and print the tables."""
    rounds, block = (5, 4.0) if options.quick else (options.rounds, options.block)
    pace = Pace(rounds=rounds, block=block / 1000, clock=_CLOCKS[options.clock])
    loops = ("asyncio", "uvloop") if options.loop == "both" else (options.loop,)
    found: dict[str, dict[str, Samples]] = {loop: {} for loop in loops}
    with tempfile.TemporaryDirectory() as folder:
        for name, workload in workloads(Path(folder)):
            if options.only.lower() not in name.lower():
                continue
            for loop in loops:
                found[loop][name] = run_on(loop, workload.drivers(), pace)
                progress(f"{name} on {loop}")
    for loop, measured in found.items():
        _print(loop, measured, options.clock)
    if options.json:
        options.json.write_text(json.dumps(_document(options, found), indent=1) + "\n", "utf-8")


def _print(loop: str, measured: Mapping[str, Samples], clock: str) -> None:
    for name, samples in measured.items():
        print(f"{name}, on {loop}: medians in microseconds of {clock} time [and quartiles]")
        print(_table(samples) + "\n")
    print(f"Targets, on {loop}: medians of the ratios round by round")
    print(table(["", "against", "ratio", "limit", ""], judged(measured)) + "\n")


def _table(samples: Samples) -> str:
    yardstick = SESSION if SESSION in samples.seconds else ""
    header = ["", "a request", "cost above bare", "x bare", "first byte", "garbage"]
    header += [f"cost x {yardstick}"] if yardstick else []
    return table(header, [_row(name, samples, yardstick) for name in samples.seconds])


def _row(name: str, samples: Samples, yardstick: str) -> list[str]:
    costs = samples.costs(name, BARE)
    cells = [
        name,
        _micro(samples.seconds[name]),
        "" if name == BARE else _micro(costs),
        f"{ratio(samples.seconds[name], samples.seconds[BARE]):.2f}",
        f"{Summary.of(samples.first[name]).middle * 1e6:,.0f}",
        f"{samples.cycles[name]:.0f}",
    ]
    if yardstick:
        cells.append("" if name == BARE else f"{ratio(costs, samples.costs(yardstick, BARE)):.2f}")
    return cells


def _micro(seconds: Sequence[float]) -> str:
    return Summary.of([second * 1e6 for second in seconds]).text(1)


def _document(options: Namespace, found: Mapping[str, Mapping[str, Samples]]) -> dict[str, object]:
    """Everything, so that other ratios can be taken later."""
    return {
        "command": "server",
        "python": platform.python_version(),
        "machine": platform.platform(),
        "packages": {name: version(name) for name in _PACKAGES},
        "clock": options.clock,
        "loops": {
            loop: {name: asdict(samples) for name, samples in measured.items()}
            for loop, measured in found.items()
        },
        "targets": {loop: judged(measured) for loop, measured in found.items()},
    }
