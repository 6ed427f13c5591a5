"""What is remembered of cookies that were met: bounded, and as often as they came; no request here."""

from collections import Counter
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from consent.catalogue import Catalogue
from consent.gates.cookies import cookie_name
from consent.sightings import MAX_LENGTH, MAX_MET, MAX_NAMES, Sightings
from tests.sites import NOW, categories

NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=';=",'), min_size=1)


def sightings() -> Sightings:
    return Sightings(Catalogue(categories()), own=["consent"], since=NOW)


def nowhere() -> str:
    return "/" * 1_000


@given(st.lists(st.lists(NAMES | st.sampled_from(["a", "b", "_ga", "consent"]), max_size=6), max_size=12))
def test_each_name_counts_as_often_as_it_comes(requests: list[list[str]]) -> None:
    """However requests cut them, undeclared names are counted, and no others (R48)."""
    found, expected = sightings(), Counter[str]()
    for names in requests:
        value = "; ".join(f"{name}=1" for name in names).encode()
        found.sent([(b"cookie", value)], "", NOW, nowhere)
        found.were_set([(b"set-cookie", f"{name}=1".encode()) for name in names], "", NOW, nowhere)
        expected.update(names)
    undeclared = {
        name: number
        for name, number in expected.items()
        if name != "consent" and Catalogue(categories()).requires(name) is None
    }
    for how in ("set", "sent"):
        counted = {entry.name: entry.count for entry in found.report(None).cookies if entry.how == how}
        assert counted == undeclared


@given(st.binary(max_size=300))
def test_no_cookie_header_is_too_broken(value: bytes) -> None:
    """Any bytes are taken; what a name is, the gates see the same way (R30, R48)."""
    found = sightings()
    found.sent([(b"cookie", value)], "", NOW, nowhere)
    found.were_set([(b"set-cookie", value)], "", NOW, nowhere)
    for entry in found.report(None).cookies:
        assert entry.name in {"", *(cookie_name(pair)[:MAX_LENGTH] for pair in value.split(b";"))}


def test_visitors_cannot_fill_the_memory() -> None:
    """Names, routes and what is remembered of names are bounded; what has no room is said (R48)."""
    found = sightings()
    number = count()
    for _ in range(MAX_NAMES):
        found.sent([(b"cookie", b"n%d=1" % next(number))], "", NOW, nowhere)
    assert found.report(None).complete
    for _ in range(MAX_MET):
        found.sent([(b"cookie", b"n%d=1" % next(number))], "", NOW, nowhere)
    report = found.report(None)
    assert not report.complete
    assert len(report.cookies) == MAX_NAMES
    assert {len(entry.route) for entry in report.cookies} == {MAX_LENGTH}
    assert [len(met) for met in found._met["sent"].values()] == [MAX_MET]
    found.sent([(b"cookie", b"n0=1")], "", NOW, nowhere)
    assert found.report(None).cookies[0].count == 2


def test_long_names_are_cut_and_counted_together() -> None:
    """Nobody keeps kilobytes of ours busy with a name (R48)."""
    found = sightings()
    for letter in b"abc":
        found.sent([(b"cookie", b"x" * MAX_LENGTH + bytes([letter]) + b"=1")], "", NOW, nowhere)
    [entry] = found.report(None).cookies
    assert (entry.name, entry.count) == ("x" * MAX_LENGTH, 3)
    assert found._met["sent"] == {found._catalogue.on(""): {}}


def test_what_the_app_sets_has_room_of_its_own() -> None:
    """However many names visitors make up, those of the app are listed (R48)."""
    found = sightings()
    for number in range(MAX_NAMES + 1):
        found.sent([(b"cookie", b"n%d=1" % number)], "", NOW, nowhere)
    found.were_set([(b"set-cookie", b"own=1")], "", NOW, nowhere)
    assert found.report(None).cookies[0].name == "own"
