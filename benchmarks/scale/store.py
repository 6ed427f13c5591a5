"""One chain of records as a queue: processes that commit in groups, one commit at a time."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from benchmarks.scale.measured import Commit
from consent.records.writer import MAX_GROUP

SPREAD: Final = 0.5
"""How commits differ: the deviation of the logarithm of their length, of which the mean stays as measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """``rate`` decisions a second (Poisson), ``count`` in all, each at one of ``processes`` by lot."""

    rate: float
    count: int
    processes: int = 1
    seed: int = 7

    def __iter__(self) -> Iterator[tuple[float, int]]:
        """When, and where; in order."""
        random, now = Random(self.seed), 0.0
        for _ in range(self.count):
            now += random.expovariate(self.rate)
            yield now, random.randrange(self.processes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How long each decision waited until it was durable, in seconds, and how the store was used."""

    waits: Sequence[float]
    commits: int
    busy: float
    longest: int

    def quantile(self, part: float) -> float:
        """The wait that ``part`` of the decisions did not exceed."""
        return self.waits[min(len(self.waits) - 1, int(len(self.waits) * part))]


class _Chain:
    """What waits, process by process. A process commits one group after the other (as `GroupCommit` does)."""

    def __init__(self, processes: int) -> None:
        self.submitted: deque[tuple[int, list[float]]] = deque()
        self._waiting: list[list[float]] = [[] for _ in range(processes)]
        self._busy = [False] * processes
        self.held = 0
        self.longest = 0

    def arrive(self, time: float, process: int) -> None:
        self._waiting[process].append(time)
        self.held += 1
        self.longest = max(self.longest, self.held)
        if not self._busy[process]:
            self._submit(process)

    def _submit(self, process: int) -> None:
        waiting = self._waiting[process]
        group, self._waiting[process] = waiting[:MAX_GROUP], waiting[MAX_GROUP:]
        self._busy[process] = bool(group)
        if group:
            self.submitted.append((process, group))

    def committed(self, process: int, group: Sequence[float]) -> None:
        self.held -= len(group)
        self._submit(process)


def simulate(arrivals: Arrivals, commit: Commit) -> Outcome:
    """Let all arrive and be committed: the chain's head is locked by one process at a time, in turn."""
    random, chain = Random(arrivals.seed + 1), _Chain(arrivals.processes)
    coming = iter(arrivals)
    following = next(coming, None)
    now, busy, commits = 0.0, 0.0, 0
    waits: list[float] = []
    while following is not None or chain.submitted:
        if not chain.submitted and following is not None:
            now = following[0]
            chain.arrive(*following)
            following = next(coming, None)
        process, group = chain.submitted.popleft()
        took = commit.seconds(len(group)) * random.lognormvariate(-(SPREAD**2) / 2, SPREAD)
        now, busy, commits = now + took, busy + took, commits + 1
        while following is not None and following[0] <= now:
            chain.arrive(*following)
            following = next(coming, None)
        waits += [now - time for time in group]
        chain.committed(process, group)
    return Outcome(
        waits=sorted(waits), commits=commits, busy=busy / now if now else 0.0, longest=chain.longest
    )


def load_of(rate: float, commit: Commit) -> float:
    """The part of what a chain can take at most: below 1 no queue grows without end."""
    return rate / commit.rate(MAX_GROUP)
