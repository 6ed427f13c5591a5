"""Well-known trackers are not necessary, and the list of them follows from the declarations (R12)."""

from importlib import resources

import pytest

from consent import Category, ConfigurationError, Service, services
from consent.services import trackers
from tests.sites import browser, service, settings, site


def necessary(*cookies: str, **values: object) -> Service:
    return service("login", *cookies, justification="Nobody can log in without it.", **values)


def test_the_list_is_current() -> None:
    """It was made from the declarations as they are: `python -m consent.services trackers`."""
    written = resources.files("consent.services").joinpath(trackers.LIST).read_text("utf-8")
    assert written == trackers.derived()


@pytest.mark.parametrize(
    "name", ["_ga", "_ga_*", "_fbp", "IDE", "YSC", "_pk_id.*", "_hjSession_*", "_clck", "_ttp"]
)
def test_the_best_known_are_on_it(name: str) -> None:
    """Those that regulators name."""
    assert name in trackers.known()


@pytest.mark.parametrize(
    "name",
    [
        "session",
        "sessionid",
        "csrftoken",
        "sid",
        "uid",
        "lang",
        "PREF",
        "__cf_bm",
        "JSESSIONID",
        "mtm_consent",
    ],
)
def test_what_anybody_may_use_is_not(name: str) -> None:
    """Names too general, names that frameworks use, and what remembers a choice are nobody's trackers."""
    settings(categories=[Category(id="necessary", services=[necessary(name)])])


@pytest.mark.parametrize("name", ["_ga", "_ga_X1", "_g*", "_ga_X*", "_hjSession_7", "IDE"])
def test_a_tracker_is_not_necessary(name: str) -> None:
    """By its name, by a name that its pattern covers, or by a pattern that covers it (R12)."""
    sentence = rf"^Category 'necessary': service 'login': the cookie came as '{name.replace('*', '[*]')}', a well-known one of "
    with pytest.raises(ConfigurationError, match=sentence):
        settings(categories=[Category(id="necessary", services=[necessary("session", name)])])


def test_elsewhere_it_may_be_declared() -> None:
    """In a category that is asked for anybody may declare it, a milder one than ours included."""
    mild = [Category(id="preferences", services=[services.google_analytics(), service("x", "IDE")])]
    assert settings(categories=mild).catalogue.requires("_ga") == {"google-analytics"}


def test_a_ready_made_tracker_is_not_necessary_either() -> None:
    """Neither with a justification alone."""
    given = services.youtube(justification="We like films.")
    with pytest.raises(ConfigurationError, match="service 'youtube': the cookie came as 'YSC'"):
        settings(categories=[Category(id="necessary", services=[given])])


def test_a_reason_lets_it_be_necessary_and_is_told() -> None:
    """An override needs words, and visitors read them behind the justification (R12)."""
    given = services.matomo(
        justification="We must know which pages fail.", override="It recognises nobody elsewhere."
    )
    client = browser(site(categories=[Category(id="necessary", services=[given])]))
    assert "We must know which pages fail. It recognises nobody elsewhere." in client.get("/consent").text
    with pytest.raises(ConfigurationError, match="Service 'login': 'override' came empty"):
        necessary("_ga", override=" ")
