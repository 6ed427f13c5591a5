"""Runs the program under callgrind and reads what it counted; knows no case."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.counts.program import MARK

TOOLS: Final = ("valgrind", "callgrind_control")
_TOTALS: Final = re.compile(r"^totals: (\d+)", re.MULTILINE)
_ROOT: Final = Path(__file__).parents[2]


def missing() -> list[str]:
    """Which of valgrind's programs are not on this machine."""
    return [tool for tool in TOOLS if shutil.which(tool) is None]


def counted(names: Sequence[str]) -> list[int]:
    """The instructions of each case, in the order of ``names``.

    A case lies between two marks; what comes before the first of them, start-up, is not counted.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "counts"
        valgrind = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--dump-before={MARK}"]
        program = [sys.executable, "-m", "benchmarks.counts.program"]
        command = [*valgrind, f"--callgrind-out-file={out}", *program, *names]
        done = subprocess.run(
            command, cwd=_ROOT, env=_environment(), capture_output=True, text=True, check=False
        )
        parts = [Path(f"{out}.{2 * number + 2}") for number in range(len(names))]
        if done.returncode or not all(part.exists() for part in parts):
            sys.exit(f"callgrind failed:\n{done.stderr}")
        return [_total(part.read_text("utf-8")) for part in parts]


def _environment() -> dict[str, str]:
    """Sets of strings are walked through in one order; and nobody measures coverage meanwhile."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return {**kept, "PYTHONHASHSEED": "0", "PYTHONPATH": str(_ROOT)}


def _total(text: str) -> int:
    found = _TOTALS.search(text)
    return int(found[1]) if found else 0
