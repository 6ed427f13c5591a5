"""The catalogue: which cookie and which host needs which consent, and when an answer still counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import Category, ConfigurationError, Storage, Verdict
from consent.catalogue import Catalogue
from consent.state import Answer
from tests.sites import NOW, categories, cookie, service

CATALOGUE = Catalogue(categories())
PIXEL = Storage(name="p.gif", kind="pixel", purpose="Tells of the visit.", duration="13 months")


def answer(**verdicts: Verdict) -> Answer:
    prints = CATALOGUE.fingerprints
    return Answer(
        time=int(NOW), verdicts={name: (prints[name], verdict) for name, verdict in verdicts.items()}
    )


@pytest.mark.parametrize(
    ("name", "services"),
    [
        ("session", {"login"}),
        ("_ga", {"counter"}),
        ("_ga_X1", {"counter"}),
        ("_gat", None),
        ("_GA", None),
        ("ga", None),
        ("", None),
    ],
)
def test_a_cookie_is_known_by_its_exact_name_or_its_prefix(name: str, services: set[str] | None) -> None:
    """Names match whole and by case, never as a part of another name."""
    assert CATALOGUE.requires(name) == services


def test_the_longest_declaration_wins() -> None:
    """An exact name beats a prefix, a longer prefix a shorter one."""
    catalogue = Catalogue(
        [
            Category(
                id="analytics", services=(service("a", "x_*"), service("b", "x_y_*"), service("c", "x_y_z"))
            )
        ]
    )
    assert [catalogue.requires(name) for name in ("x_1", "x_y_1", "x_y_z", "x_")] == [
        {"a"},
        {"b"},
        {"c"},
        {"a"},
    ]


def test_a_cookie_of_two_categories_needs_both() -> None:
    """A cookie that serves two purposes waits for consent to both (R13)."""
    catalogue = Catalogue(
        [
            Category(id="analytics", services=(service("a", "id"),)),
            Category(id="marketing", services=(service("b", "id"),)),
        ]
    )
    assert catalogue.requires("id") == {"a", "b"}


@pytest.mark.parametrize(
    ("host", "services"),
    [
        ("stats.example", {"counter"}),
        ("eu.stats.example", {"counter"}),
        ("mystats.example", None),
        ("example", None),
        ("", None),
    ],
)
def test_a_host_counts_with_its_subdomains(host: str, services: set[str] | None) -> None:
    """A declared host covers its subdomains and nothing that merely ends like it."""
    assert CATALOGUE.requires_host(host) == services


def test_two_services_on_one_host_are_both_needed() -> None:
    """A host that serves two purposes waits for both (R13)."""
    catalogue = Catalogue(
        [
            Category(
                id="analytics",
                services=(service("a", hosts=["x.example"]), service("b", hosts=["x.example"])),
            )
        ]
    )
    assert catalogue.requires_host("x.example") == {"a", "b"}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            [Category(id="analytics"), Category(id="analytics")],
            "Category 'analytics': the id is already taken by a category",
        ),
        (
            [Category(id="analytics", services=(service("a"), service("a")))],
            "Service 'a': the id is already taken by a service",
        ),
        (
            [Category(id="analytics", services=(service("marketing"),)), Category(id="marketing")],
            "Category 'marketing': the id is already taken by a service",
        ),
    ],
)
def test_ids_are_unique(given: list[Category], sentence: str) -> None:
    """Categories and services share one namespace, so that `allows` means one thing."""
    with pytest.raises(ConfigurationError, match=sentence):
        Catalogue(given)


def test_necessary_is_always_there_and_first() -> None:
    """A site that declares nothing necessary still has the category, before all others."""
    catalogue = Catalogue([Category(id="marketing")])
    assert [category.id for category in catalogue.categories] == ["necessary", "marketing"]
    assert catalogue.standing(None).allows("necessary")


def test_partners_are_counted_once_each_and_only_third_parties() -> None:
    """The first layer tells how many partners there are, whatever number of services they have (R7)."""
    mine = service("mine", third_party=False)
    twice = [service("a", provider="Same Ltd"), service("b", provider="Same Ltd"), service("c"), mine]
    assert Catalogue([Category(id="marketing", services=tuple(twice))]).partners == 2


def test_without_an_answer_only_the_necessary_is_granted() -> None:
    """Silence is no consent (R1)."""
    consent = CATALOGUE.standing(None)
    assert consent.granted == {"necessary", "login"}
    assert consent.denied == set()
    assert consent.verdict("analytics") is Verdict.UNDECIDED


def test_an_answer_counts_for_a_category_and_its_services() -> None:
    """A granted category covers its services, a denied one denies them."""
    consent = CATALOGUE.standing(answer(analytics=Verdict.GRANTED, marketing=Verdict.DENIED))
    assert consent.verdict("heatmap") is Verdict.GRANTED
    assert consent.verdict("ads") is Verdict.DENIED
    assert consent.undecided == {"preferences", "edition"}


def test_a_service_can_be_granted_singly() -> None:
    """One service may be allowed in a category that is not."""
    consent = CATALOGUE.standing(answer(analytics=Verdict.DENIED)._replace(services=frozenset({"heatmap"})))
    assert consent.allows("heatmap")
    assert not consent.allows("analytics")
    assert consent.verdict("counter") is Verdict.DENIED


def test_a_singly_granted_service_leaves_its_category_undecided() -> None:
    """Allowing one embed says nothing of its neighbours."""
    consent = CATALOGUE.standing(answer(marketing=Verdict.UNDECIDED)._replace(services=frozenset({"ads"})))
    assert consent.allows("ads")
    assert consent.verdict("marketing") is Verdict.UNDECIDED


def test_an_unknown_category_in_an_answer_is_ignored() -> None:
    """What was once asked and is no more changes nothing (R30)."""
    given = answer(analytics=Verdict.GRANTED)
    old = given._replace(verdicts={**given.verdicts, "gone": ("0123456789", Verdict.GRANTED)})
    assert CATALOGUE.standing(old).granted == CATALOGUE.standing(given).granted


def test_necessary_never_comes_from_an_answer() -> None:
    """No cookie can take the necessary away (R30)."""
    old = Answer(time=0, verdicts={"necessary": ("0123456789", Verdict.DENIED)})
    assert CATALOGUE.standing(old).allows("necessary")


@pytest.mark.parametrize(
    "changed",
    [
        service("counter", "_ga", hosts=["other.example"]),
        service("counter", "_ga", provider="Somebody else", hosts=["stats.example"]),
        service("counter", cookie("_ga", duration="5 years"), hosts=["stats.example"]),
        service("counter", "_ga", hosts=["stats.example"], country="Mars"),
        service("counter", "_ga", hosts=["stats.example"], revision=2),
        service("counter", "_ga", hosts=["stats.example"], storage=[PIXEL]),
        service("other", "_ga", hosts=["stats.example"], provider="Counter Ltd"),
    ],
)
def test_a_material_change_asks_again_and_only_for_that_category(changed: object) -> None:
    """A new host, recipient, duration, country or service makes the old answer void there (R16)."""
    before = Catalogue(
        [
            Category(id="analytics", services=(service("counter", "_ga", hosts=["stats.example"]),)),
            Category(id="marketing"),
        ]
    )
    after = Catalogue([Category(id="analytics", services=(changed,)), Category(id="marketing")])  # type: ignore[arg-type]
    verdicts = {name: (mark, Verdict.GRANTED) for name, mark in before.fingerprints.items()}
    consent = after.standing(Answer(time=0, verdicts=verdicts))
    assert consent.verdict("analytics") is Verdict.UNDECIDED
    assert consent.allows("marketing")


def test_mended_wording_asks_nobody_again() -> None:
    """Names, purposes and the order of declarations may change freely (R16)."""
    one = Category(id="analytics", services=(service("a", "x"), service("b")))
    two = Category(
        id="analytics",
        name="Numbers",
        services=(
            service("b", purpose="Better words."),
            service("a", cookie("x", purpose="Better words."), name="A!"),
        ),
    )
    assert Catalogue([one]).fingerprints == Catalogue([two]).fingerprints
    assert Catalogue([one]).fingerprint == Catalogue([two]).fingerprint


def test_an_unknown_name_is_not_granted_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """A mistyped template shows nothing, and the log says why, once."""
    consent = CATALOGUE.standing(None)
    assert not consent.allows("analitics")
    assert not consent.allows("analitics")
    assert [record.getMessage() for record in caplog.records] == [
        "Consent was asked for 'analitics', which the settings declare nowhere; it is not granted."
    ]


def test_expanded_adds_the_services_of_categories() -> None:
    """Ids stand for all that they cover."""
    assert CATALOGUE.expanded(frozenset({"analytics", "edition"})) == {
        "analytics",
        "counter",
        "heatmap",
        "edition",
    }


@given(st.text(max_size=12))
def test_every_name_is_looked_up_without_error(name: str) -> None:
    """No name of a cookie or a host breaks the catalogue."""
    CATALOGUE.requires(name)
    CATALOGUE.requires_host(name)
