"""What was seen against what is declared: every kind of fault, and what is none."""

from collections.abc import Sequence

import pytest

from consent import Category, Storage
from consent.audit.asking import judged, silent
from consent.audit.comparing import Finding, compare
from consent.audit.sightings import Facts, Phase, Sighting, Thing
from tests.audit.seen import declared, observed, sighting, thing
from tests.sites import categories, cookie, service

BEFORE, REJECTED, ACCEPTED, WITHDRAWN, GPC = Phase
WITHOUT = (BEFORE, REJECTED, WITHDRAWN)

SHARED = Category(
    id="marketing",
    services=[
        service("tags", shared_hosts=["tags.example"]),
        service(
            "adverts",
            cookie("uid", domain="ads.example"),
            hosts=["ads.example"],
            shared_hosts=["tags.example"],
            storage=[Storage(name="pixel.gif", kind="pixel", purpose="Tells of a visit.")],
        ),
    ],
)


def found(*seen: Sequence[Sighting], given: Sequence[Category] | None = None) -> list[Finding]:
    return list(compare(observed(*seen), declared(given)).findings)


@pytest.mark.parametrize(
    ("seen", "fault"),
    [
        (sighting(thing("cookie", "session"), *Phase), None),
        (sighting(thing("cookie", "_ga"), ACCEPTED, GPC), None),
        (sighting(thing("cookie", "IDE"), ACCEPTED), None),
        (sighting(thing("host", "stats.example"), ACCEPTED), None),
        (sighting(thing("host", "eu.stats.example"), ACCEPTED), None),
        (sighting(thing("local", "_seen"), ACCEPTED), None),
        (sighting(thing("cookie", "_ga"), BEFORE), "early"),
        (sighting(thing("cookie", "_ga_7"), REJECTED), "early"),
        (sighting(thing("cookie", "IDE"), GPC), "early"),
        (sighting(thing("host", "eu.stats.example"), BEFORE), "early"),
        (sighting(thing("local", "_seen"), REJECTED), "early"),
        (sighting(thing("cookie", "_ga"), BEFORE, WITHDRAWN), "early"),
        (sighting(thing("cookie", "_ga"), ACCEPTED, WITHDRAWN), "surviving"),
        (sighting(thing("host", "ads.example"), WITHDRAWN), "surviving"),
        (sighting(thing("local", "_seen"), WITHDRAWN), "surviving"),
        (sighting(thing("cookie", "_gid"), ACCEPTED), "undeclared"),
        (sighting(thing("session", "_seen"), ACCEPTED), "undeclared"),
        (sighting(thing("host", "example"), BEFORE), "undeclared"),
        (sighting(thing("cookie", "consent"), REJECTED, ACCEPTED), None),
        (sighting(thing("cookie", "__Host-consent"), BEFORE), "early"),
        (sighting(thing("cookie", "consent-known"), BEFORE), "early"),
        (sighting(thing("local", "consent"), ACCEPTED), "undeclared"),
        (sighting(thing("cookie", "consent", "other.example"), ACCEPTED), "undeclared"),
    ],
)
def test_each_sighting_is_judged(seen: list[Sighting], fault: str | None) -> None:
    """By what is declared, and by what a visitor has agreed to in that phase (R1, R2, R18, R43)."""
    assert [one.fault for one in found(seen)] == ([fault] if fault else [])


def test_a_fault_is_told_once_with_its_places() -> None:
    """One finding for each thing, with the phases in their order and each page once (R48)."""
    seen = thing("cookie", "_ga")
    facts = Facts(seconds=60)
    [one] = found(
        sighting(seen, REJECTED, page="/news"),
        sighting(seen, BEFORE, page="/", facts=facts),
        sighting(seen, BEFORE, page="/news"),
        sighting(seen, ACCEPTED, page="/only-here"),
    )
    assert dict(one.seen) == {BEFORE: ("/", "/news"), REJECTED: ("/news",)}
    assert (one.pages, one.services, one.facts, one.host) == (("/", "/news"), ("counter",), facts, "")


def test_a_cookie_of_two_services_needs_both() -> None:
    """Marketing is denied by a signal, so what analytics and marketing share is early (R13, R43)."""
    both = [
        Category(id="analytics", services=[service("counter", "shared")]),
        Category(id="marketing", services=[service("adverts", "shared")]),
    ]
    [one] = found(sighting(thing("cookie", "shared"), ACCEPTED, GPC), given=both)
    assert (one.fault, one.services, [*one.seen]) == ("early", ("adverts", "counter"), [GPC])


def test_of_a_shared_host_one_service_is_enough() -> None:
    """Whoever shares it is named."""
    assert found(sighting(thing("host", "tags.example"), ACCEPTED), given=[SHARED]) == []
    [one] = found(sighting(thing("host", "tags.example"), BEFORE), given=[SHARED])
    assert one.services == ("adverts", "tags")


def test_what_others_have_stored_is_not_the_sites_to_delete() -> None:
    """After a withdrawal it may stay at their host, as long as that is not contacted."""
    theirs = thing("cookie", "uid", "ads.example")
    key = thing("local", "k", "ads.example")
    assert found(sighting(theirs, ACCEPTED, WITHDRAWN), given=[SHARED]) == []
    assert found(sighting(theirs, WITHDRAWN), given=[SHARED]) == []
    [one] = found(sighting(key, ACCEPTED, WITHDRAWN), given=[SHARED])
    assert (one.fault, one.host, [*one.seen]) == ("undeclared", "ads.example", [ACCEPTED])


def test_the_cookie_of_a_parent_domain_is_the_sites_own() -> None:
    """It is deleted with a withdrawal like any other (R18)."""
    [one] = found(sighting(thing("cookie", "_ga", "paper.example"), WITHDRAWN))
    assert (one.fault, one.host) == ("surviving", "")


def test_a_name_of_another_site_is_no_claim_here() -> None:
    """A cookie that is declared with a domain is somebody else's."""
    assert [one.fault for one in found(sighting(thing("cookie", "uid"), ACCEPTED), given=[SHARED])] == [
        "undeclared"
    ]


def test_pixels_count_where_they_are_declared() -> None:
    """Any other picture is known by its host."""
    pixel, picture = (Thing(kind="pixel", name=name, host="ads.example") for name in ("pixel.gif", "cat.jpg"))
    assert found(sighting(picture, BEFORE), given=[SHARED]) == []
    assert [one.fault for one in found(sighting(pixel, BEFORE), given=[SHARED])] == ["early"]
    told = compare(observed(sighting(pixel, ACCEPTED)), declared([SHARED]))
    assert "pixel.gif" not in [item.name for item in told.unseen]


def test_what_was_never_seen_is_listed() -> None:
    """Each declared item that nothing seen was, whatever the phase: a hint and no fault (R48)."""
    told = compare(
        observed(
            sighting(thing("cookie", "_ga_1"), ACCEPTED), sighting(thing("host", "a.stats.example"), ACCEPTED)
        ),
        declared(),
    )
    assert told.findings == ()
    assert [(item.kind, item.name, item.service) for item in told.unseen] == [
        ("cookie", "session", "login"), ("cookie", "csrf", "login"), ("cookie", "edition", "edition"),
        ("cookie", "_ga", "counter"), ("local", "_seen", "counter"), ("cookie", "_hm", "heatmap"),
        ("cookie", "IDE", "ads"), ("host", "ads.example", "ads"),
    ]  # fmt: skip


def test_the_longest_declared_name_is_meant() -> None:
    """Exact names win over prefixes, and long prefixes over short ones, as with cookies."""

    def stored(name: str, id_: str) -> Category:
        kept = Storage(name=name, kind="local", purpose="Remembers.")
        return Category(id=id_, name="N", purpose="P", services=[service(f"{id_}-s", storage=[kept])])

    given = [stored("a*", "one"), stored("ab*", "two"), stored("abc", "three")]
    names = {
        name: found(sighting(thing("local", name), BEFORE), given=given)[0].services
        for name in ("ax", "abx", "abc")
    }
    assert names == {"ax": ("one-s",), "abx": ("two-s",), "abc": ("three-s",)}


def test_a_tracker_among_the_necessary_is_a_fault() -> None:
    """Seen or not, and whatever visitors are told about it (R12)."""
    tracked = service("statistics", "_ga", justification="We want it.", override="We really do.")
    [one] = found(given=[Category(id="necessary", services=[tracked])])
    assert (one.fault, one.name, one.services, dict(one.seen)) == ("mislabelled", "_ga", ("statistics",), {})
    assert one.because == "known as one of Google Analytics"
    [one] = found(
        sighting(thing("cookie", "_ga"), BEFORE), given=[Category(id="necessary", services=[tracked])]
    )
    assert (one.fault, dict(one.seen)) == ("mislabelled", {BEFORE: ("/",)})


def test_the_worst_comes_first() -> None:
    """Early, surviving, undeclared, mislabelled, then the asking."""
    tracked = Category(id="necessary", services=[service("s", "_fbp", justification="J", override="O")])
    told = compare(
        observed(
            sighting(thing("cookie", "new"), BEFORE),
            sighting(thing("cookie", "_hm"), WITHDRAWN),
            sighting(thing("cookie", "edition"), BEFORE),
            asking=[silent("/")],
        ),
        declared([tracked, *categories()[1:]]),
    )
    assert [one.fault for one in told.findings] == [
        "early",
        "surviving",
        "undeclared",
        "mislabelled",
        "asking",
    ]


LAYER = {"accept": True, "reject": True, "alike": True, "ticked": []}


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({}, []),
        ({"reject": False}, ["no button to reject"]),
        ({"accept": False}, ["no button to accept"]),
        ({"alike": False}, ["rejecting does not look like accepting"]),
        (
            {"ticked": ["analytics", "ads"]},
            ["analytics is ticked before a choice", "ads is ticked before a choice"],
        ),
    ],
)
def test_the_asking_is_judged_on_every_layer(changed: dict[str, object], faults: list[str]) -> None:
    """Rejecting is there and looks like accepting, and nothing is ticked (R4, R5)."""
    asked = [*judged({"first layer": {**LAYER, **changed}, "policy page": LAYER}, "/")]
    assert [(one.where, one.fault, one.page) for one in asked] == [
        ("first layer", fault, "/") for fault in faults
    ]
    told = compare(observed(asking=asked), declared())
    assert sorted((one.fault, one.name, one.pages) for one in told.findings) == sorted(
        ("asking", fault, ("/",)) for fault in faults
    )
