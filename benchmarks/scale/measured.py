"""The figures that the model starts from, read from the files that the other benchmarks wrote."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from benchmarks.results import Results

ALONE: Final = "1 at a time"
CROWD: Final = "256 at a time"
_CROWD: Final = 256
_CPU: Final = "us CPU/request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Seconds that a commit takes: ``fixed``, and ``each`` for every record in it."""

    fixed: float
    each: float

    @classmethod
    def fitted(cls, *, alone: float, crowd: float) -> Self:
        """From records a second, one at a time and 256 at a time (which then share a commit)."""
        each = (_CROWD / crowd - 1 / alone) / (_CROWD - 1)
        return cls(fixed=1 / alone - each, each=each)

    def seconds(self, records: int) -> float:
        """For so many records."""
        return self.fixed + self.each * records

    def rate(self, records: int) -> float:
        """Records a second, in commits of so many."""
        return records / self.seconds(records)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """CPU in seconds a request, bytes a record, and the commits of both stores."""

    bare: float
    decided: float
    undecided: float
    record: float
    sqlite: Commit
    postgres: Commit

    @classmethod
    def read(cls, folder: Path) -> Self:
        """From ``wire.json``, ``records.json`` and ``records-scale.json``."""
        wire = Results.read(folder / "wire.json")
        records = Results.read(folder / "records.json")
        size = Results.read(folder / "records-scale.json").row("file", "a record", "bytes")
        cpu = {
            name: wire.row("uvicorn", name, _CPU).median / 1e6
            for name in ("bare", "ours, decided", "ours, undecided")
        }
        commits = {
            store: Commit.fitted(
                alone=records.row(ALONE, store, "decisions/s").median,
                crowd=records.row(CROWD, store, "decisions/s").median,
            )
            for store in ("SQLiteRecords", "SQLRecords, asyncpg")
        }
        return cls(
            bare=cpu["bare"],
            decided=cpu["ours, decided"],
            undecided=cpu["ours, undecided"],
            record=size.median,
            sqlite=commits["SQLiteRecords"],
            postgres=commits["SQLRecords, asyncpg"],
        )
