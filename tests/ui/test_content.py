"""What visitors are told, and the evidence of it."""

import json

import pytest

from consent import Category
from consent.state import Answer, Consent, Verdict
from consent.ui.content import Content, Notice, describe, notice_of, standing_of, summary
from consent.ui.texts import Languages
from tests.sites import categories, service, settings

LANGUAGES = Languages({}, default="en")
SITE = settings()


def content(language: str = "en", **values: object) -> Content:
    site = settings(**values)
    return describe(site, site.catalogue, LANGUAGES.get(language))


def notice(language: str = "en", **values: object) -> Notice:
    return notice_of(content(language, **values), settings(**values).catalogue, {})


def standing(*granted: str, services: tuple[str, ...] = (), denied: bool = True) -> Consent:
    verdicts = {
        category.id: (
            SITE.catalogue.fingerprints[category.id],
            Verdict.GRANTED if category.id in granted else Verdict.DENIED if denied else Verdict.UNDECIDED,
        )
        for category in SITE.catalogue.asked
    }
    return SITE.catalogue.standing(Answer(time=0, verdicts=verdicts, services=frozenset(services)))


def test_the_first_layer_says_who_what_and_how() -> None:
    """It names the controller, the partners, and how consent is withdrawn, and says 'consent' (R7)."""
    told = content()
    assert told.intro.startswith(SITE.controller)
    assert "consent" in told.intro
    assert "withdraw" in told.withdrawal
    assert "“Cookie settings”" in told.withdrawal
    assert told.partners == "3 partners are involved."
    assert "advertising" in told.asked[-1].purpose


def test_a_site_without_partners_says_so() -> None:
    """Where nobody else is involved nobody is counted (R7)."""
    first = Category(id="analytics", services=(service("own", third_party=False),))
    assert content(categories=(first,)).partners == "No partners are involved."


def test_the_sites_own_words_come_in_the_visitors_language() -> None:
    """Names and purposes of own categories and services follow the language (R15)."""
    own = Category(
        id="games", name={"en": "Games", "de": "Spiele"}, purpose="For fun.", services=(service("chess"),)
    )
    [necessary, games] = content("de", categories=(own,)).categories
    assert (necessary.name, necessary.asked) == ("Notwendig", False)
    assert (games.name, games.purpose, games.asked) == ("Spiele", "For fun.", True)


def test_every_item_is_told_with_kind_duration_and_access() -> None:
    """Cookies and storage, first and third parties, in the visitor's language (R46)."""
    login, own, _, counter, _, _ = [
        service for category in content("de").categories for service in category.services
    ]
    assert [(item.name, item.kind, item.duration) for item in login.items] == [
        ("session", "Cookie (nur HTTP)", "Bis der Browser geschlossen wird"),
        ("csrf", "Cookie", "13 Monate"),
    ]
    assert [(item.name, item.duration) for item in own.items] == [("__Host-consent", "182 Tage")]
    assert login.access == "Nur diese Website"
    assert login.justification == "Nobody can log in without it."
    assert (counter.items[-1].name, counter.items[-1].kind) == ("_seen", "Lokaler Speicher")
    assert counter.access == "Counter Ltd (Dritter)"


def test_the_notice_holds_what_was_shown() -> None:
    """The evidence can show the texts, labels, categories, services and providers again (R23)."""
    shown = notice("de")
    body = json.loads(shown.body)
    assert shown.language == body["language"] == "de"
    assert body["accept"] == "Alle akzeptieren"
    assert SITE.controller in body["intro"]
    assert [category["name"] for category in body["categories"]][1:] == [
        "Präferenzen",
        "Statistik",
        "Werbung",
    ]
    assert body["categories"][3]["services"][0]["provider"] == "Ads Ltd"


def test_the_notices_id_names_catalogue_and_words() -> None:
    """The same words have the same id; other words, another language or catalogue have another (R23)."""
    assert notice().id == notice().id
    assert notice().id.startswith(f"{SITE.catalogue.fingerprint}-")
    others = [notice("de"), notice(controller="Somebody else"), notice(categories=categories()[:2])]
    assert len({notice().id, *(other.id for other in others)}) == 4
    assert len(notice().id) == 10 + 1 + 32


@pytest.mark.parametrize(
    ("consent", "said"),
    [
        (SITE.catalogue.standing(None), "You have not decided yet."),
        (standing(), "Saved. You refused everything that is not necessary."),
        (standing("analytics"), "Saved. You allowed Analytics. Everything else stays off."),
        (
            standing("analytics", services=("ads", "edition", "heatmap")),
            "Saved. You allowed Analytics, Edition and Ads. Everything else stays off.",
        ),
        (
            standing("preferences", "analytics", "marketing"),
            "Saved. You allowed everything: Preferences, Analytics and Advertising.",
        ),
        (standing("analytics", denied=False), "Saved. You allowed Analytics. Everything else stays off."),
    ],
)
def test_a_decision_is_told_in_one_sentence(consent: Consent, said: str) -> None:
    """The confirmation says what was chosen (R53)."""
    assert summary(consent, content(), LANGUAGES.get("en"), "saved") == said


def test_a_standing_is_told_to_scripts_by_ids() -> None:
    """What is granted, denied and undecided, each id once and in order."""
    told = standing_of(standing("analytics", services=("ads",)))
    assert told == {
        "granted": "ads analytics counter heatmap login necessary",
        "denied": "edition marketing preferences",
        "undecided": "",
    }


def test_a_sites_own_templates_are_part_of_the_evidence() -> None:
    """Words that a site's own template shows are kept with the notice (R23)."""
    own = {"ask.html": "<p>May we?</p>"}
    told = notice_of(content(), SITE.catalogue, own)
    assert json.loads(told.body)["templates"] == own
    assert told.id != notice().id


def test_the_banner_names_the_controller_without_the_address() -> None:
    """The first layer says shortly who asks; the policy page has the whole of it (R7)."""
    told = content(controller="The Courier, 1 Mill Lane", controller_name="The Courier")
    assert told.intro.startswith("The Courier asks")
    assert told.controller == "The Courier, 1 Mill Lane"
