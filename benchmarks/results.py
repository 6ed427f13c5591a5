"""What a benchmark found, as the file that it writes: one row for each case and variant."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import cattrs

from benchmarks.tables import Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A median with its quartiles; ``ratio`` is the median of the rounds' own ratios to ``against``.

    ``at`` is where on an axis it was measured, if there is one.
    """

    case: str
    variant: str
    unit: str
    median: float
    low: float
    high: float
    ratio: float | None = None
    against: str = ""
    at: float | None = None

    @classmethod
    def of(cls, case: str, variant: str, unit: str, samples: Sequence[float], **more: Any) -> Self:
        """Of one sample or more, to five digits; ``more`` are the other fields."""
        found = Summary.of(samples)
        low, middle, high = (float(f"{value:.5g}") for value in (found.low, found.middle, found.high))
        return cls(case=case, variant=variant, unit=unit, median=middle, low=low, high=high, **more)

    @property
    def summary(self) -> Summary:
        """The median and the quartiles."""
        return Summary(low=self.low, middle=self.median, high=self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The rows of one run, and the machine that they were measured on."""

    command: str
    python: str
    machine: str
    measured: str
    options: Mapping[str, Any] = field(default_factory=dict)
    rows: Sequence[Row]

    @classmethod
    def here(cls, command: str, rows: Sequence[Row], **options: Any) -> Self:
        """Measured now, on this machine."""
        return cls(
            command=command,
            python=platform.python_version(),
            machine=machine(),
            measured=f"{datetime.now(UTC):%Y-%m-%d}",
            options=options,
            rows=rows,
        )

    @classmethod
    def read(cls, path: Path) -> Self:
        """From the file that `write` made."""
        return cattrs.structure(json.loads(path.read_text("utf-8")), cls)

    def write(self, path: Path) -> None:
        """One row a line, so that two runs can be compared by eye."""
        head = [
            f"{json.dumps(key)}: {json.dumps(value)}" for key, value in asdict(self).items() if key != "rows"
        ]
        rows = ",\n  ".join(json.dumps(_without_nothing(asdict(row))) for row in self.rows)
        path.write_text("{\n " + ",\n ".join(head) + f',\n "rows": [\n  {rows}\n ]\n}}\n', "utf-8")

    def row(self, case: str, variant: str, unit: str = "") -> Row:
        """The one row of that case and variant, in that unit where there are several."""
        [found] = [
            row for row in self.rows if (row.case, row.variant) == (case, variant) and unit in {"", row.unit}
        ]
        return found


def _without_nothing(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in row.items() if value not in (None, "")}


def machine() -> str:
    """``Intel(R) Xeon(R) Processor, 2 cores, Linux 6.18``."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    release = ".".join(platform.release().split(".")[:2])
    return (
        f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, {platform.system()} {release}"
    )
