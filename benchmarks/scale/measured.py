"""The figures that the model starts from, read from the files that the other benchmarks wrote."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from benchmarks.records.many import PROCESSES, STORE
from benchmarks.results import Results

_ONE: Final = {1: "1 at a time", 256: "256 at a time"}
_SEVERAL: Final = {1: f"1 at a time in each of {PROCESSES}", 32: f"32 at a time in each of {PROCESSES}"}
_CPU: Final = "us CPU/request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Seconds that a commit takes: ``fixed``, and ``each`` for every record in it."""

    fixed: float
    each: float

    @classmethod
    def fitted(cls, *, alone: float, crowd: float, size: int) -> Self:
        """From records a second in commits of one, and in commits of ``size``."""
        each = (size / crowd - 1 / alone) / (size - 1)
        return cls(fixed=1 / alone - each, each=each)

    def seconds(self, records: int) -> float:
        """For so many records."""
        return self.fixed + self.each * records

    def rate(self, records: int) -> float:
        """Records a second, in commits of so many."""
        return records / self.seconds(records)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """CPU in seconds a request, bytes a record, and what commits take.

    ``postgres`` is by one process alone, ``contended`` by several that take turns at one chain.
    """

    bare: float
    decided: float
    undecided: float
    record: float
    sqlite: Commit
    postgres: Commit
    contended: Commit

    @classmethod
    def read(cls, folder: Path) -> Self:
        """From ``wire.json``, ``records.json`` and ``records-scale.json``."""
        wire = Results.read(folder / "wire.json")
        records = Results.read(folder / "records.json")
        size = Results.read(folder / "records-scale.json").row("file", "a record", "bytes")
        cpu = {
            name: wire.row("uvicorn", name, _CPU).median / 1e6
            for name in ("bare", "ours, decided, with the link", "ours, undecided")
        }
        return cls(
            bare=cpu["bare"],
            decided=cpu["ours, decided, with the link"],
            undecided=cpu["ours, undecided"],
            record=size.median,
            sqlite=_commit(records, "SQLiteRecords", _ONE),
            postgres=_commit(records, STORE, _ONE),
            contended=_commit(records, STORE, _SEVERAL),
        )


def _commit(records: Results, store: str, cases: Mapping[int, str]) -> Commit:
    (_, one), (size, many) = cases.items()
    alone, crowd = (records.row(case, store, "decisions/s").median for case in (one, many))
    return Commit.fitted(alone=alone, crowd=crowd, size=size)
