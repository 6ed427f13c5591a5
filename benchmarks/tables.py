"""How results are printed: medians with their quartiles, in columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A median and the quartiles around it, in whatever unit the samples have."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> Self:
        """Of one sample or more."""
        if len(samples) == 1:
            return cls(low=samples[0], middle=samples[0], high=samples[0])
        low, _, high = quantiles(samples, n=4, method="inclusive")
        return cls(low=low, middle=median(samples), high=high)

    def text(self, digits: int = 0) -> str:
        """``12 [11-14]``, with as many decimal places as ``digits`` says."""
        low, middle, high = (f"{value:,.{digits}f}" for value in (self.low, self.middle, self.high))
        return f"{middle} [{low}-{high}]"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they must be: the first to the left, the others to the right."""
    lines = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)])
