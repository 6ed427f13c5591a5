"""The findings that are known: what is new, and how they are kept."""

import json
from pathlib import Path

import pytest

from consent import ConfigurationError
from consent.audit.baseline import Baseline
from consent.audit.comparing import compare
from consent.audit.sightings import Phase
from tests.audit.seen import declared, observed, sighting, thing

BEFORE, REJECTED, ACCEPTED, WITHDRAWN, GPC = Phase

EARLY = sighting(thing("cookie", "_ga"), BEFORE, page="/")


def test_a_kept_finding_is_known_on_any_page(tmp_path: Path) -> None:
    """Pages and hosts of the site come and go: a fault is the same elsewhere."""
    path = tmp_path / "baseline.json"
    path.write_text(Baseline.of(compare(observed(EARLY), declared()).findings).text())
    known = Baseline.read(path)
    elsewhere = sighting(thing("cookie", "_ga", "other.example"), BEFORE, page="/other")
    [again] = compare(observed(elsewhere, host="other.example"), declared()).findings
    assert known.knows(again)


@pytest.mark.parametrize(
    "seen",
    [
        sighting(thing("cookie", "_ga"), BEFORE, REJECTED),
        sighting(thing("cookie", "_ga"), WITHDRAWN),
        sighting(thing("cookie", "_hm"), BEFORE),
        sighting(thing("local", "_ga"), BEFORE),
        sighting(thing("cookie", "_ga", "other.example"), BEFORE),
    ],
)
def test_anything_else_is_new(seen: list[object]) -> None:
    """Another name, kind or host, another fault, or the same in a phase in which it was not seen before."""
    known = Baseline.of(compare(observed(EARLY), declared()).findings)
    [one] = compare(observed(seen), declared()).findings  # type: ignore[arg-type]
    assert not known.knows(one)


def test_a_fault_that_shows_less_often_is_no_new_one() -> None:
    """What is half mended does not fail."""
    known = Baseline.of(
        compare(observed(sighting(thing("cookie", "_ga"), BEFORE, REJECTED)), declared()).findings
    )
    [one] = compare(observed(EARLY), declared()).findings
    assert known.knows(one)


def test_the_file_can_be_compared_line_by_line() -> None:
    """One line for each finding, always in the same order; empty where nothing was found."""
    seen = [EARLY, sighting(thing("host", "x.example"), ACCEPTED)]
    one, other = (
        Baseline.of(compare(observed(*order), declared()).findings).text() for order in (seen, seen[::-1])
    )
    assert one == other
    assert [line.strip().rstrip(",") for line in one.splitlines() if "fault" in line] == [
        '{"fault": "early", "what": "cookie", "name": "_ga", "host": "", "phases": ["before"]}',
        '{"fault": "undeclared", "what": "host", "name": "x.example", "host": "", "phases": ["accepted"]}',
    ]
    assert json.loads(Baseline.of([]).text()) == {"version": 1, "findings": []}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "7", "{}", '{"version": 2, "findings": []}', '{"version": 1, "findings": [{}]}', '{"version": 1, "findings": 7}',
     '{"version": 1, "findings": [{"fault": 1, "what": "", "name": "", "host": "", "phases": []}]}', "[" * 100_000, "\udcff"],
)  # fmt: skip
def test_a_file_that_is_no_baseline_is_one_sentence(tmp_path: Path, text: str) -> None:
    """Where it is, and how to make one."""
    path = tmp_path / "b.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigurationError, match=r"b\.json: this is no baseline of an audit; write one with"):
        Baseline.read(path)


def test_a_baseline_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """No file is made up."""
    with pytest.raises(ConfigurationError, match="the file cannot be read: No such file or directory"):
        Baseline.read(tmp_path / "none.json")
