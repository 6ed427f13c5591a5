"""What a change of declarations means: exactly what changes a fingerprint asks again."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import Category, Embed, Service, Storage
from consent.catalogue import Catalogue, material
from consent.differences import Difference, differences
from tests.sites import categories, cookie, service

HOSTS = ["a.example", "b.example"]
DURATIONS = ["session", "13 months"]
KINDS: Any = ["local", "pixel"]
WORDS = ["Old words.", "New words."]


def storages() -> st.SearchStrategy[Storage]:
    return st.builds(
        Storage,
        name=st.sampled_from(["x", "y"]),
        kind=st.sampled_from(KINDS),
        purpose=st.sampled_from(WORDS),
        duration=st.sampled_from(DURATIONS),
    )


FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(WORDS),
    "purpose": st.sampled_from(WORDS),
    "provider": st.sampled_from(["One Ltd", "Two Ltd"]),
    "third_party": st.booleans(),
    "policy_url": st.sampled_from([None, "/policy"]),
    "country": st.sampled_from([None, "Norway"]),
    "revision": st.sampled_from([1, 2]),
    "consent_call": st.sampled_from([None, "google"]),
    "hosts": st.lists(st.sampled_from(HOSTS), max_size=2),
    "shared_hosts": st.lists(st.sampled_from(HOSTS), max_size=2),
    "cookies": st.lists(
        st.builds(
            cookie,
            st.sampled_from(["a", "b"]),
            duration=st.sampled_from(DURATIONS),
            purpose=st.sampled_from(WORDS),
            domain=st.sampled_from([None, "a.example"]),
        ),
        max_size=2,
    ),
    "storage": st.lists(storages(), max_size=2),
}
PLACES = ["necessary", "analytics", "marketing", "nowhere"]


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """Two services in any of three categories, of which any may be missing."""
    placed = [
        (
            draw(st.sampled_from(PLACES)),
            draw(st.builds(Service, id=st.just(name), justification=st.just("Why."), **FIELDS)),
        )
        for name in ("one", "two")
    ]
    there = draw(st.sets(st.sampled_from(PLACES[:3])))
    return Catalogue(
        Category(id=name, services=[service for place, service in placed if place == name])
        for name in PLACES[:3]
        if name in there
    )


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Catalogue, Catalogue]:
    """Two catalogues that are alike in all but some fields of one service, or that have nothing to do with each other."""
    old = draw(catalogues())
    if draw(st.booleans()):
        return old, draw(catalogues())
    name = draw(st.sampled_from(["one", "two"]))
    changed = draw(st.sets(st.sampled_from([*FIELDS]), max_size=2))
    values = {field: draw(FIELDS[field]) for field in sorted(changed)}
    return old, Catalogue(
        replace(part, services=[replace(s, **values) if s.id == name else s for s in part.services])
        for part in old.categories
    )


@given(pairs())
def test_exactly_what_changes_a_fingerprint_is_material(pair: tuple[Catalogue, Catalogue]) -> None:
    """A category is told to ask again exactly if the answers of before do not count any more (R16)."""
    old, new = pair
    told = {one.category for one in differences(old, new) if one.material}
    assert told == {
        name for name, fingerprint in new.fingerprints.items() if old.fingerprints.get(name) != fingerprint
    }


@given(pairs())
def test_differences_are_symmetric_but_for_what_is_asked(pair: tuple[Catalogue, Catalogue]) -> None:
    """Seen from the other side, the same things differ, with before and after exchanged."""
    old, new = pair
    there = {(one.category, one.service, one.what, one.old, one.new) for one in differences(old, new)}
    back = {(one.category, one.service, one.what, one.new, one.old) for one in differences(new, old)}
    assert there == back
    assert all(one.why.endswith(".") for one in differences(old, new))


@given(catalogues())
def test_nothing_differs_from_itself(catalogue: Catalogue) -> None:
    """The same declarations, in whatever order, have no differences."""
    turned = [replace(part, services=part.services[::-1]) for part in catalogue.categories[::-1]]
    assert differences(catalogue, catalogue) == differences(catalogue, Catalogue(turned)) == []


@given(pairs())
def test_whatever_is_changed_is_told(pair: tuple[Catalogue, Catalogue]) -> None:
    """No field of a service changes without a line that says so, order and repetition apart."""
    old, new = pair
    assert (differences(old, new) == []) == (state(old) == state(new))


def state(catalogue: Catalogue) -> Any:
    return {
        part.id: {
            one.id: (
                *(
                    getattr(one, name)
                    for name in FIELDS
                    if name not in ("hosts", "shared_hosts", "cookies", "storage")
                ),
                {*one.hosts},
                {*one.shared_hosts} - {*one.hosts},
                {(item.name, item.domain): item for item in one.cookies},
                {(item.name, item.kind): item for item in one.storage},
                material(one)["durations"],
            )
            for one in part.services
        }
        for part in catalogue.categories
    }


def test_no_field_is_forgotten() -> None:
    """A field that `Service` gains is compared, or these tests fail until it is."""
    alone = {"id", "justification", "override", "embed"}  # told one by one below
    assert {field.name for field in fields(Service)} == FIELDS.keys() | alone


# --- each kind of difference ----------------------------------------------------------------------

PIXEL = Storage(name="p.gif", kind="pixel", purpose="Tells of the visit.", duration="13 months")
COUNTER = service("counter", "_ga", hosts=["stats.example"], shared_hosts=["tags.example"])


def told(old: Sequence[Category], new: Sequence[Category]) -> list[Difference]:
    return differences(Catalogue(old), Catalogue(new))


def of_counter(**values: Any) -> list[tuple[Any, ...]]:
    """What, before, after and whether it asks again, where the counter alone has changed."""
    old = [Category(id="analytics", services=[COUNTER]), Category(id="marketing")]
    new = [Category(id="analytics", services=[replace(COUNTER, **values)]), Category(id="marketing")]
    found = told(old, new)
    assert {(one.category, one.service) for one in found} == {("analytics", "counter")}
    return [(one.what, one.old, one.new, one.material) for one in found]


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ({"provider": "X"}, [("provider", "Counter Ltd", "X", True)]),
        ({"country": "Norway"}, [("country", None, "Norway", True)]),
        ({"third_party": False}, [("third_party", "yes", "no", True)]),
        ({"revision": 2}, [("revision", "1", "2", True)]),
        ({"hosts": []}, [("hosts", "stats.example, tags.example", "tags.example", True)]),
        ({"shared_hosts": ["stats.example"]}, [("hosts", "stats.example, tags.example", "stats.example", True)]),
        ({"hosts": ["tags.example", "stats.example"]}, [("shared_hosts", "tags.example", None, False)]),
        ({"storage": [PIXEL]}, [("storage", None, "pixel", True), ("pixel p.gif", None, "13 months", False)]),
        (
            {"cookies": [cookie("_ga", duration="5 years")]},
            [("durations", "13 months", "5 years", True), ("cookie _ga, duration", "13 months", "5 years", False)],
        ),
        ({"cookies": []}, [("durations", "13 months", None, True), ("cookie _ga", "13 months", None, False)]),
        (
            {"cookies": [cookie("_ga"), cookie("_gb", domain="a.example", path="/b")]},
            [("cookie _gb of a.example below /b", None, "13 months", False)],
        ),
        ({"cookies": [cookie("_ga", http_only=True)]}, [("cookie _ga, http_only", "no", "yes", False)]),
        ({"cookies": [cookie("_ga", partitioned=True)]}, [("cookie _ga, partitioned", "no", "yes", False)]),
        ({"cookies": [cookie("_ga", purpose="X")]}, [("cookie _ga, purpose", "Serves as an example.", "X", False)]),
        ({"name": {"en": "A", "de": "B"}}, [("name", "Counter", "en: A; de: B", False)]),
        ({"purpose": "X"}, [("purpose", "Does what counter does.", "X", False)]),
        ({"justification": "X"}, [("justification", None, "X", False)]),
        ({"override": "X"}, [("override", None, "X", False)]),
        ({"policy_url": "/x"}, [("policy_url", None, "/x", False)]),
        ({"consent_call": "google"}, [("consent_call", None, "google", False)]),
        (
            {"embed": Embed(addresses=["https://a.example/"])},
            [("embed", None, "Embed(addresses=('https://a.example/',), swap={}, parameters={})", False)],
        ),
    ],
)  # fmt: skip
def test_each_change_of_a_service_is_told(values: dict[str, Any], lines: list[tuple[Any, ...]]) -> None:
    """What matters to the decision asks again; wording, links and single items of a known kind do not (R16)."""
    assert of_counter(**values) == lines


def test_a_new_recipient_says_so() -> None:
    """The reason is a sentence of its own (R16)."""
    [found] = told(
        [Category(id="analytics", services=[COUNTER])],
        [Category(id="analytics", services=[replace(COUNTER, provider="X")])],
    )
    assert found.why == "A new recipient: visitors have not agreed to it."


def test_services_that_come_and_go_ask_again() -> None:
    """A service that moves is gone in one category and new in the other: both ask (R16)."""
    old = [Category(id="analytics", services=[COUNTER]), Category(id="marketing")]
    new = [Category(id="analytics"), Category(id="marketing", services=[COUNTER])]
    assert [(one.category, one.old, one.new, one.material, one.why) for one in told(old, new)] == [
        ("analytics", "Counter", None, True, "A service is gone: visitors agreed to something else."),
        ("marketing", None, "Counter", True, "A new service: visitors have not agreed to it."),
    ]


def test_a_new_category_asks_and_one_that_is_gone_does_not() -> None:
    """What nobody is asked about any more asks nobody again (R16)."""
    old = [Category(id="analytics", services=[COUNTER])]
    found = told(old, [Category(id="marketing")])
    assert [(one.category, one.what, one.old, one.new, one.material) for one in found] == [
        ("marketing", "category", None, "no services", True),
        ("analytics", "category", "counter", None, False),
    ]


def test_a_category_may_be_worded_anew() -> None:
    """Its name, its purpose and whether signals concern it leave answers as they are (R16)."""
    old = [Category(id="analytics")]
    new = [Category(id="analytics", name="Numbers", purpose="Counts.", objectable=True)]
    assert [(one.service, one.what, one.old, one.new, one.material) for one in told(old, new)] == [
        (None, "name", None, "Numbers", False),
        (None, "purpose", None, "Counts.", False),
        (None, "objectable", "no", "yes", False),
    ]


def test_what_is_necessary_never_asks() -> None:
    """Nobody is asked about it, whatever becomes of it."""
    before = categories()
    after = [Category(id="necessary"), *before[1:]]
    [found] = told(before, after)
    assert (found.category, found.service, found.material) == ("necessary", "login", False)
    assert found.why == "Nobody is asked about what is necessary; the policy tells of it."
