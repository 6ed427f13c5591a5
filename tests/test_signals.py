"""What browsers say by themselves, as it stands in headers: read exactly, and never more than is there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import Category, ConfigurationError, Signal
from consent.signals import ADPC, DNT, GPC, MAX_ADPC, Decisions, Values, parse_adpc
from consent.state import Said
from tests.sites import categories, settings

CATEGORIES = settings().catalogue.asked
REQUESTS = {"analytics.v1": "analytics", "marketing.v1": "marketing"}


def own(**values: Any) -> Signal:
    """A signal of a site's own: a header of its app, which denies what it names."""

    @dataclass(frozen=True)
    class Own:
        name: str = "app-switch"
        label: str = "the switch in our app"
        headers: Sequence[str] = ("X-App-Switch",)

        def denies(self, values: Values, categories: Sequence[Category]) -> Iterable[str] | None:
            named = [name for line in values.get("x-app-switch", ()) for name in line.split()]
            return named or None

    return Own(**values)


# --- GPC and DNT ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("signal", "field"), [(GPC, "sec-gpc"), (DNT, "dnt")])
@pytest.mark.parametrize(
    ("lines", "heard"),
    [
        (["1"], True),
        (["0", "1"], True),
        (["1", "1"], True),
        (["0"], False),
        (["1, 1"], False),
        (["1;q=1"], False),
        (["01"], False),
        (["true"], False),
        ([" 1"], False),
        ([""], False),
        ([], False),
    ],
)
def test_only_an_exact_1_is_a_signal(signal: Signal, field: str, lines: list[str], heard: bool) -> None:
    """One line that is exactly ``1`` suffices, and nothing else is a signal (R43, R44)."""
    denied = signal.denies({field: lines} if lines else {}, CATEGORIES)
    assert denied == ({"marketing"} if heard else None)


@given(st.lists(st.text(max_size=3)))
def test_whatever_else_comes_is_none(lines: list[str]) -> None:
    """No other text is taken for a signal, and none raises (R43)."""
    assert (GPC.denies({"sec-gpc": lines}, CATEGORIES) is not None) == ("1" in lines)


def test_what_is_objectable_is_denied() -> None:
    """Marketing by default; any category may be, and marketing may be not (R43)."""
    declared = [
        Category(id="analytics", objectable=True),
        Category(id="marketing", objectable=False),
        Category(id="preferences"),
    ]
    assert GPC.denies({"sec-gpc": ["1"]}, declared) == {"analytics"}
    assert GPC.denies({"sec-gpc": ["1"]}, declared[1:]) == frozenset()


# --- ADPC -----------------------------------------------------------------------------------------

identifiers = st.text("abcXYZ019-._~", min_size=1, max_size=6)
members = st.tuples(
    st.sampled_from(["consent", "withdraw", "object"]), st.lists(identifiers, max_size=3), st.booleans()
)


def written(key: str, values: list[str], quoted: bool) -> str:
    return f"{key}={values[0]}" if len(values) == 1 and not quoted else f'{key}="{" ".join(values)}"'


@given(st.lists(members, min_size=1, max_size=6), st.data())
def test_decisions_survive_the_header(given: Any, data: st.DataObject) -> None:
    """Written as the specification says, in one line or many, all of them are read (R45)."""
    blank = st.sampled_from(["", " ", "\t", ", ,", " , "])
    separators = data.draw(st.lists(blank | st.just("\n"), min_size=len(given) - 1, max_size=len(given) - 1))
    parts = [written(*member) for member in given]
    text = parts[0] + "".join(
        (sep if sep == "\n" else f"{sep},") + part for sep, part in zip(separators, parts[1:], strict=True)
    )
    expected: dict[str, set[str]] = {"consent": set(), "withdraw": set(), "object": set()}
    for key, names, _ in given:
        expected[key].update(names)
    assert parse_adpc(text.split("\n")) == Decisions(
        **{key: frozenset(names) for key, names in expected.items()}
    )


pieces = st.lists(
    st.sampled_from(
        [
            "consent",
            "withdraw",
            "object",
            "=",
            "*",
            '"',
            ",",
            " ",
            "\t",
            "\\",
            ";",
            "analytics.v1",
            "direct-marketing",
            "\n",
            "\xff",
        ]
    )
    | st.text(max_size=2),
    max_size=12,
).map("".join)


@given(st.lists(pieces, max_size=3))
def test_any_header_is_read_or_ignored(lines: list[str]) -> None:
    """Nothing raises, and a consent is only what stands there as one (R44, R45)."""
    decisions = parse_adpc(lines)
    if decisions is not None:
        assert all(identifier in "".join(lines) for identifier in decisions.consent)
        assert not decisions.consent or "consent=" in "".join(lines)


@given(pieces, pieces)
def test_how_lines_are_cut_changes_nothing(one: str, other: str) -> None:
    """Intermediaries join lines by commas: both ways mean the same (RFC 9110, 5.3)."""
    assert parse_adpc([one, other]) == parse_adpc([f"{one},{other}"])


@pytest.mark.parametrize(
    "line",
    [
        'consent="analytics.v1',
        "withdraw=*, consent=analytics.v1 marketing.v1",
        "withdraw=*; consent=analytics.v1",
        "Consent=analytics.v1",
        "consent = analytics.v1",
        'consent="a\\"b"',
        "withdraw",
        "=*",
        "withdraw=*," + " " * MAX_ADPC,
    ],
)
def test_a_malformed_header_is_ignored_whole(line: str) -> None:
    """Half of what somebody said may be the opposite of it (R45)."""
    assert parse_adpc([line]) is None
    assert ADPC.denies({"adpc": [line]}, CATEGORIES) is None


def test_a_site_without_requests_hears_objections_all_the_same() -> None:
    """What is denied in general needs no request (R45)."""
    assert ADPC.denies({"adpc": ["withdraw=*"]}, CATEGORIES) == {"preferences", "analytics", "marketing"}
    assert ADPC.denies({}, CATEGORIES) is None


@pytest.mark.parametrize(
    ("line", "denied", "granted"),
    [
        ("withdraw=*", {"preferences", "analytics", "marketing"}, set()),
        ("object=direct-marketing", {"marketing"}, set()),
        ("object=everything", set(), set()),
        ("withdraw=analytics.v1", {"analytics"}, set()),
        ("withdraw=analytics.v0", {"analytics"}, set()),
        ("withdraw=gallery.v1", set(), set()),
        ("consent=analytics.v1", set(), {"analytics"}),
        ("consent=analytics.v0", set(), set()),
        ("consent=analytics", set(), set()),
        ("consent=*", set(), set()),
        ('consent="analytics.v1 marketing.v1"', set(), {"analytics", "marketing"}),
        ("withdraw=*, consent=analytics.v1", {"preferences", "marketing"}, {"analytics"}),
        ("consent=analytics.v1, withdraw=*", {"preferences", "marketing"}, {"analytics"}),
        ("object=direct-marketing, consent=marketing.v1", set(), {"marketing"}),
        ("withdraw=analytics.v1, consent=analytics.v1", {"analytics"}, set()),
        ("withdraw=analytics.v0, consent=analytics.v1", set(), {"analytics"}),
        ("consent=", set(), set()),
        ('consent=""', set(), set()),
        ("colour=blue, withdraw=analytics.v1", {"analytics"}, set()),
    ],
)
def test_the_specific_prevails_over_the_general(line: str, denied: set[str], granted: set[str]) -> None:
    """A consent to today's words counts over ``*`` and objections; a contradiction is a withdrawal (R45)."""
    said = ADPC.said({"adpc": [line]}, CATEGORIES, REQUESTS)
    assert said == Said(name="adpc", denied=frozenset(denied), granted=frozenset(granted))


# --- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["gpc", "p3p"], "signals[1]: came as 'p3p'; allowed are 'gpc', 'dnt', 'adpc' and objects"),
        ([7], "signals[0]: came as 7; allowed are 'gpc'"),
        (["gpc", GPC], "signals[1]: the name 'gpc' is already taken; names are unique."),
        ([own(name="App")], "signals[0]: its name came as 'App'; allowed are at most 32 lower-case"),
        ([own(headers="DNT")], "signals[0]: its headers came as 'DNT'; allowed are one or more names"),
        ([own(headers=["a b"])], "signals[0]: its headers came as ['a b']; allowed are"),
        ([own(headers=())], "signals[0]: its headers came as (); allowed are"),
        ("gpc", "signals: came as 'gpc'; allowed is a list."),
    ],
)
def test_what_is_no_signal_is_refused(given: Any, sentence: str) -> None:
    """A mistyped signal is told at start, and not missed by a visitor."""
    with pytest.raises(ConfigurationError) as caught:
        settings(signals=given)
    assert str(caught.value).startswith(sentence)


def test_the_package_listens_to_gpc_unless_told_otherwise() -> None:
    """GPC alone by default; others and one's own beside it, or none at all (R43, R44)."""
    assert settings().listens == (GPC,)
    mine = own()
    assert settings(signals=["gpc", "dnt", "adpc", mine]).listens == (GPC, DNT, ADPC, mine)
    assert settings(signals=()).listens == ()
    assert settings().listens_to("gpc")
    assert not settings(signals=["dnt"]).listens_to("gpc")


def test_objections_are_not_material() -> None:
    """Nobody is asked again because a category became objectable (R16)."""
    plain = settings().catalogue.fingerprints
    marked = [Category(id=c.id, services=c.services, objectable=c.id == "analytics") for c in categories()]
    assert settings(categories=marked).catalogue.fingerprints == plain


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"id": "marketing", "objectable": "yes"}, "'objectable' came as 'yes'; allowed is True or False."),
        ({"id": "necessary", "objectable": True}, "'objectable' came as True; what is necessary is never"),
    ],
)
def test_only_a_switch_makes_a_category_objectable(values: Any, sentence: str) -> None:
    """And what is necessary is never denied."""
    with pytest.raises(ConfigurationError) as caught:
        Category(**values)
    assert sentence in str(caught.value)
