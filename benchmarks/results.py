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
    """A median with its quartiles; ``ratio`` is the median of the rounds' own ratios to ``against``."""

    case: str
    variant: str
    unit: str
    median: float
    low: float
    high: float
    ratio: float | None = None
    against: str = ""

    @classmethod
    def of(
        cls,
        case: str,
        variant: str,
        unit: str,
        samples: Sequence[float],
        *,
        ratio: float | None = None,
        against: str = "",
    ) -> Self:
        """Of one sample or more."""
        found = Summary.of(samples)
        return cls(
            case=case,
            variant=variant,
            unit=unit,
            median=found.middle,
            low=found.low,
            high=found.high,
            ratio=ratio,
            against=against,
        )

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
        head = {key: value for key, value in asdict(self).items() if key != "rows"}
        lines = ",\n".join(f"  {json.dumps(asdict(row))}" for row in self.rows)
        text = json.dumps(head, indent=1).removesuffix("\n}") + f',\n "rows": [\n{lines}\n ]\n}}\n'
        path.write_text(text, "utf-8")

    def row(self, case: str, variant: str, unit: str = "") -> Row:
        """The one row of that case and variant, in that unit where there are several."""
        [found] = [
            row for row in self.rows if (row.case, row.variant) == (case, variant) and unit in {"", row.unit}
        ]
        return found


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
