"""Runs the cases it is given inside callgrind, which it tells where each begins and ends."""

import asyncio
import gc
import os
import subprocess
import sys
from typing import Final

from benchmarks.counts.cases import REQUESTS, cases
from benchmarks.server.driver import Driver

MARK: Final = "getppid"
"""A function of C that nothing else calls: each call begins a new count."""


def main() -> None:
    """Count each; start-up is not counted, which makes it five times as quick."""
    everything = cases()
    asyncio.run(_run([Driver(everything[name].app, everything[name].errand) for name in sys.argv[1:]]))


async def _run(drivers: list[Driver]) -> None:
    for driver in drivers:
        await driver.drive(REQUESTS)
    _begin_to_count()
    for driver in drivers:
        gc.collect()
        os.getppid()
        await driver.drive(REQUESTS)
        os.getppid()


def _begin_to_count() -> None:
    command = ["callgrind_control", "--instr=on", str(os.getpid())]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as switch:
        while switch.poll() is None:
            pass  # callgrind listens only while this process runs


if __name__ == "__main__":
    main()
