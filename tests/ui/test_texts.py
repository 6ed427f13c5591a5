"""Every language says the same, and whatever a visitor's browser asks for, one of them is chosen."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import ConfigurationError
from consent.durations import Duration
from consent.ui import texts as module
from consent.ui.texts import Languages

LANGUAGES = Languages({}, default="en")


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", 1, "1 partner is involved."),
        ("en", 2, "2 partners are involved."),
        ("en", 1_200, "1,200 partners are involved."),
        ("de", 1, "1 Partner ist beteiligt."),
        ("de", 1_200, "1.200 Partner sind beteiligt."),
    ],
)
def test_numbers_follow_the_language(language: str, count: int, said: str) -> None:
    """Plural and digits are those of the language (R57)."""
    assert LANGUAGES.get(language).plural("partners", count) == said


@pytest.mark.parametrize(
    ("language", "duration", "said"),
    [
        ("en", "13 months", "13 months"),
        ("de", "13 months", "13 Monate"),
        ("de", "1 year", "1 Jahr"),
        ("de", "30 minutes", "30 Minuten"),
        ("de", "2 weeks", "2 Wochen"),
        ("de", "390 days", "390 Tage"),
        ("en", "session", "Until the browser is closed"),
        ("de", "persistent", "Bis zur Löschung"),
    ],
)
def test_durations_are_said_in_the_language(language: str, duration: str, said: str) -> None:
    """The duration of a cookie stands in the visitor's language (R46)."""
    assert LANGUAGES.get(language).duration(Duration.parse(duration)) == said


def test_dates_lists_and_countries_are_said_in_the_language() -> None:
    """Dates are UTC days in words; a country is given by its ISO code or in words of the site's own."""
    english, german = LANGUAGES.get("en"), LANGUAGES.get("de")
    assert (english.date(1_800_000_000), german.date(1_800_000_000)) == ("15 January 2027", "15. Januar 2027")
    assert german.listing(["a", "b", "c"]) == "a, b und c"
    assert german.country("US") == "Vereinigte Staaten"
    assert german.country("United States and others") == "United States and others"


def test_a_text_is_filled_in_and_nothing_else_of_it_is_read() -> None:
    """Braces that are no placeholder stay as they are, and values are not read again."""
    languages = Languages({"en": {"intro": "{ {0} {controller.x} {controller}"}}, default="en")
    assert languages.get("en").text("intro", controller="{controller}") == "{ {0} {controller.x} {controller}"


def test_the_direction_is_the_languages() -> None:
    """Arabic would be written from right to left (R15)."""
    assert LANGUAGES.get("en").direction == "ltr"
    assert module.Texts("ar", {}).direction == "rtl"


@pytest.mark.parametrize(
    ("accepted", "page", "chosen"),
    [
        (None, None, "en"),
        ("", "", "en"),
        ("de", None, "de"),
        ("DE-at", None, "de"),
        ("gsw-CH, rm;q=0.9, de;q=0.7, *;q=0.5", None, "de"),
        ("en;q=0.1, de;q=0.2", None, "de"),
        ("de;q=0, en;q=0.1", None, "en"),
        ("de ; q=0.5 , en ; q = 0.6", None, "en"),
        ("de;q=2, en;q=0.1", None, "en"),
        ("de;q=x", None, "en"),
        ("de;q=0", None, "en"),
        ("*", None, "en"),
        ("xx,--,;;q,de", None, "de"),
        ("en", "de", "de"),
        ("en", "de_CH", "de"),
        ("de", "xx", "de"),
        ("x" * 100_000 + ",de", None, "en"),
        ("de," * 100_000, None, "de"),
    ],
)
def test_the_language_is_negotiated(accepted: str | None, page: str | None, chosen: str) -> None:
    """The page's language counts, else the visitor's by weight, else the site's default (R15)."""
    assert LANGUAGES.negotiate(accepted, page) == chosen


@given(st.none() | st.text(), st.none() | st.text())
def test_no_header_is_an_error(accepted: str | None, page: str | None) -> None:
    """Whatever comes in, an available language comes out."""
    assert LANGUAGES.negotiate(accepted, page) in LANGUAGES.tags


def test_the_default_and_the_one_language_are_the_sites() -> None:
    """A default is for visitors none of whose languages there is; one fixed language is for all."""
    assert Languages({}, default="de").negotiate("xx") == "de"
    assert Languages({}, default="en", fixed="de-AT").negotiate("en", "en") == "de"


def test_norwegian_is_found_by_all_its_names() -> None:
    """Browsers ask for ``no`` and ``nn`` where ``nb`` is what there is."""
    assert module._best("no", {"nb": 1}) == module._best("nn-NO", {"nb": 1}) == "nb"


def test_the_sites_own_words_win() -> None:
    """Any text can be worded anew, in one language alone."""
    languages = Languages(
        {"en": {"accept": "I accept cookies", "partners.one": "One partner."}}, default="en"
    )
    assert languages.get("en").text("accept") == "I accept cookies"
    assert languages.get("en").plural("partners", 1) == "One partner."
    assert languages.get("de").text("accept") == "Alle akzeptieren"


@pytest.mark.parametrize(
    ("texts", "start", "end"),
    [
        (
            {"en": {"accpet": "x"}},
            "texts.en.accpet: is no text of the layer; did you mean 'accept'?",
            "withdrawal.",
        ),
        (
            {"en": {"§": "x"}},
            "texts.en.§: is no text of the layer; allowed are accept, access.first, ",
            "withdrawal.",
        ),
        ({"xx": {}}, "texts.xx: is no language of the layer; allowed are ar, bg, ", " uk."),
        ({"en": {"accept": " "}}, "texts.en.accept: came as ' '; allowed is a text that is not empty.", ""),
        ({"en": {"accept": 3}}, "texts.en.accept: came as 3; allowed is a text that is not empty.", ""),
        ({"de": {"accept": "{x}"}}, "texts.de.accept: has the placeholder '{x}'; allowed are none.", ""),
        (
            {"de": {"intro": "{x}"}},
            "texts.de.intro: has the placeholder '{x}'; allowed are {controller}.",
            "",
        ),
    ],
)
def test_wording_that_cannot_be_used_is_refused(texts: Any, start: str, end: str) -> None:
    """A mistyped key, language or placeholder is told when the site starts, not when a visitor comes."""
    with pytest.raises(ConfigurationError) as told:
        Languages(texts, default="en")
    assert str(told.value).startswith(start)
    assert str(told.value).endswith(end)


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("en", "OK"),
        ("en", "Got it!"),
        ("en", "Accept & close"),
        ("en", "ACCEPT AND CLOSE"),
        ("de", "Alles klar"),
        ("de", "Weiter …"),
        ("tr", "İleri"),
        ("tr", "TAMAM"),
        ("ar", "حسنًا"),
        ("fr", "D\N{RIGHT SINGLE QUOTATION MARK}accord !"),
    ],
)
@pytest.mark.parametrize("key", ["accept", "reject"])
def test_a_label_says_what_its_button_does(key: str, language: str, label: str) -> None:
    """Labels that hide that they consent are refused, in every language and however they are written (R6)."""
    with pytest.raises(ConfigurationError, match="a label that says what the button does"):
        Languages({language: {key: label}}, default="en")


@pytest.mark.parametrize(
    ("given", "where"), [({"default": "xx"}, "default_language"), ({"fixed": "xx"}, "language")]
)
def test_a_language_there_is_not_is_refused(given: dict[str, str], where: str) -> None:
    """The settings name only languages that there are."""
    with pytest.raises(ConfigurationError, match=f"^{where}: came as 'xx'; allowed are ar, bg, "):
        Languages({}, **{"default": "en", **given})
