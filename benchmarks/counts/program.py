"""Runs every case inside callgrind, which it tells where one begins and ends: ``python -m`` this module."""

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
    """Count what is asked for, or everything; start-up is not counted, and so costs a fifth of the time."""
    chosen = sys.argv[1:]
    drivers = [
        Driver(case.app, case.errand) for name, case in cases().items() if not chosen or name in chosen
    ]
    asyncio.run(_run(drivers))


async def _run(drivers: list[Driver]) -> None:
    for driver in drivers:
        await driver.drive(REQUESTS)
    switch = subprocess.Popen(  # valgrind's own tool, by its name
        ["callgrind_control", "--instr=on", str(os.getpid())],  # noqa: S607
        stdout=subprocess.DEVNULL,
    )
    while switch.poll() is None:
        pass  # callgrind listens only while this process runs
    for driver in drivers:
        gc.collect()
        os.getppid()
        await driver.drive(REQUESTS)
        os.getppid()


if __name__ == "__main__":
    main()
