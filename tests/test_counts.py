"""What a request may cost: instructions under callgrind, in those of Starlette's SessionMiddleware."""

import os

import pytest

from benchmarks.counts.callgrind import counted, missing
from benchmarks.counts.cases import BASES, NAMES, REQUESTS, SESSION
from benchmarks.counts.figures import Figures, grown

BEFORE = Figures(
    python="3.11.7",
    packages={},
    instructions=dict.fromkeys(NAMES, 100)
    | {SESSION: 200}
    | {name: 150 for name in BASES if name != SESSION},
)


def test_no_request_costs_more_than_a_tenth_more_than_it_did() -> None:
    """The kept figures hold: after a change that is meant, ``scripts/bench counts --keep`` (R42)."""
    if missing():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing()} not found: valgrind is needed")
        pytest.skip("valgrind is not installed")
    counts = dict(zip(NAMES, counted(NAMES), strict=True))
    assert grown(Figures.of(counts), Figures.read()) == []


@pytest.mark.parametrize(("instructions", "told"), [(154, 0), (156, 1)])
def test_a_tenth_more_is_told(instructions: int, told: int) -> None:
    """What counts is what the layer adds to the bare app, not the whole request."""
    counts = {name: count * REQUESTS for name, count in BEFORE.instructions.items()}
    now = Figures.of(counts | {"JSON": instructions * REQUESTS})
    assert len(grown(now, BEFORE)) == told
