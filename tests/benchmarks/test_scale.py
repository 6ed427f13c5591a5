"""The model of large sites keeps the books: nothing is lost, nothing is negative, and more needs no less."""

from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.scale.command import PATIENCE, chains_needed, rounded, size
from benchmarks.scale.load import DAY, Assumptions, Load
from benchmarks.scale.measured import Commit, Measured
from benchmarks.scale.store import Arrivals, load_of, simulate
from consent.records.writer import MAX_GROUP

COMMIT = Commit(fixed=0.001, each=0.00004)
MEASURED = Measured(
    bare=60e-6, decided=70e-6, undecided=80e-6, record=736, sqlite=COMMIT, postgres=COMMIT, contended=COMMIT
)
views = st.floats(1, 1e12)
shares = st.floats(0, 1)


@given(views, views, shares, st.booleans())
def test_more_views_need_no_less_of_anything(one: float, other: float, decides: float, again: bool) -> None:
    """Visitors, decisions, bytes and processes never shrink while page views grow."""
    assumed = Assumptions(decides=decides)
    small, large = (Load(views=count, asked_again=again, assumed=assumed) for count in sorted((one, other)))
    for measure in ("visitors", "decisions", "undecided_views", "peak_views", "peak_decisions"):
        assert getattr(small, measure) <= getattr(large, measure)
    assert small.processes(MEASURED) <= large.processes(MEASURED)
    assert small.processes(MEASURED, cached=True) <= small.processes(MEASURED)
    assert small.bytes_a_year(736) <= large.bytes_a_year(736)


@given(views, shares, shares)
def test_the_parts_are_parts_of_the_whole(count: float, new: float, decides: float) -> None:
    """Nobody decides who was not asked, nobody is asked who did not come, and no page has two banners."""
    load = Load(views=count, assumed=Assumptions(new_share=new, decides=decides))
    assert 0 <= load.decisions <= load.asked <= load.visitors <= load.views
    assert load.undecided_views <= load.views * 1.000001
    assert 0 <= load.share(MEASURED) < 1
    again = Load(views=count, assumed=load.assumed, asked_again=True)
    assert load.decisions <= again.decisions
    assert again.asked == again.visitors


def test_the_arithmetic_of_one_day() -> None:
    """864,000 views of four a visitor, by hand."""
    load = Load(views=10 * DAY)
    assert load.visitors == 216_000
    assert load.asked == 54_000
    assert load.decisions == pytest.approx(43_200)
    assert load.peak_views == pytest.approx(10 * 1.8 * 3)
    assert load.peak_decisions == pytest.approx(0.5 * 1.8 * 3)
    assert load.bytes_a_year(100) == pytest.approx(43_200 * 365 * 100)
    assert load.undecided_views == pytest.approx(43_200 + 10_800 * 4)


def test_a_commit_is_fitted_to_what_was_measured() -> None:
    """Both rates come back, and groups are quicker than single records."""
    commit = Commit.fitted(alone=1_000, crowd=20_000, size=256)
    assert commit.rate(1) == pytest.approx(1_000)
    assert commit.rate(256) == pytest.approx(20_000)
    assert commit.rate(1) < commit.rate(16) < commit.rate(MAX_GROUP)


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.1, 40_000), st.integers(0, 400), st.integers(1, 60), st.integers(0, 9), st.floats(1e-5, 0.05)
)
def test_every_decision_is_committed_once(
    rate: float, count: int, processes: int, seed: int, fixed: float
) -> None:
    """As many come out as went in, each after it came in, and the store is never busier than always."""
    commit = Commit(fixed=fixed, each=0.00004)
    outcome = simulate(Arrivals(rate=rate, count=count, processes=processes, seed=seed), commit)
    assert len(outcome.waits) == count
    assert all(wait > 0 for wait in outcome.waits)
    assert outcome.waits == sorted(outcome.waits)
    assert outcome.commits <= count
    assert outcome.commits >= count / MAX_GROUP
    assert 0 <= outcome.busy <= 1.000001
    assert outcome.longest <= count


def test_the_same_seed_gives_the_same() -> None:
    """A table can be repeated; another seed is another day."""
    arrivals = Arrivals(rate=5_000, count=1_000, processes=3)
    assert simulate(arrivals, COMMIT) == simulate(arrivals, COMMIT)
    assert simulate(arrivals, COMMIT) != simulate(
        Arrivals(rate=5_000, count=1_000, processes=3, seed=8), COMMIT
    )


@pytest.mark.parametrize("processes", [1, 8])
def test_a_load_below_one_is_a_bounded_queue(processes: int) -> None:
    """Below what the chain can take a longer day has no longer queue; above it the queue never ends growing."""
    most = COMMIT.rate(MAX_GROUP)

    def longest(load: float, count: int) -> int:
        return simulate(Arrivals(rate=load * most, count=count, processes=processes), COMMIT).longest

    assert load_of(0.5 * most, COMMIT) == pytest.approx(0.5)
    assert longest(0.5, 16_000) < 2 * longest(0.5, 4_000) < 1_000
    assert longest(1.5, 16_000) > 2 * longest(1.5, 4_000)


def test_decisions_that_wait_share_a_commit() -> None:
    """A lone one waits for its own commit; under load there are far fewer commits than decisions."""
    alone = simulate(Arrivals(rate=0.1, count=50), COMMIT)
    assert (alone.commits, alone.longest) == (50, 1)
    crowd = simulate(Arrivals(rate=10_000, count=5_000), COMMIT)
    assert crowd.commits < 5_000 / 5


def test_the_mean_of_commits_is_the_measured_one() -> None:
    """What spreads the commits does not lengthen them."""
    outcome = simulate(Arrivals(rate=0.1, count=4_000), COMMIT)
    assert sum(outcome.waits) / 4_000 == pytest.approx(COMMIT.seconds(1), rel=0.05)


def test_chains_are_added_until_nobody_waits_long() -> None:
    """One chain for a small site; for a large one as many as keep the promise, and half of them would not."""
    small = Load(views=1e6)
    assert chains_needed(small, 1, COMMIT)[0] == 1
    large = Load(views=5e10)
    chains, outcome = chains_needed(large, 1, COMMIT)
    assert chains > 1
    assert outcome.quantile(0.99) <= PATIENCE
    assert load_of(large.peak_decisions / (chains / 2), COMMIT) >= 1


def test_every_assumption_says_why() -> None:
    """The table of the page and the options of the command line come from here."""
    for one in fields(Assumptions):
        assert one.metadata["said"]
        assert one.metadata["why"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.1, "3.1"), (0.58, "0.58"), (6_234, "6,200"), (25e6, "25 million"), (5.2e9, "5.2 thousand million")],
)
def test_figures_of_a_model_have_two_digits(value: float, text: str) -> None:
    """More would claim to be known."""
    assert rounded(value) == text


def test_bytes_are_said_in_units() -> None:
    """From bytes to terabytes."""
    assert [size(value) for value in (736, 13.4e6, 13.4e9, 1.34e12)] == [
        "736 bytes",
        "13 MB",
        "13 GB",
        "1.3 TB",
    ]
