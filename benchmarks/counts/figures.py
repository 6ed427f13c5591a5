"""What was counted, and how it compares with the figures that were kept; knows no callgrind."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final, Self

import cattrs

from benchmarks.counts.cases import BASES, REQUESTS, SESSION

BASELINE: Final = Path(__file__).with_name("baseline.json")
TOLERANCE: Final = 0.10
"""By how much a cost may grow before it is a defect."""

_PACKAGES: Final = ("starlette", "itsdangerous")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Instructions of one request by case, and what they hold for.

    Another build of Python has other counts, and runs all cases alike: what lasts are `costs`.
    """

    python: str
    packages: Mapping[str, str]
    instructions: Mapping[str, int]

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Self:
        """Of the instructions of all requests, on this machine."""
        return cls(
            python=f"{platform.python_version()}, {platform.python_compiler()}",
            packages={name: version(name) for name in _PACKAGES},
            instructions={name: count // REQUESTS for name, count in counts.items()},
        )

    @classmethod
    def read(cls, path: Path = BASELINE) -> Self:
        """From the file that `write` made."""
        return cattrs.structure(json.loads(path.read_text("utf-8")), cls)

    def write(self, path: Path) -> None:
        """So that two runs can be compared by eye."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")

    @property
    def costs(self) -> Mapping[str, float]:
        """Of each case with a middleware: what it takes above the bare app, in SessionMiddleware's share."""
        above = {
            name: count - self.instructions[BASES[name]]
            for name, count in self.instructions.items()
            if name in BASES
        }
        return {name: cost / above[SESSION] for name, cost in above.items()}


def grown(now: Figures, before: Figures) -> Sequence[str]:
    """A line for each case of ours that costs more than it may."""
    return [
        f"{name}: {cost:.3f} of SessionMiddleware's cost, {before.costs[name]:.3f} before"
        for name, cost in now.costs.items()
        if cost > before.costs.get(name, cost) * (1 + TOLERANCE)
    ]
