"""Files that are no settings: everything that is wrong is found, each at its key, and the rest goes on."""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent import ConfigurationError, ConsentSettings
from consent.checking.explaining import explained
from consent.checking.faults import faults
from consent.checking.mending import mended
from consent.gatekeeper import Gatekeeper
from consent.settings_errors import Place, written
from consent.settings_file import new_converter, structured
from tests.checking.declared import CLEAN, DAY, JUNK, WHOLE, changed, places, replaced
from tests.sites import SECRET

CONVERTER = new_converter()
COUNTER = "category[1].service[0]"


def errors(data: Mapping[str, Any]) -> Sequence[tuple[Place, ConfigurationError]]:
    made, problems = structured(ConsentSettings, data, CONVERTER)
    if made is None:
        return problems
    try:
        Gatekeeper(made)
    except ConfigurationError as error:
        return [((), error)]
    return ()


def found(text: str) -> list[tuple[str, str]]:
    """The code and the place of each error, in the order of the file."""
    all_, better = faults({"secret_keys": [SECRET], **tomllib.loads(text)}, errors)
    assert better is not None
    assert structured(ConsentSettings, better)[0] is not None
    return sorted((written(one.place), explained(one.place, one.error).kind.code) for one in all_)


def test_nothing_is_wrong_with_what_can_be_used() -> None:
    """The data stays as it is."""
    data = {"secret_keys": [SECRET], **tomllib.loads(CLEAN)}
    assert faults(data, errors) == ((), data)


FAULTS: list[tuple[tuple[str, str], str, str]] = [
    # The settings themselves; each change can be made together with all others of another line.
    (('csp = "report"', 'csp = "no"'), "csp", "unusable"),
    ((f"policy_date = {DAY}", "policy_date = 3"), "policy_date", "unusable"),
    (('controller = "The Example Post, 1 Mill Lane, Exampleton"', "lifetime = 3"), "controller", "missing"),
    # Categories and services
    (('id = "login"', 'id = "Log in"'), "category[0].service[0].id", "unusable"),
    (('name = "Login"', "name = 7"), "category[0].service[0].name", "unusable"),
    (('justification = "You ask for it by logging in; nobody can without it."', ""), "category[0].service[0]", "no-justification"),
    (('name = "session", duration', 'name = "_ga", duration'), "category[0].service[0].cookies[0]", "necessary-tracker"),
    (('duration = "session", purpose', 'duration = "long", purpose'), "category[0].service[0].cookies[0].duration", "unusable"),
    (('name = "Counter"\n', ""), f"{COUNTER}.name", "missing"),
    (('provider = "Counter Ltd"', 'provider = ""'), f"{COUNTER}.provider", "unusable"),
    (('policy_url = "https://counter.example/privacy"', 'policy_url = "ftp://x"'), f"{COUNTER}.policy_url", "unusable"),
    (('purpose = "Counts how often an article is read."', 'purpose = " "'), f"{COUNTER}.purpose", "unusable"),
    (('hosts = ["counter.example"]', 'hosts = ["ok.example", "https://counter.example"]'), f"{COUNTER}.hosts[1]", "unusable"),
    (('name = "reader", duration = "13 months"', 'name = "read er"'), f"{COUNTER}.cookies[0].duration", "missing"),
    (('kind = "local"', 'kind = "cloud"'), f"{COUNTER}.storage[0].kind", "unusable"),
    (('use = "youtube"', 'use = "youtub"'), "category[2].service[0].use", "unusable"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "place", "code"), FAULTS)
def test_a_fault_is_found_at_its_key(change: tuple[str, str], place: str, code: str) -> None:
    """One that is not the first of its file is found all the same."""
    assert (place, code) in found(changed(change))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(FAULTS), min_size=1, max_size=7, unique=True))
def test_however_many_are_found(wanted: list[tuple[tuple[str, str], str, str]]) -> None:
    """None hides another, and nothing is found that is not there."""
    codes = found(changed(*(change for change, _, _ in wanted)))
    expected = {(place, code) for _, place, code in wanted}
    # Two of the changes bring a second fault with them: the place it has is known as well.
    expected |= {("lifetime", "lifetime")} if ("controller", "missing") in expected else set()
    extra = (f"{COUNTER}.cookies[0].name", "unusable")
    expected |= {extra} if (f"{COUNTER}.cookies[0].duration", "missing") in expected else set()
    assert set(codes) == expected
    assert len(codes) == len(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # labels, in every language that has some (R6)
        (
            changed(('csp = "report"', '[texts.en]\naccept = "OK"\nreject = "Got it"\n[texts.de]\naccept = "Alles klar"\nheading = "Kekse"')),
            [("texts.de.accept", "misleading-label"), ("texts.en.accept", "misleading-label"), ("texts.en.reject", "misleading-label")],
        ),
        (
            changed(('csp = "report"', '[texts.xx]\naccept = "x"\n[texts.en]\n"partners.one" = "{x}"\nnone = "y"')),
            [("texts.en.none", "no-such-text"), ("texts.en.partners.one", "unusable"), ("texts.xx", "unusable")],
        ),
        # a legal basis (R11), and any other key that there is not
        (
            changed(('id = "counter"', 'id = "counter"\nlegitimate_interest = true\nnam = 1')),
            [(f"{COUNTER}.legitimate_interest", "legal-basis"), (f"{COUNTER}.nam", "unknown-key")],
        ),
        # keys, numbers and lists
        (changed(('csp = "report"', 'secret_keys = ["short", "short too"]')), [("secret_keys[0]", "secret-keys"), ("secret_keys[1]", "secret-keys")]),
        (changed(('csp = "report"', "secret_keys = [7]")), [("secret_keys[0]", "secret-keys")]),
        (changed(('csp = "report"', 'secret_keys = "x"')), [("secret_keys", "secret-keys")]),
        (changed(('csp = "report"', 'lifetime = 7')), [("lifetime", "lifetime")]),
        (changed(('csp = "report"', 'exclude = ["a", "/b", "c"]')), [("exclude[0]", "unusable"), ("exclude[2]", "unusable")]),
        (changed(('csp = "report"', 'signals = ["gpc", "gpp"]')), [("signals[1]", "unusable")]),
        (changed(('csp = "report"', 'google_regions = ["GB"]')), [("google_regions", "unusable")]),
        (changed(('csp = "report"', 'default_language = "xx"')), [("default_language", "unusable")]),
        (changed(('csp = "report"', '[consent_calls]\nnobody = ["analytics"]\nanalytics = ["nothing"]')), [("consent_calls.analytics", "unusable"), ("consent_calls.nobody", "unusable")]),
        (changed(('csp = "report"', 'templates = "/nowhere"')), [("templates", "template")]),
        # ids that stand twice
        (changed(('id = "counter"', 'id = "login"')), [(f"{COUNTER}.id", "unusable")]),
        (changed(('id = "marketing"', 'id = "analytics"')), [("category[2].id", "unusable")]),
        (changed(('id = "marketing"', 'id = "media"')), [("category[2]", "missing"), ("category[2]", "missing")]),
        (CLEAN + '[[category.service]]\nuse = "youtube"\n', [("category[2].service[1].use", "unusable")]),
        # several trackers in one service (R12), one of them ready-made
        (
            changed(('cookies = [{ name = "session", duration = "session"', 'cookies = [{ name = "_fbp", duration = "1 day", purpose = "x" }, { name = "_ga", duration = "session"')),
            [("category[0].service[0].cookies[0]", "necessary-tracker"), ("category[0].service[0].cookies[1]", "necessary-tracker")],
        ),
        (
            changed(('[[category.service]]\n  id = "login"', '[[category.service]]\n  use = "hotjar"\n  justification = "x"\n  [[category.service]]\n  id = "login"')),
            [("category[0].service[0].use", "necessary-tracker")],
        ),
        # a key without which another fault comes up first is not the one
        (
            changed(('[[category.service]]\n  id = "login"', '[[category.service]]\n  third_party = false\n  provider = ""\n  use = "hotjar"\n  justification = "x"\n  [[category.service]]\n  id = "login"')),
            [("category[0].service[0].use", "necessary-tracker")],
        ),
        # a vendor's call, an embed, a cookie's domain
        (changed(('id = "counter"', 'id = "counter"\nconsent_call = "nobody"')), [(f"{COUNTER}.consent_call", "unusable")]),
        (changed(('use = "youtube"', 'use = "youtube"\nembed = { addresses = ["http://x"] }')), [("category[2].service[0].embed.addresses[0]", "unusable")]),
        (changed(('name = "reader"', 'name = "__Host-reader", domain = "counter.example"')), [(f"{COUNTER}.cookies[0].domain", "unusable")]),
        # something else where a table or a list should be
        ('controller = "x"\ncategory = 1', [("category", "unusable")]),
        ('controller = "x"\ncategory = [1, { id = "analytics", service = 2 }]', [("category[0]", "unusable"), ("category[1].service", "unusable")]),
        ('controller = "x"\n[[category]]\nid = "analytics"\nservice = [{ use = 7 }, { use = "matomo", cookies = [1] }]', [("category[0].service[0].use", "unusable"), ("category[0].service[1].cookies[0]", "unusable")]),
    ],
)  # fmt: skip
def test_all_faults_of_a_file_are_found(text: str, expected: list[tuple[str, str]]) -> None:
    """What a file holds beside them is checked as well (R6, R11, R12)."""
    assert found(text) == expected


def test_what_cannot_be_mended_ends_the_search() -> None:
    """Without anything that could be said otherwise, what was found is told."""
    error = ConfigurationError("", "is too dark.")
    assert [one.error for one in faults({}, lambda _: [((), error)])[0]] == [error]
    assert faults({}, lambda _: [((), error)])[1] is None
    assert faults({}, lambda _: [(("a", 0), error)])[1] is None


def test_declarations_too_long_for_one_cookie_are_found() -> None:
    """The list of categories is named, and nothing in it is to blame alone (R29)."""
    service = '[[category.service]]\nuse = "youtube"\nid = "a-rather-long-name-of-a-service-{}"\n'
    text = 'controller = "x"\n[[category]]\nid = "marketing"\n' + "".join(map(service.format, range(200)))
    assert found(text) == [("category", "too-long")]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([*places(WHOLE)]), JUNK), max_size=4))
def test_whatever_a_file_holds_the_search_ends(changes: list[tuple[Place, Any]]) -> None:
    """Anything may stand anywhere: something is found if and only if it cannot be used, and always told."""
    data: Any = WHOLE
    for place, other in changes:
        if place in places(data):
            data = replaced(data, place, other)
    all_, better = faults(data, errors)
    assert bool(all_) == bool(errors(data))
    assert better is None or not errors(better)
    for one in all_:
        assert explained(one.place, one.error).what.strip()


@given(st.data())
def test_mending_keeps_the_place_of_everything_else(data: st.DataObject) -> None:
    """Whatever is mended, every other key and item stays where it is, as it is."""
    whole = tomllib.loads(CLEAN)
    everywhere = [*places(whole)]
    place = data.draw(st.sampled_from(everywhere))
    after = mended(whole, place)
    kept = [other for other in everywhere if other[: len(place)] != place and other[-1] != "use"]
    assert all(_at(after, other) == _at(whole, other) for other in kept if other != place[: len(other)])
    assert _at(after, place) != _at(whole, place) or mended(after, place) == after


def _at(value: Any, place: Place) -> Any:
    for step in place:
        if isinstance(value, dict) and step not in value:
            return None
        value = value[step]
    return value
