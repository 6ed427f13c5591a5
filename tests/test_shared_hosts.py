"""Hosts from which one vendor loads several services: one of these is enough, at every gate."""

from typing import Any

import pytest
from starlette.responses import HTMLResponse
from starlette.routing import Route

from consent import Category, ConfigurationError, services
from consent.catalogue import Catalogue, are_met, asked_for
from consent.gates.addresses import Withholding
from consent.gates.csp import PolicyGate
from tests.sites import browser, decide, service, settings, site

LOADER = "www.googletagmanager.com"
PAGE = (
    f'<!doctype html><title>x</title><script src="https://{LOADER}/gtag/js"></script>'
    f'<iframe src="https://{LOADER}/ns.html" title=Tags></iframe>'
)


def declared() -> list[Category]:
    return [
        Category(id="analytics", services=[services.google_analytics(), services.google_tag_manager()]),
        Category(id="marketing", services=[services.google_ads()]),
    ]


CATALOGUE = Catalogue(declared())
NEED = "google-analytics|google-tag-manager|google-ads"


@pytest.mark.parametrize(
    ("needs", "granted", "met"),
    [
        (set(), set(), True),
        ({"a"}, {"a"}, True),
        ({"a", "b"}, {"a"}, False),
        ({"a|b"}, {"b"}, True),
        ({"a|b"}, {"c"}, False),
        ({"a|b", "c"}, {"a"}, False),
        ({"a|b", "c"}, {"a", "c"}, True),
    ],
)
def test_all_needs_must_be_met_and_of_several_one(needs: set[str], granted: set[str], met: bool) -> None:
    """Plain ids are needed all, those with a bar between them one (R13)."""
    assert are_met(frozenset(needs), frozenset(granted)) is met


def test_one_of_those_that_share_a_host_is_enough() -> None:
    """The vendor's own consent call tells it for which of them (R49)."""
    assert CATALOGUE.requires_host(LOADER) == {NEED}
    assert asked_for(frozenset({NEED, "x"})) == {"google-analytics", "x"}


def test_who_has_the_host_for_itself_must_be_allowed() -> None:
    """A host that one service does not share waits for that one, whoever else names it (R13)."""
    shared = service("loader", shared_hosts=["x.example"])
    found = Catalogue([Category(id="analytics", services=[shared, service("own", hosts=["x.example"])])])
    assert found.requires_host("x.example") == {"own"}


def test_a_tag_manager_is_itself_gated() -> None:
    """Before anything is agreed to its host is contacted no more than any tracker's (R14)."""
    alone = Catalogue([Category(id="analytics", services=[services.google_tag_manager()])])
    assert alone.requires_host(LOADER) == {"google-tag-manager"}
    assert Withholding(alone, alone.standing(None).granted).address(f"https://{LOADER}/gtm.js")


def test_a_shared_host_is_material() -> None:
    """Visitors are asked again when one is added, and not when it only moves there (R16)."""
    one, two, three = (
        Catalogue([Category(id="analytics", services=[service("a", **hosts)])]).fingerprint
        for hosts in ({}, {"hosts": ["x.example"]}, {"shared_hosts": ["x.example"]})
    )
    assert one != two == three


def test_a_shared_host_is_a_host() -> None:
    """What is no host is refused."""
    with pytest.raises(ConfigurationError, match=r"Service 'a': a host came as 'https://x'; allowed is"):
        service("a", shared_hosts=["https://x"])


def visitor(**values: Any) -> Any:
    given = {"gate_markup": True, "csp": "enforce", "control": "template", **values}
    return browser(site(Route("/x", HTMLResponse(PAGE)), categories=declared(), **given))


def test_markup_waits_for_one_of_them() -> None:
    """Our script starts it as soon as one is allowed; the placeholder asks for one and names it (R2, R56)."""
    text = visitor().get("/x").text
    assert f'<script type="text/plain" data-consent="{NEED}"' in text
    assert f'<template data-cst-embed data-consent="{NEED}">' in text
    assert '<input type="hidden" name="granted" value="google-analytics">' in text
    assert 'value="google-ads"' not in text.partition("<form")[2].partition("</form>")[0]


@pytest.mark.parametrize("granted", ["google-ads", "google-analytics", "google-tag-manager"])
def test_any_of_them_lets_markup_and_policy_pass(granted: str) -> None:
    """Each of the services alone opens the loader, and no host of another's (R2)."""
    client = visitor()
    before = client.get("/x").headers["content-security-policy"]
    assert LOADER not in before
    decide(client, "save", granted=granted)
    answer = client.get("/x", headers={"hx-request": "true"})
    assert answer.text == PAGE
    assert f"{LOADER}:*" in answer.headers["content-security-policy"]
    others = {"google-ads": "google-analytics.com", "google-analytics": "www.googleadservices.com"}
    assert others.get(granted, "www.googleadservices.com") not in answer.headers["content-security-policy"]


def test_the_policy_page_and_its_files_name_shared_hosts() -> None:
    """Visitors read from where something is fetched, however many services share it (R46)."""
    client = visitor()
    assert LOADER in client.get("/consent").text
    disclosed = client.get("/consent/device-storage.json").json()["domains"]
    assert {"domain": LOADER, "use": "google-ads"} in disclosed


def test_a_policy_covers_subdomains_of_a_shared_host() -> None:
    """As with any other host."""
    gate = PolicyGate(CATALOGUE, mode="enforce", endpoint="/consent/csp")
    allowed = CATALOGUE.standing(None).granted | {"google-ads"}
    _, value = gate._header(allowed, "")
    assert f"*.{LOADER}:*" in value.decode()


def test_the_declarations_can_be_used_together() -> None:
    """All of Google's, as a site with analytics and advertising declares them."""
    together = [
        *declared(),
        Category(id="preferences", services=[services.google_maps(), services.recaptcha()]),
    ]
    assert len(settings(categories=together).catalogue.asked) == 3
