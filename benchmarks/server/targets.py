"""What was promised, as ratios within a run; says by how much a promise is missed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.server.contestants import (
    ACCEPTED,
    BARE,
    DJANGO_CONSENT,
    GARBAGE,
    GATED,
    LINKED,
    REPLACING,
    SESSION,
    SESSION_GARBAGE,
    STRANGE,
    TOKENIZING,
    UNDECIDED,
)
from benchmarks.server.rounds import Samples, ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """``name``'s cost is at most ``limit`` of that of ``against``; a cost is the time above its base.

    Without a base it is the whole time. ``measures`` is ``seconds`` or ``first``.
    """

    workload: str
    name: str
    against: str
    limit: float
    base: str | None = BARE
    against_base: str | None = BARE
    measures: str = "seconds"

    def reached(self, samples: Samples) -> float:
        """The ratio in this run."""
        taken: Mapping[str, Sequence[float]] = getattr(samples, self.measures)
        return ratio(_above(taken, self.name, self.base), _above(taken, self.against, self.against_base))


def _above(taken: Mapping[str, Sequence[float]], name: str, base: str | None) -> Sequence[float]:
    if base is None:
        return taken[name]
    return [mine - bare for mine, bare in zip(taken[name], taken[base], strict=True)]


_HTML: Final = ("HTML, 10 KB", "HTML, 60 KB", "HTML, 500 KB")
_GATES: Final = ("HTML, 60 KB, gates", "HTML, 60 KB, gates, gated hosts")
_STREAM: Final = "100-chunk stream"

TARGETS: Final[Sequence[Target]] = (
    *(Target(workload=one, name=ACCEPTED, against=SESSION, limit=0.15) for one in _HTML),
    Target(workload=_HTML[0], name=STRANGE, against=SESSION, limit=0.60),
    Target(workload=_HTML[0], name=UNDECIDED, against=SESSION, limit=0.35),
    Target(workload=_HTML[0], name=LINKED, against=SESSION, limit=0.35),
    Target(workload=_HTML[2], name=UNDECIDED, against=SESSION, limit=0.60),
    *(Target(workload=one, name=UNDECIDED, against=REPLACING, limit=0.08) for one in (_HTML[0], _HTML[2])),
    *(
        Target(workload=one, name=ACCEPTED, against=SESSION, limit=0.10)
        for one in ("JSON", "1 MB static file")
    ),
    Target(workload=_HTML[0], name=GARBAGE, against=SESSION_GARBAGE, limit=0.50),
    Target(workload=_STREAM, name=UNDECIDED, against=BARE, limit=1.10, base=None, against_base=None),
    Target(
        workload=_STREAM,
        name=UNDECIDED,
        against=BARE,
        limit=1.10,
        base=None,
        against_base=None,
        measures="first",
    ),
    Target(workload=_GATES[0], name=GATED, base=UNDECIDED, against=TOKENIZING, limit=0.10),
    Target(workload=_GATES[1], name=GATED, base=UNDECIDED, against=TOKENIZING, limit=1.50),
    *(
        Target(workload=workload, name=name, against=DJANGO_CONSENT, limit=0.05)
        for workload in ("Django view", "Django coroutine")
        for name in (UNDECIDED, LINKED)
    ),
)
"""Of each case that has one."""


def judged(found: Mapping[str, Samples]) -> list[list[str]]:
    """A row for each target whose workload was measured."""
    return [_row(target, found[target.workload]) for target in TARGETS if target.workload in found]


def _row(target: Target, samples: Samples) -> list[str]:
    reached = target.reached(samples)
    what = "first byte" if target.measures == "first" else "time" if target.base is None else "cost"
    verdict = "reached" if reached <= target.limit else f"{reached / target.limit:.1f} times as much"
    return [
        f"{target.workload}: {target.name}",
        f"{what} of {target.against}",
        f"{reached:.3f}",
        f"{target.limit:.2f}",
        verdict,
    ]
