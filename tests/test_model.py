"""Declarations: what can be declared, and what is refused in one sentence."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from consent import Category, ConfigurationError, Storage
from consent.durations import Duration
from consent.model import localized
from tests.sites import cookie, service


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30 minutes", 1_800),
        ("1 day", 86_400),
        ("13 months", 34_186_698),
        ("session", None),
        ("persistent", None),
    ],
)
def test_a_duration_is_a_number_and_a_unit_or_a_word(text: str, seconds: int | None) -> None:
    """Durations read as people write them."""
    assert Duration.parse(text).seconds == seconds


@pytest.mark.parametrize(
    "text", ["", "13", "months", "0 days", "-1 day", "1.5 years", "13 moons", "13  months"]
)
def test_any_other_duration_is_refused(text: str) -> None:
    """A duration that could be misread is an error that names it."""
    with pytest.raises(ConfigurationError, match=re.escape(f"duration: came as {text!r}; allowed is")):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: cookie("a*b"), r"Cookie 'a\*b': the name came as 'a\*b'; allowed are"),
        (lambda: cookie("*"), r"Cookie '\*': the name came as"),
        (lambda: cookie("a b"), r"Cookie 'a b': the name came as"),
        (lambda: cookie("a", purpose=" "), r"Cookie 'a': 'purpose' came empty"),
        (lambda: cookie("a", purpose={}), r"Cookie 'a': 'purpose' came empty"),
        (lambda: cookie("a", domain="https://x"), r"Cookie 'a': the domain came as 'https://x'; allowed is"),
        (lambda: cookie("a", path="x"), r"Cookie 'a': the path came as 'x'; allowed is"),
        (lambda: cookie("a", path="/;Secure"), r"Cookie 'a': the path came as '/;Secure'; allowed is"),
        (
            lambda: cookie("__Host-a", path="/x"),
            r"Cookie '__Host-a': has a domain or a path; a '__Host-' cookie has",
        ),
        (lambda: cookie("a", duration="long"), r"Cookie 'a', duration: came as 'long'; allowed is"),
        (lambda: Storage(name="a*b", kind="local", purpose="x"), r"Storage 'a\*b': the name came as"),
        (lambda: Storage(name="a", kind="cloud", purpose="x"), r"Storage 'a': the kind came as 'cloud'"),  # type: ignore[arg-type]
        (lambda: Storage(name="a", kind="local", purpose=""), r"Storage 'a': 'purpose' came empty"),
        (
            lambda: service("a", hosts="x.example"),
            r"Service 'a': 'hosts' came as 'x.example'; allowed is a list.",
        ),
        (lambda: service("A"), r"Service 'A': the id came as 'A'; allowed are"),
        (lambda: service("a", provider=""), r"Service 'a': 'provider' came empty"),
        (
            lambda: service("a", hosts=["https://x.y"]),
            r"Service 'a': a host came as 'https://x.y'; allowed is",
        ),
        (
            lambda: service("a", policy_url="javascript:x"),
            r"Service 'a': 'policy_url' came as 'javascript:x'",
        ),
        (lambda: Category(id="Ads"), r"Category 'Ads': the id came as 'Ads'"),
        (lambda: Category(id="ads"), r"Category 'ads': 'name' is missing; only necessary, preferences"),
        (lambda: Category(id="analytics", name=""), r"Category 'analytics': 'name' came empty"),
        (
            lambda: Category(id="necessary", services=(service("login"),)),
            r"Category 'necessary': service 'login': 'justification' is missing",
        ),
    ],
)
def test_a_bad_declaration_says_where_what_and_what_is_allowed(
    make: Callable[[], Any], sentence: str
) -> None:
    """Every declaration that cannot be used is one sentence with its place (R12)."""
    with pytest.raises(ConfigurationError, match=f"^{sentence}"):
        make()


def test_lists_become_tuples() -> None:
    """Declarations stay immutable even when they were written with lists."""
    assert service("a", hosts=["x.example"]).hosts == ("x.example",)


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [
        ("plain", "de", "plain"),
        ({"en": "e", "de": "d"}, "de", "d"),
        ({"en": "e", "de": "d"}, "de-AT", "d"),
        ({"en": "e", "de": "d"}, "fr", "e"),
        ({"en-GB": "g", "en": "e"}, "en-GB", "g"),
    ],
)
def test_a_sites_own_words_are_shown_in_the_visitors_language(text: Any, language: str, shown: str) -> None:
    """The nearest language counts, else the first one given (R15)."""
    assert localized(text, language) == shown
