"""What a site says in its own words: labels, languages and purposes; knows no cookie's attributes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from consent.checking.finding import Finding
from consent.checking.kinds import kind
from consent.checking.services import placed
from consent.checking.vague import is_vague
from consent.checks import Text
from consent.settings import ConsentSettings
from consent.settings_errors import Place
from consent.ui.texts import Languages

MAX_RATIO, MAX_LONGER = 2, 10
"""One label may be so many times, or by so many characters, longer than the other."""

_LABELS: Final = {"accept", "reject"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One text of the site's own: ``label`` says what it is, ``owner`` whose. A ``name`` may be a brand's."""

    place: Place
    owner: str
    label: str
    text: Text
    is_name: bool = False


def check_wording(settings: ConsentSettings) -> Iterator[Finding]:
    """What is to be said of words: first those of the layer, then those of the declarations."""
    for language, texts in settings.texts.items():
        yield from _labels(language, texts)
    words = [*_words(settings)]
    yield from _languages(words)
    yield from _translations(words, spoken(settings, words))
    yield from _vague(words)


def _labels(language: str, texts: Mapping[str, str]) -> Iterator[Finding]:
    given = [key for key in texts if key in _LABELS]
    place = ("texts", language)
    if len(given) == 1:
        [other] = _LABELS - {*given}
        what = f"In {language!r}, {given[0]!r} has a label of the site's own, and {other!r} has not."
        yield kind("partial-labels").at((*place, given[0]), what)
    elif given:
        shorter, longer = sorted((texts[key] for key in given), key=len)
        if len(longer) > max(MAX_RATIO * len(shorter), len(shorter) + MAX_LONGER):
            what = f"In {language!r}, the label {longer!r} is much longer than {shorter!r}."
            yield kind("unequal-labels").at((*place, given[0]), what)


def _words(settings: ConsentSettings) -> Iterator[Words]:
    """Every text of the declarations, in their order."""
    for number, category in enumerate(settings.categories):
        for label, text in (("name", category.name), ("purpose", category.purpose)):
            if text is not None:
                owner = f"Category {category.id!r}"
                yield Words(place=("category", number, label), owner=owner, label=label, text=text)
    for place, _, service in placed(settings):
        owner = f"Service {service.id!r}"
        for label in ("name", "purpose", "justification", "override"):
            text = getattr(service, label)
            if text is not None:
                is_name = label == "name"
                yield Words(place=(*place, label), owner=owner, label=label, text=text, is_name=is_name)
        for field in ("cookies", "storage"):
            for index, item in enumerate(getattr(service, field)):
                inner = (*place, field, index, "purpose")
                yield Words(place=inner, owner=owner, label=f"purpose of {item.name!r}", text=item.purpose)


def spoken(settings: ConsentSettings, words: list[Words]) -> frozenset[str]:
    """The languages that the site speaks: its one language, or all in which it has words of its own."""
    if settings.language is not None:
        return frozenset({settings.language})
    tables = [each.text for each in words if not isinstance(each.text, str)]
    found = {language for table in (settings.texts, *tables) for language in table if language in _tags()}
    return frozenset(found | {settings.default_language} if found else found)


@cache
def _tags() -> frozenset[str]:
    return frozenset(Languages({}, default="en").tags)


def _languages(words: list[Words]) -> Iterator[Finding]:
    for each in words:
        for language in () if isinstance(each.text, str) else each.text:
            if language not in _tags():
                what = (
                    f"{each.owner}: the {each.label} is given in {language!r}, which the layer never shows."
                )
                yield kind("no-such-language").at((*each.place, language), what)


def _translations(words: list[Words], languages: frozenset[str]) -> Iterator[Finding]:
    """One finding for each owner, however much of it is not translated."""
    lacking: dict[str, dict[Place, str]] = {}
    missed: dict[str, set[str]] = {}
    for each in words:
        missing = _missing(each, languages)
        if missing:
            lacking.setdefault(each.owner, {})[each.place] = each.label
            missed.setdefault(each.owner, set()).update(missing)
    for owner, labels in lacking.items():
        told = ", ".join(dict.fromkeys(labels.values()))
        what = (
            f"{owner} is not told in every language of the site ({', '.join(sorted(missed[owner]))}): {told}."
        )
        yield kind("untranslated").at(next(iter(labels)), what)


def _missing(words: Words, languages: frozenset[str]) -> frozenset[str]:
    """Where one text stands for all languages, nobody knows which it is in."""
    if isinstance(words.text, str):
        return languages if len(languages) > 1 and not words.is_name else frozenset()
    known = {*words.text}
    return frozenset(tag for tag in languages if tag not in known and tag.partition("-")[0] not in known)


def _vague(words: list[Words]) -> Iterator[Finding]:
    codes = {"justification": "vague-justification", "override": "vague-justification"}
    for each in words:
        texts = {"": each.text} if isinstance(each.text, str) else each.text
        for language, text in texts.items():
            if each.label != "name" and is_vague(text):
                place = (*each.place, language) if language else each.place
                what = f"{each.owner}: the {each.label} came as {text!r}."
                yield kind(codes.get(each.label, "vague-purpose")).at(place, what)
