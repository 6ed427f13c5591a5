"""The script that makes the calls, as it is written: for exactly the services in use, and small."""

import gzip
from typing import Any

import pytest

from consent import Category
from consent.calls.vendors import vendor, vendor_names
from consent.ui.rendering import Renderer
from tests.sites import service, settings


def script(*calls: str, **values: Any) -> str:
    """What is served to a site with one service for each of these vendors in two categories."""
    declared = [
        Category(
            id=category,
            services=[
                service(f"{call}-{category}", consent_call=call)
                for call in calls
                if not vendor(call).parameters or category in vendor(call).parameters
            ],
        )
        for category in ("analytics", "marketing")
    ]
    site = settings(categories=declared, **values)
    return Renderer(site, site.catalogue).assets.content("calls.js").decode()


def test_the_script_is_small() -> None:
    """For Google alone less than 1.5 KB travel, for everybody there is less than 2 KB (R54)."""
    assert len(gzip.compress(script("google").encode(), 9)) < 1_000
    assert len(gzip.compress(script("google", google_regions=["EEA"]).encode(), 9)) < 1_500
    assert len(gzip.compress(script(*vendor_names()).encode(), 9)) < 2_000


GLOBALS = {
    "google": "dataLayer",
    "uet": "uetq",
    "clarity": "clarity",
    "matomo": "_paq",
    "meta": "fbq",
    "tiktok": "ttq",
    "pinterest-tag": "pintrk",
    "piwik-pro": "ppms",
    **{name: name for name in ("amplitude", "mixpanel", "posthog")},
}


@pytest.mark.parametrize("name", vendor_names())
def test_only_the_vendors_in_use_are_in_it(name: str) -> None:
    """A site sends its visitors nobody else's calls (R49, R50)."""
    written = script(name)
    assert [other for other, used in GLOBALS.items() if used in written] == [name]
    assert ("arrival" in written) == bool(vendor(name).arrives)


def test_it_holds_nothing_that_a_visitor_decided() -> None:
    """It is the same for everybody, so that it may be kept for ever; where pages are too, it reads the cookie (R36)."""
    assert "cstGranted" in script("google")
    assert "document.cookie" not in script("google")
    shared = script("google", cache="shared")
    assert "cstGranted" not in shared
    declared = settings(categories=[]).catalogue.fingerprint
    assert "consent-known=" in shared
    assert f"consent-known={declared}" not in shared
