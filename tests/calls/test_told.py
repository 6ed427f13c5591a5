"""Who is told, and for which services: from declarations and settings, with sentences for what means nothing."""

from pathlib import Path
from typing import Any

import pytest

from consent import Category, ConfigurationError, ConsentSettings
from consent.calls.regions import EEA
from consent.calls.told import MEANINGS, Told
from consent.calls.vendors import vendor, vendor_names
from tests.sites import SECRET, service, settings

ALL = (
    "amplitude",
    "clarity",
    "google",
    "matomo",
    "meta",
    "mixpanel",
    "pinterest-tag",
    "piwik-pro",
    "posthog",
    "tiktok",
    "uet",
)


def calling(call: str, *services: str) -> Any:
    return [service(name, consent_call=call) for name in services or [f"its-{call}"]]


def told(*categories: Category, **values: Any) -> tuple[Told, ...]:
    return tuple(settings(categories=categories, **values).told)


def own(category: str, *services: Any) -> Category:
    return Category(id=category, name=category.title(), purpose="Does things.", services=services)


# --- the data -------------------------------------------------------------------------------------


def test_every_vendor_is_known() -> None:
    """The calls that there are, by id (R49, R50)."""
    assert vendor_names() == ALL


@pytest.mark.parametrize("name", ALL)
def test_every_vendors_data_is_whole(name: str) -> None:
    """Each cites its vendor's own documentation, and has one way to be told of either answer (R49, R50)."""
    found = vendor(name)
    assert found.sources
    assert all(source.startswith("https://") for source in found.sources)
    assert bool(found.update) != bool(found.grant)
    assert bool(found.grant) == bool(found.withdraw)
    assert bool(found.update) == bool(found.parameters)
    assert bool(found.default) == bool(found.queue or found.arrives)
    assert bool(found.default) != bool(found.when)
    assert bool(found.arrives) == bool(found.ready)
    assert set(found.parameters) <= set(MEANINGS)


def test_googles_parameters_follow_the_categories() -> None:
    """Consent mode v2, all of it: each parameter has its category (R49)."""
    assert vendor("google").parameters == {
        "marketing": ["ad_storage", "ad_user_data", "ad_personalization"],
        "analytics": ["analytics_storage"],
        "preferences": ["functionality_storage", "personalization_storage"],
    }


# --- which services -------------------------------------------------------------------------------


def test_a_site_without_calls_tells_nobody() -> None:
    """A service without a call of its own changes nothing (R49)."""
    assert settings().told == ()


def test_each_parameter_has_the_services_of_its_category() -> None:
    """A parameter is granted by a service with that call in a category that maps to it (R49)."""
    [google] = told(
        Category(id="analytics", services=calling("google", "counter", "manager")),
        Category(id="marketing", services=calling("google", "ads")),
    )
    assert google.services == ("counter", "manager", "ads")
    assert google.parameters == {
        "ad_storage": ("ads",),
        "ad_user_data": ("ads",),
        "ad_personalization": ("ads",),
        "analytics_storage": ("counter", "manager"),
        "functionality_storage": (),
        "personalization_storage": (),
    }


def test_a_single_switch_needs_no_meaning() -> None:
    """Who has no parameters is allowed where its service is, in whichever category (R50)."""
    [matomo] = told(own("statistics", *calling("matomo", "counter")))
    assert (matomo.services, matomo.parameters) == (("counter",), {})


def test_a_category_of_the_sites_own_gets_its_meaning_by_settings() -> None:
    """One meaning or several, and a standard category can get another one (R49)."""
    [google] = told(
        own("tracking", *calling("google", "all")),
        Category(id="preferences", services=calling("google", "maps")),
        consent_calls={"tracking": ["analytics", "marketing"], "preferences": ["analytics"]},
    )
    assert google.parameters["ad_storage"] == ("all",)
    assert google.parameters["analytics_storage"] == ("all", "maps")
    assert google.parameters["functionality_storage"] == ()


def test_what_is_necessary_tells_nobody() -> None:
    """It waits for no consent, so there is none to tell of (R1)."""
    free = service("counter", consent_call="matomo", justification="It counts without cookies.")
    assert told(Category(id="necessary", services=[free])) == ()


def test_the_call_is_not_material() -> None:
    """Nobody is asked again because a vendor is told of the answer (R16)."""
    plain = settings(categories=[Category(id="analytics", services=[service("counter")])])
    called = settings(categories=[Category(id="analytics", services=calling("matomo", "counter"))])
    assert plain.catalogue.fingerprint == called.catalogue.fingerprint


def test_eea_is_a_word_for_all_of_it() -> None:
    """Codes are given to Google singly, each once; the parts of the Union with codes of their own too (R49)."""
    analytics = Category(id="analytics", services=calling("google"))
    [google] = told(analytics, google_regions=["GB", "EEA", "US-CA", "DE"])
    assert google.regions == tuple(sorted({*EEA, "GB", "US-CA"}))
    assert len(EEA) == len(set(EEA)) == 37


# --- what means nothing ---------------------------------------------------------------------------


ANALYTICS = Category(id="analytics", services=calling("google", "counter"))


@pytest.mark.parametrize(
    ("categories", "values", "sentence"),
    [
        (
            [Category(id="analytics", services=calling("gogle", "counter"))],
            {},
            f"Service 'counter': 'consent_call' came as 'gogle'; allowed are {', '.join(ALL)}.",
        ),
        (
            [own("media", *calling("google", "films"))],
            {},
            "Service 'films': its consent call 'google' can never be granted in the category 'media'; allowed is"
            " a category that stands for 'analytics' or 'marketing' or 'preferences', which 'consent_calls' can say.",
        ),
        (
            [Category(id="analytics", services=calling("uet", "bing"))],
            {},
            "Service 'bing': its consent call 'uet' can never be granted in the category 'analytics'; allowed is"
            " a category that stands for 'marketing', which 'consent_calls' can say.",
        ),
        (
            [ANALYTICS],
            {"consent_calls": {"media": ["analytics"]}},
            "consent_calls: 'media' is no category that is asked for; allowed are analytics.",
        ),
        (
            [ANALYTICS],
            {"consent_calls": {"analytics": ["ad_storage"]}},
            "consent_calls.analytics: came as ['ad_storage']; allowed is a list of analytics, marketing, preferences.",
        ),
        (
            [ANALYTICS],
            {"consent_calls": {"analytics": "marketing"}},
            "consent_calls.analytics: came as 'marketing'; allowed is a list of analytics, marketing, preferences.",
        ),
        (
            [ANALYTICS],
            {"consent_calls": ["analytics"]},
            "consent_calls: came as ['analytics']; allowed is a table by category.",
        ),
        (
            [ANALYTICS],
            {"consent_calls": {"analytics": []}},
            "consent_calls.analytics: came as []; allowed is a list of analytics, marketing, preferences.",
        ),
        (
            [ANALYTICS],
            {"google_regions": "EEA"},
            "google_regions: came as 'EEA'; allowed is a list.",
        ),
        (
            [ANALYTICS],
            {"google_regions": ["EEA", "Bavaria"]},
            "google_regions[1]: came as 'Bavaria'; allowed is 'EEA', or a code of ISO 3166-2 such as 'GB' or 'US-CA'.",
        ),
        (
            [ANALYTICS],
            {"google_regions": [49]},
            "google_regions[0]: came as 49; allowed is 'EEA', or a code of ISO 3166-2 such as 'GB' or 'US-CA'.",
        ),
        ([ANALYTICS], {"google_regions": ["UK"]}, "google_regions[0]: came as 'UK'; allowed is 'GB'."),
        (
            [ANALYTICS],
            {"google_regions": ["DE", "FR"]},
            "google_regions: came as ['DE', 'FR']; 'EEA' must be among them, where consent comes first by law.",
        ),
        (
            [Category(id="analytics", services=calling("matomo"))],
            {"google_regions": ["EEA"]},
            "google_regions: is given, but there is no service to be asked for whose 'consent_call' is 'google'.",
        ),
    ],
)
def test_what_means_nothing_is_refused(
    categories: list[Category], values: dict[str, Any], sentence: str
) -> None:
    """Where, what came and what is allowed, in one sentence, at the start of the site (R49)."""
    with pytest.raises(ConfigurationError) as raised:
        settings(categories=categories, **values)
    assert str(raised.value) == sentence


# --- settings files -------------------------------------------------------------------------------


FILE = """
controller = "The Courier"
google_regions = ["EEA"]
{0}
[[category]]
id = "audience"
name = "Audience"
purpose = "Counts readers."
[[category.service]]
id = "counter"
name = "Counter"
provider = "Google"
purpose = "Counts."
consent_call = "google"
"""


def read(folder: Path, table: str, **environ: str) -> ConsentSettings:
    path = folder / "consent.toml"
    path.write_text(FILE.format(table))
    return ConsentSettings.from_toml(path, environ={"CONSENT_SECRET_KEYS": SECRET, **environ})


def test_calls_are_read_from_a_file(tmp_path: Path) -> None:
    """The table and the list, which the environment can replace (R49)."""
    given = read(tmp_path, '[consent_calls]\naudience = ["analytics"]', CONSENT_GOOGLE_REGIONS="EEA, GB")
    [google] = given.told
    assert google.parameters["analytics_storage"] == ("counter",)
    assert set(google.regions) == {*EEA, "GB"}


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            '[consent_calls]\naudience = "analytics"',
            "consent_calls.audience: came as 'analytics'; allowed is a list.",
        ),
        (
            '[consent_calls]\nreaders = ["analytics"]',
            "consent.toml, consent_calls: 'readers' is no category that is asked for; allowed are audience.",
        ),
    ],
)
def test_a_file_is_told_where_its_fault_is(tmp_path: Path, table: str, sentence: str) -> None:
    """The place is that in the file (R49)."""
    with pytest.raises(ConfigurationError) as raised:
        read(tmp_path, table)
    assert sentence in str(raised.value)
