"""The write gate and the read gate over raw headers."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.catalogue import Catalogue
from consent.gates.cookies import (
    _MAX_NAME,
    _MAX_NAMES,
    CookieGate,
    cookie_name,
    cookie_pairs,
    is_deletion,
)
from consent.gates.headers import Header
from consent.model import Category
from consent.state import Answer, Consent, Verdict
from tests.sites import NOW, categories, service

CATALOGUE = Catalogue(categories())
Report = Callable[[str, str], None]


def gate(
    catalogue: Catalogue = CATALOGUE, *, undeclared_passes: bool = False, report: Report | None = None
) -> CookieGate:
    return CookieGate(
        catalogue,
        undeclared_passes=undeclared_passes,
        report=report or (lambda name, what: None),
    )


def standing(*granted: str) -> Consent:
    verdicts = {name: (CATALOGUE.fingerprints[name], Verdict.GRANTED) for name in granted}
    return CATALOGUE.standing(Answer(time=int(NOW), verdicts=verdicts))


def set_cookies(*values: bytes) -> list[Header]:
    return [(b"set-cookie", value) for value in values]


@pytest.mark.parametrize(
    ("pair", "name"),
    [
        (b"a=1", "a"),
        (b" a = 1 ; Path=/", "a"),
        (b"\ta=b=c", "a"),
        (b"a", "a"),
        (b"=a=1", "a"),
        (b"=1", "1"),
        (b"", ""),
        (b"; Path=/", ""),
        (b"\xe9=1", "\xe9"),
        (b"\xa0_ga\x85=1", "_ga"),
        (b"\x1f_ga=1", "_ga"),
    ],
)
def test_a_cookies_name_is_read_as_a_browser_reads_it(pair: bytes, name: str) -> None:
    """Blanks around the name do not count, and a nameless cookie goes by its value."""
    assert cookie_name(pair) == name


@pytest.mark.parametrize(
    ("attributes", "deletes"),
    [
        (b"", False),
        (b"; Max-Age=0", True),
        (b"; max-age = -1", True),
        (b"; Max-Age=000", True),
        (b"; Max-Age=60", False),
        (b"; Max-Age=x", False),
        (b"; Max-Age=0; Max-Age=60", False),
        (b"; Expires=Thu, 01 Jan 1970 00:00:00 GMT", True),
        (b"; Expires=Fri, 01 Jan 2100 00:00:00 GMT", False),
        (b"; Expires=Thu, 01-Jan-1970 00:00:00 GMT", True),
        (b"; Expires=Thu, 01-Jan-69 00:00:00 GMT", False),
        (b"; Expires=01 Jan 1970 00:00", False),
        (b"; Expires=Thu, 01 Jan 1970 00:00:00 +1400", False),
        (b"; Expires=Thu, 01 Foo 1970 00:00:00 GMT", False),
        (b"; Max-Age=+9; Expires=Thu, 01 Jan 1970 00:00:00 GMT", False),
        (b"; Max-Age=90; Max-Age=" + b"0" * 1100, False),
        (b"; Max-Age=60; Max-Age=0", True),
        (b"; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60", False),
        (b"; Expires=never", False),
        (b"; Expires=Thu, 99 Jan 1970 00:00:00 GMT", False),
    ],
)
def test_a_deletion_is_recognised(attributes: bytes, deletes: bool) -> None:
    """Max-Age counts before Expires, and the last of each; what cannot be read does not count (R20)."""
    assert is_deletion(b"a=1" + attributes, NOW) is deletes


def test_only_consented_cookies_leave() -> None:
    """Necessary and granted cookies pass, byte for byte; declared and undeclared others do not (R1, R32)."""
    kept = set_cookies(
        b'session="{\\"a\\": 1}"; Path=/; Partitioned; SameSite=None',
        b"edition=hills",
        b"_hm=; Max-Age=0",
        b"consent=x",
    )
    headers = [
        (b"content-type", b"text/html"),
        *kept,
        *set_cookies(b"_ga=1", b"_ga_2=1", b"other=1", b" IDE =1", b"x"),
    ]
    assert gate().filter_response(headers, standing("preferences"), NOW, own=("consent",)) == (
        headers[:4],
        {"session", "edition", "_hm"},
    )


def test_an_upper_case_header_does_not_slip_through() -> None:
    """A careless app's Set-Cookie is one all the same (R32)."""
    assert gate().filter_response([(b"Set-Cookie", b"_ga=1")], standing(), NOW, own=("consent",))[0] == []


def test_undeclared_cookies_may_be_let_through() -> None:
    """A site can decide that what nobody declared passes; what was declared still waits."""
    headers = set_cookies(b"other=1", b"_ga=1")
    assert (
        gate(undeclared_passes=True).filter_response(headers, standing(), NOW, own=("consent",))[0]
        == headers[:1]
    )


def test_a_cookie_of_two_categories_waits_for_both() -> None:
    """Consent to one of two purposes is not enough (R13)."""
    catalogue = Catalogue(
        [
            Category(id="analytics", services=(service("a", "id"),)),
            Category(id="marketing", services=(service("b", "id"),)),
        ]
    )
    marks = catalogue.fingerprints
    one = catalogue.standing(Answer(time=0, verdicts={"analytics": (marks["analytics"], Verdict.GRANTED)}))
    both = catalogue.standing(
        Answer(time=0, verdicts={name: (mark, Verdict.GRANTED) for name, mark in marks.items()})
    )
    assert gate(catalogue).withholds("id", one)
    assert not gate(catalogue).withholds("id", both)


def test_unconsented_cookies_do_not_reach_the_app() -> None:
    """They leave every cookie header; what stays keeps its bytes (R18)."""
    headers = [
        (b"host", b"site.example"),
        (b"cookie", b'session="a b"; _ga=1;edition=x;  csrf={"k":"v"}; other'),
        (b"cookie", b"_hm=1"),
    ]
    assert gate().filter_request(headers, standing(), own=("consent",)) == (
        [(b"host", b"site.example"), (b"cookie", b'session="a b";  csrf={"k":"v"}')],
        ["_ga", "edition", "other", "_hm"],
    )


@pytest.mark.parametrize("value", [b"session=1", b"session=1;csrf=2 ;", b" session=1", b""])
def test_a_header_that_keeps_everything_stays_as_it_came(value: bytes) -> None:
    """Odd spacing is nobody's business."""
    headers = [(b"cookie", value)]
    assert gate().filter_request(headers, standing(), own=("consent",))[0] == headers


@given(st.lists(st.binary(max_size=12), max_size=6))
def test_the_read_gate_keeps_only_what_is_allowed(values: list[bytes]) -> None:
    """Whatever a browser sends, no unconsented name is left and no allowed pair is lost."""
    headers = [(b"cookie", value) for value in values]
    kept, withheld = gate().filter_request(headers, standing(), own=("consent",))
    names = {cookie_name(pair) for pair in cookie_pairs(kept) if pair.strip(b" \t")}
    assert names <= {"session", "csrf", "consent"}
    assert names.isdisjoint(withheld)
    assert names | set(withheld) == {
        cookie_name(pair) for pair in cookie_pairs(headers) if pair.strip(b" \t")
    }


pairs = st.builds(
    bytes.__add__,
    st.sampled_from(
        [b"session", b" session", b"_ga", b" _ga_X", b"consent", b"\xa0", b" \x85 ", b"", b" ", b"other"]
    ),
    st.sampled_from([b"", b"=", b"=1", b"=session", b"=_ga", b"=session=1", b"=_ga=1"]),
)


@given(st.lists(pairs, min_size=1, max_size=40))
def test_what_passed_before_changes_no_verdict(sent: list[bytes]) -> None:
    """A gate that has seen much decides as one that has seen nothing, on every cookie (R18)."""
    seasoned = gate(undeclared_passes=len(sent) % 2 == 0)
    for pair in sent:
        seasoned.filter_cookie(pair, standing("analytics"), ("consent",), "")
    for granted in ((), ("analytics",), ("marketing",)):
        for own in (("consent",), ("__Host-consent",)):
            for pair in sent:
                fresh = gate(undeclared_passes=len(sent) % 2 == 0)
                asked = (pair, standing(*granted), own, "")
                assert seasoned.filter_cookie(*asked) == fresh.filter_cookie(*asked)


def test_the_names_that_are_kept_are_few_and_short() -> None:
    """However many names a browser invents, and however long they are (R42)."""
    seasoned = gate()
    made = [b"_ga_%d" % number for number in range(_MAX_NAMES + 10)]
    for name in [b"_ga_" + b"x" * _MAX_NAME, *made, b"session"]:
        assert seasoned.filter_cookie(name + b"=1", standing("analytics"), (), "") == (name + b"=1", [])
    passing = seasoned._passing(CATALOGUE.on(""), standing("analytics").granted, ())
    assert passing == {*made[_MAX_NAMES:], b"session"}  # the last, so that nobody fills it for good


@given(st.lists(st.binary(max_size=30), max_size=6))
def test_the_write_gate_lets_out_only_what_is_allowed(values: list[bytes]) -> None:
    """Whatever an app sends, what leaves is allowed or deletes, and its bytes are the app's."""
    headers = set_cookies(*values)
    kept, names = gate().filter_response(headers, standing(), NOW, own=("consent",))
    assert all(header in headers for header in kept)
    assert all(
        name in {"session", "csrf"} or is_deletion(header[1], NOW)
        for name, header in zip([cookie_name(header[1]) for header in kept], kept, strict=True)
    )
    assert names == {cookie_name(header[1]) for header in kept}


def test_undeclared_names_are_reported_with_what_happened() -> None:
    """The log can name what nobody declared: set by the app, or sent by the browser (R48)."""
    seen: list[tuple[str, str]] = []
    reporting = gate(report=lambda name, what: seen.append((name, what)))
    reporting.filter_response(set_cookies(b"new=1", b"_ga=1"), standing(), NOW, own=("consent",))
    reporting.filter_request([(b"cookie", b"old=1; _ga=1")], standing(), own=("consent",))
    assert seen == [("new", "set"), ("old", "sent")]


def test_the_exact_names_of_services_are_known() -> None:
    """A withdrawal can expire what the browser did not send to this address."""
    assert gate().declared_names(frozenset({"counter", "ads"})) == ["_ga", "IDE"]
