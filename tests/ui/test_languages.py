"""Every language that the layer speaks: complete, well-formed, and as direct as English."""

import re
import tomllib
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Final

import pytest
from babel import Locale

from consent.durations import UNITS, Duration
from consent.ui import texts as module
from consent.ui.texts import Languages

FILES = {file.stem: file for file in (Path(module.__file__).parent / "locales").glob("*.toml")}
LANGUAGES = Languages({}, default="en")
OFFICIAL: Final = "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv"
NEIGHBOURS: Final = "nb is uk tr ar hy ka ru"
PLURAL: Final = {"zero", "one", "two", "few", "many", "other"}
LIKE_ENGLISH: Final = re.compile(r"browser\..*\.(name|help)|kind\.|table\.|category\.|service\.|on$|off$")
"""Texts that may well be the same as in English."""

every = pytest.mark.parametrize("language", sorted(FILES))


def flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in table.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return found


def table_of(language: str) -> dict[str, Any]:
    return tomllib.loads(FILES[language].read_text("utf-8"))


def texts_of(language: str) -> dict[str, str]:
    """Keys and texts, without plurals, whose forms are each language's own."""
    table = table_of(language)
    del table["labels"], table["partners"]
    table.pop("unit", None)
    return flat(table)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def test_the_languages_of_the_union_and_its_neighbours_are_there() -> None:
    """The 24 official languages, and eight more (R57)."""
    assert set(FILES) == {*OFFICIAL.split(), *NEIGHBOURS.split()} == set(LANGUAGES.tags)
    assert [tag for tag in LANGUAGES.tags if LANGUAGES.get(tag).direction == "rtl"] == ["ar"]


@every
def test_a_language_has_the_keys_and_placeholders_of_english(language: str) -> None:
    """Exactly those, and no empty text (R57)."""
    english, found = texts_of("en"), texts_of(language)
    assert list(found) == list(english)
    for key, text in found.items():
        assert text.strip() == text != "", key
        assert placeholders(text) == placeholders(english[key]), key


@every
def test_plurals_have_the_forms_of_the_language(language: str) -> None:
    """Exactly those that CLDR gives it, also where a file brings names of units (R57)."""
    forms = set(Locale.parse(language, sep="-").plural_form.tags) | {"other"}
    table = table_of(language)
    units = table.get("unit", {})
    assert units.keys() <= UNITS.keys()
    for plural in (table["partners"], *units.values()):
        assert plural.keys() == forms
        assert all(text.strip() and placeholders(text) <= {"count"} for text in plural.values())
        assert "{count}" in plural["other"]


@every
def test_nothing_is_left_in_english(language: str) -> None:
    """A text is another one than in English, but for names, symbols and words that are the same (R57)."""
    if language != "en":
        english = texts_of("en")
        same = [key for key, text in texts_of(language).items() if text == english[key]]
        assert [key for key in same if not LIKE_ENGLISH.match(key)] == []


@every
def test_typography_is_that_of_printed_text(language: str) -> None:
    """No typewriter quotes, no double spaces, no space before a full stop, brackets in pairs."""
    for key, text in texts_of(language).items():
        assert not re.search(r"\"|  | [.,]|(?<=\w)'(?=\w)", text.replace("hl=", "")), (key, text)
        assert text.count("(") == text.count(")"), key


@every
def test_accept_and_reject_are_direct_and_parallel(language: str) -> None:
    """A verb each with the same word for "all": about as long, and neither hides anything (R5, R6)."""
    found = texts_of(language)
    accept, reject = found["accept"].lower(), found["reject"].lower()
    assert 2 <= len(words(accept)) <= 4
    assert abs(len(words(accept)) - len(words(reject))) <= 1
    assert 0.5 <= len(accept) / len(reject) <= 2
    shared = SequenceMatcher(None, accept, reject).find_longest_match().size
    assert shared >= 3 or language == "is"  # whose two verbs want two cases of a short word
    labels = module._read(language)[1]
    assert not any(labels.hide(found[key]) for key in ("accept", "reject", "save", "choose", "withdraw"))
    assert labels.hide("OK") or language == "el"


@every
def test_labels_that_hide_are_listed(language: str) -> None:
    """Each language names its own, in lower case and without punctuation (R6)."""
    labels = table_of(language)["labels"]
    assert set(labels) == {"joining", "misleading"}
    assert labels["joining"]
    assert len(labels["misleading"]) >= 8
    for label in (*labels["joining"], *labels["misleading"]):
        assert label == label.lower().strip() != ""


@every
def test_consent_is_called_by_one_name(language: str) -> None:
    """The first layer asks for what the button takes back: the same word, whatever its ending (R7)."""
    found = texts_of(language)
    match = SequenceMatcher(None, found["intro"].lower(), found["withdraw"].lower()).find_longest_match()
    assert match.size >= 4, (found["intro"], found["withdraw"])


@every
def test_the_first_layer_stays_short(language: str) -> None:
    """At most half as long again as English: it has to fit a third of a phone's screen (R52)."""
    first = ("heading", "intro", "withdrawal", "policy", "accept", "reject", "choose", "settings")
    english, found = texts_of("en"), texts_of(language)
    length = sum(len(found[key]) for key in first) / sum(len(english[key]) for key in first)
    assert length <= 1.5
    purposes = [text for key, text in found.items() if re.fullmatch(r"category\.\w+\.purpose", key)]
    assert max(map(len, purposes)) <= 60


@every
@pytest.mark.parametrize("unit", UNITS)
def test_durations_are_said_in_words(language: str, unit: str) -> None:
    """Every unit, in each of the language's plural forms (R46, R57)."""
    texts = LANGUAGES.get(language)
    for amount in (1, 2, 3, 7, 11, 13, 21, 100):
        said = texts.duration(Duration.parse(f"{amount} {unit}s"))
        assert re.search(r"[^\W\d_]{2}", said), said
        assert "duration" not in said


@every
def test_every_number_of_partners_can_be_said(language: str) -> None:
    """No number is without its form (R57)."""
    texts = LANGUAGES.get(language)
    assert all(texts.plural("partners", count) for count in range(300))
    assert len({texts.plural("partners", count) for count in (1, 2, 5, 1200)}) == 4


@every
def test_a_language_is_found_by_its_tag_and_region(language: str) -> None:
    """Whatever region a browser names, the language is found (R15)."""
    assert LANGUAGES.negotiate(f"{language}-XX,en;q=0.5") == LANGUAGES.negotiate(None, language) == language
