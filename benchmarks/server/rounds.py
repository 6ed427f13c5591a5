"""Measures contestants in alternating blocks, so that what the machine does besides hits them all alike."""

import asyncio
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from benchmarks.server.driver import Driver

CYCLES: Final = 20
"""Requests over which garbage is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much is measured: ``rounds`` of blocks that take ``block`` seconds each, by which ``clock``."""

    rounds: int
    block: float
    clock: Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """What one workload took: seconds by contestant and round, of a request and up to its first byte.

    ``cycles`` are objects that each request leaves to the garbage collector.
    """

    seconds: Mapping[str, Sequence[float]]
    first: Mapping[str, Sequence[float]]
    cycles: Mapping[str, float]

    def costs(self, name: str, base: str) -> list[float]:
        """By round, the time above ``base`` in the same round."""
        pairs = zip(self.seconds[name], self.seconds[base], strict=True)
        return [mine - bare for mine, bare in pairs]


@dataclass(slots=True)
class _Runner:
    driver: Driver
    count: int = 1
    seconds: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)

    async def warm_up(self, pace: Pace) -> None:
        """Fill caches, and find out how many requests a block has room for."""
        await self.driver.drive(20)
        while await self._block(time.perf_counter) < pace.block and self.count < 100_000:
            self.count *= 2

    async def _block(self, clock: Callable[[], float]) -> float:
        return await self.driver.seconds(self.count, clock) * self.count

    async def run(self, pace: Pace) -> None:
        self.seconds.append(await self.driver.seconds(self.count, pace.clock))
        self.first.append(await self.driver.first_byte(max(1, self.count // 10)))


async def measure(drivers: Mapping[str, Driver], pace: Pace) -> Samples:
    """All contestants of one workload."""
    runners = {name: _Runner(driver) for name, driver in drivers.items()}
    for runner in runners.values():
        await runner.warm_up(pace)
    cycles = {name: await runner.driver.left_behind(CYCLES) for name, runner in runners.items()}
    for number in range(pace.rounds):
        order = [*runners.values()]
        for runner in order if number % 2 == 0 else reversed(order):
            await runner.run(pace)
    return Samples(
        seconds={name: runner.seconds for name, runner in runners.items()},
        first={name: runner.first for name, runner in runners.items()},
        cycles=cycles,
    )


def run_on(loop: str, drivers: Mapping[str, Driver], pace: Pace) -> Samples:
    """On ``asyncio`` or ``uvloop``."""
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    if loop == "uvloop":
        import uvloop  # noqa: PLC0415  # not there on every system

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(measure(drivers, pace))


def ratio(tops: Sequence[float], bottoms: Sequence[float]) -> float:
    """The median of the ratios round by round."""
    return median(top / bottom for top, bottom in zip(tops, bottoms, strict=True))


def progress(text: str) -> None:
    """Tell who waits."""
    sys.stderr.write(f"{text}\n")
