"""The declarations that are proposed: valid TOML, and with them nothing is undeclared any more."""

import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from consent import Category, ConsentSettings, services
from consent.audit.comparing import Finding, compare
from consent.audit.declared import Declared
from consent.audit.proposals import duration, propose
from consent.audit.sightings import Facts, Kind, Phase, Thing
from consent.catalogue import Catalogue
from consent.durations import Duration
from tests.audit.seen import SITE, declared, observed, sighting, thing
from tests.sites import SECRET, categories

NOTHING = Catalogue([])
DAY = 86_400


def missing(*things: Thing, facts: Facts | None = None, catalogue: Catalogue = NOTHING) -> list[Finding]:
    seen = [sighting(each, Phase.ACCEPTED, facts=facts) for each in things]
    return [*compare(observed(*seen), Declared(catalogue, SITE)).findings]


def with_proposal(text: str) -> Catalogue:
    """The catalogue of a site that has put the proposal into an empty file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "consent.toml"
        path.write_text(f'controller = "The Example Post"\n{text}', encoding="utf-8")
        return ConsentSettings.from_toml(path, environ={"CONSENT_SECRET_KEYS": SECRET}).catalogue


KINDS = st.sampled_from(["cookie", "local", "session", "indexeddb", "cache"])
HOSTS = st.sampled_from(
    ["", SITE, "paper.example", "ads.example", "eu.ads.example", "10.0.0.1", "stats.example"]
)
NAMES = st.one_of(
    st.sampled_from(["_ga", "_ga_X7", "sid", "a*", "x.y", "_fbp", "s'q\"\\", "a b", "\x7f", "é"]),
    st.text(min_size=1),
)
FACTS = st.builds(
    Facts,
    seconds=st.none() | st.integers(1, 10**10),
    path=st.sampled_from(["/", "/shop", "/ü"]),
    domain=st.sampled_from(["", "paper.example"]),
    http_only=st.booleans(),
    partitioned=st.booleans(),
)


@examples(max_examples=40)
@given(
    stored=st.lists(st.tuples(KINDS, NAMES, HOSTS, FACTS), max_size=8),
    hosts=st.sets(
        st.sampled_from(["www.google-analytics.com", "ads.example", "x", "a_b.example", "::1", "i.ytimg.com"])
    ),
)
def test_with_what_is_proposed_nothing_is_undeclared(
    stored: list[tuple[Kind, str, str, Facts]], hosts: set[str]
) -> None:
    """Whatever a site's scripts call things, the file can be read, and holds all that can be declared."""
    seen = [
        sighting(thing(kind, name, host), Phase.ACCEPTED, facts=facts) for kind, name, host, facts in stored
    ]
    seen += [sighting(thing("host", host), Phase.ACCEPTED) for host in hosts]
    before = compare(observed(*seen), Declared(NOTHING, SITE)).findings
    text = propose(before, NOTHING)
    after = compare(observed(*seen), Declared(with_proposal(text), SITE)).findings
    left = [one for one in after if one.fault == "undeclared"]
    assert all(f"# Cannot be declared by this name: {one.what} " in text for one in left)
    assert not [
        one
        for one in left
        if one.name in ("_ga", "sid", "_fbp", "x.y", "ads.example") and one.facts.path != "/ü"
    ]


def test_known_services_are_used_by_name() -> None:
    """Cookies and hosts of one vendor become one line, with what was seen, in the category where it belongs."""
    found = missing(
        thing("cookie", "_ga"), thing("cookie", "_ga_7F3A"), thing("host", "www.google-analytics.com"),
        thing("host", "www.googletagmanager.com"),
    )  # fmt: skip
    assert propose(found, NOTHING) == (
        '[[category]]\nid = "analytics"\n\n'
        "  # Seen: _ga, _ga_7F3A, www.google-analytics.com, www.googletagmanager.com\n"
        '  [[category.service]]\n  use = "google-analytics"\n'
    )


def test_a_name_that_anybody_might_give_says_nothing_alone() -> None:
    """`sid` alone is no vendor's; beside that vendor's host it is."""
    alone = propose(missing(thing("cookie", "PREF", "youtube.com")), NOTHING)
    assert 'use = "youtube"' not in alone
    assert "# It may be: youtube" in alone
    both = propose(missing(thing("cookie", "PREF", "youtube.com"), thing("host", "i.ytimg.com")), NOTHING)
    assert 'use = "youtube"' in both
    assert "# Seen: PREF, i.ytimg.com" in both


def test_what_could_be_several_is_left_to_people() -> None:
    """A host that two services share is no proof of either; both are named."""
    text = propose(missing(thing("host", "www.google.com")), NOTHING)
    assert "use =" not in text
    assert "# It may be: google-maps, recaptcha." in text


def test_an_unknown_party_becomes_a_skeleton() -> None:
    """What was seen of it in one service, in the strictest category, with dots where a person has to write."""
    facts = Facts(seconds=365 * DAY - 3, http_only=True, partitioned=True)
    found = [
        *missing(thing("cookie", "uid", "ads.example"), facts=facts),
        *missing(
            thing("host", "cdn.ads.example"),
            thing("host", "ads.example"),
            thing("local", "k", "cdn.ads.example"),
        ),
    ]
    [service] = tomllib.loads(propose(found, NOTHING))["category"][0]["service"]
    assert service == {
        "id": "ads-example",
        "name": "ads.example",
        "purpose": "...",
        "provider": "...",
        "hosts": ["ads.example", "cdn.ads.example"],
        "cookies": [
            {"name": "uid", "duration": "1 year", "purpose": "...", "domain": "ads.example", "http_only": True, "partitioned": True}
        ],
        "storage": [{"name": "k", "kind": "local", "duration": "persistent", "purpose": "..."}],
    }  # fmt: skip


def test_what_the_site_does_itself_has_no_provider() -> None:
    """Its own cookies, with the domain and path that they are set with, as deletions need them (R18)."""
    facts = Facts(seconds=3600, domain="paper.example", path="/shop")
    found = [
        *missing(thing("cookie", "basket", "paper.example"), facts=facts),
        *missing(thing("session", "tab")),
    ]
    [service] = tomllib.loads(propose(found, NOTHING))["category"][0]["service"]
    assert service["third_party"] is False
    assert service["cookies"] == [
        {"name": "basket", "duration": "1 hour", "purpose": "...", "domain": "paper.example", "path": "/shop"}
    ]
    assert service["storage"][0]["duration"] == "session"


def test_a_category_that_is_there_is_not_declared_again() -> None:
    """Neither is a service whose id is taken: it is completed, or another name is found."""
    catalogue = declared().catalogue
    text = propose(
        missing(thing("host", "ads.example.org"), thing("cookie", "_gid"), catalogue=catalogue), catalogue
    )
    assert "[[category]]" not in text
    assert '# In the category "marketing":' in text
    taken = Catalogue([*categories()[:3]])
    named = propose(missing(thing("host", "counter"), catalogue=taken), taken)
    assert 'id = "counter-2"' in named


def test_a_ready_made_service_that_is_there_is_completed_by_hand() -> None:
    """Its id is taken, so `use` would be refused: what is missing becomes a service of its own."""
    catalogue = Catalogue(
        [Category(id="analytics", services=[services.google_analytics(hosts=["x.example"])])]
    )
    text = propose(missing(thing("host", "www.google-analytics.com"), catalogue=catalogue), catalogue)
    assert "use =" not in text
    assert 'hosts = ["www.google-analytics.com"]' in text
    assert "# It may be: google-analytics." in text


def test_machinery_is_proposed_as_necessary() -> None:
    """A known one of the site's own goes where it belongs, whether other necessary ones are declared or not."""
    text = propose(missing(thing("cookie", "AWSALB")), NOTHING)
    assert text.startswith('[[category]]\nid = "necessary"\n')
    assert with_proposal(text).requires("AWSALB") == {"aws-alb"}
    there = declared().catalogue
    assert propose(missing(thing("cookie", "AWSALB"), catalogue=there), there).startswith(
        '# In the category "necessary":'
    )


def test_nothing_is_proposed_where_nothing_is_missing() -> None:
    """Other faults are mended elsewhere."""
    early = compare(observed(sighting(thing("cookie", "_ga"), Phase.BEFORE)), declared()).findings
    assert early
    assert propose(early, declared().catalogue) == ""


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "session"), (1, "1 minute"), (60, "1 minute"), (1_799, "30 minutes"), (3_600, "1 hour"),
        (DAY - 4, "1 day"), (7 * DAY - 5, "1 week"), (30 * DAY - 1, "30 days"), (90 * DAY, "90 days"),
        (183 * DAY, "6 months"), (365 * DAY - 9, "1 year"), (396 * DAY, "13 months"), (400 * DAY, "400 days"),
        (730 * DAY, "2 years"), (100 * DAY + 30_000, "101 days"), (40_000, "667 minutes"),
    ],
)  # fmt: skip
def test_lifetimes_are_said_as_people_say_them(seconds: int | None, said: str) -> None:
    """The few seconds since it was set are overlooked."""
    assert duration(seconds) == said


@given(st.integers(1, 10**9))
def test_every_lifetime_can_be_declared(seconds: int) -> None:
    """What is proposed is a duration that settings accept, and not far from what was seen."""
    found = Duration.parse(duration(seconds)).seconds
    assert found is not None
    assert abs(found - seconds) <= max(DAY, seconds * 0.02)


def test_nothing_is_proposed_for_what_has_no_name() -> None:
    """Nobody can declare it, and there is nothing to say of it but that (R48)."""
    assert propose(missing(thing("cookie", ""), thing("cookie", "", "ads.example")), NOTHING) == ""
