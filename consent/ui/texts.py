"""The words of the layer in every language it speaks; knows no visitor, no markup and no HTTP."""

import datetime as dt
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit

from consent.durations import UNITS, Duration
from consent.errors import ConfigurationError

MAX_HEADER: Final = 256
"""Characters of an ``Accept-Language`` header that are looked at."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_KIN: Final = {"no": "nb", "nn": "nb"}
_FORMATS: Final = {"en": "en-GB", "pt": "pt-PT"}
"""Plain tags stand for the United States and Brazil in CLDR; the texts are European."""

_RANGE = re.compile(
    r"([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4})\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?"
)


class Texts:
    """All texts in one language, with the plurals, dates and durations of that language.

    ``language`` is the tag as it stands in ``lang``, ``direction`` the value for ``dir``. An unknown
    key is a `KeyError`: the keys are the package's own.
    """

    def __init__(self, language: str, words: Mapping[str, str]) -> None:
        self.language = language
        self.words = MappingProxyType(dict(words))
        self._locale = Locale.parse(_FORMATS.get(language, language), sep="-")
        self.direction: str = self._locale.text_direction

    def text(self, key: str, **values: str) -> str:
        """The text ``key``, its placeholders filled in."""
        return _PLACEHOLDER.sub(lambda match: values[match[1]], self.words[key])

    def plural(self, key: str, count: int) -> str:
        """The form of the text ``key`` that goes with ``count``, which it may show as ``{count}``."""
        form = f"{key}.{self._locale.plural_form(count)}"
        return self.text(form, count=format_decimal(count, locale=self._locale))

    def duration(self, duration: Duration) -> str:
        """A duration as it is said: ``13 months``, ``Bis der Browser geschlossen wird``."""
        if duration.unit not in UNITS:
            return self.text(f"duration.{duration.unit}")
        if f"unit.{duration.unit}.other" in self.words:
            return self.plural(f"unit.{duration.unit}", duration.amount)
        unit = f"duration-{duration.unit}"
        said = format_unit(duration.amount, unit, "long", locale=self._locale)
        # CLDR leaves a long form out where the short one says the same; Babel then names the unit.
        return said if unit not in said else format_unit(duration.amount, unit, "short", locale=self._locale)

    def date(self, seconds: int) -> str:
        """The UTC day of a Unix time, in words."""
        return self.day(dt.datetime.fromtimestamp(seconds, dt.UTC))

    def day(self, day: dt.date) -> str:
        """A day in words."""
        return format_date(day, "long", locale=self._locale)

    def listing(self, items: Iterable[str]) -> str:
        """Several things in one phrase: ``a, b and c``."""
        return format_list(list(items), locale=self._locale)

    def country(self, country: str) -> str:
        """The name of a country given by its ISO code; any other text as it is."""
        return str(self._locale.territories.get(country, country))


class Languages:
    """Every language there is a file for, with the site's own wording laid over.

    Raises `ConfigurationError` for a language, a text or a placeholder that does not exist, and for
    a label that does not say what its button does.
    """

    def __init__(
        self, overrides: Mapping[str, Mapping[str, str]], *, default: str, fixed: str | None = None
    ) -> None:
        self._words = dict[str, Mapping[str, str]]()
        for language, texts in overrides.items():
            place = f"texts.{language}"
            if language not in _tags():
                raise ConfigurationError(
                    place, f"is no language of the layer; allowed are {_listed(_tags())}."
                )
            self._words[language] = {**_read(language)[0], **_checked(place, texts, *_read(language))}
        self.tags = _tags()
        self.get = lru_cache(maxsize=None)(self._texts)
        self._default = self._known("default_language", default)
        self._fixed = None if fixed is None else self._known("language", fixed)
        self._negotiate = lru_cache(maxsize=1024)(self._best_of)

    def _known(self, setting: str, tag: str) -> str:
        found = _best(tag, self.tags)
        if found is None:
            raise ConfigurationError(setting, f"came as {tag!r}; allowed are {_listed(self.tags)}.")
        return found

    def _texts(self, language: str) -> Texts:
        """The texts in ``language``, one of `tags`."""
        return Texts(language, self._words.get(language) or _read(language)[0])

    def negotiate(self, accept_language: str | None, page_language: str | None = None) -> str:
        """One of `tags`, whatever comes in: the site's one language, else the page's, else the first of
        the visitor's, else the default.
        """
        if self._fixed is not None:
            return self._fixed
        return self._negotiate((accept_language or "")[:MAX_HEADER], (page_language or "")[:MAX_HEADER])

    def _best_of(self, accepted: str, page: str) -> str:
        for tag in (page, *_preferred(accepted)):
            found = _best(tag, self.tags)
            if found is not None:
                return found
        return self._default


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What buttons of one language may not say, because it hides what they do; ``joining`` words apart.

    [VG Hannover 2025; CNIL Facebook 2021]
    """

    joining: frozenset[str]
    misleading: frozenset[str]

    def hide(self, label: str) -> bool:
        """Whether ``label`` does not say what its button does."""
        return " ".join(word for word in _words(label) if word not in self.joining) in self.misleading


def hides_its_effect(label: str) -> bool:
    """Whether a button's label is one of those that, in some language, do not say what it does."""
    return any(_read(tag)[1].hide(label) for tag in _tags())


def _words(text: str) -> list[str]:
    """The words of a label, whatever its case, accents and punctuation, dotless i included."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("\N{LATIN SMALL LETTER DOTLESS I}", "i"))
    return re.findall(r"\w+", "".join(sign for sign in plain if not unicodedata.combining(sign)))


@cache
def _tags() -> tuple[str, ...]:
    """The languages there are files for."""
    found = (files("consent.ui") / "locales").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in found if file.name.endswith(".toml")))


@cache
def _read(language: str) -> tuple[dict[str, str], Labels]:
    """The texts of a language by key, and what its labels may not say; read when it is first wanted."""
    table = tomllib.loads((files("consent.ui") / "locales" / f"{language}.toml").read_text("utf-8"))
    hidden: Mapping[str, list[str]] = table.pop("labels")
    joining, misleading = (
        frozenset(" ".join(_words(text)) for text in hidden[name]) for name in ("joining", "misleading")
    )
    return _flat(table), Labels(joining=joining, misleading=misleading)


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat


def _checked(
    place: str, given: Mapping[str, Any], known: Mapping[str, str], labels: Labels
) -> Mapping[str, str]:
    for key, text in given.items():
        where = f"{place}.{key}"
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ConfigurationError(where, f"is no text of the layer; {hint}allowed are {_listed(known)}.")
        if not isinstance(text, str) or not text.strip():
            raise ConfigurationError(where, f"came as {text!r}; allowed is a text that is not empty.")
        _check_placeholders(where, text, known[key])
        if key in ("accept", "reject") and labels.hide(text):
            allowed = "a label that says what the button does, such as 'Accept all'"
            raise ConfigurationError(where, f"came as {text!r}; allowed is {allowed}.")
    return given


def _check_placeholders(where: str, text: str, original: str) -> None:
    allowed = set(_PLACEHOLDER.findall(original))
    for name in _PLACEHOLDER.findall(text):
        if name not in allowed:
            listed = _listed(f"{{{known}}}" for known in allowed) or "none"
            raise ConfigurationError(where, f"has the placeholder '{{{name}}}'; allowed are {listed}.")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _preferred(accepted: str) -> list[str]:
    """The language ranges of an ``Accept-Language`` header, most wanted first (RFC 9110, 12.5.4)."""
    ranges = [match for part in accepted.split(",") if (match := _RANGE.fullmatch(part.strip()))]
    wanted = [(float(match[2] or 1), match[1]) for match in ranges]
    return [tag for weight, tag in sorted(wanted, key=lambda item: -item[0]) if weight > 0]


def _best(tag: str, available: Iterable[str]) -> str | None:
    """Look a tag up, ever shorter: ``de-AT``, then ``de`` (RFC 4647, 3.4)."""
    exact = {known.lower(): known for known in available}
    wanted = tag.lower().replace("_", "-")
    while wanted:
        found = exact.get(wanted) or exact.get(_KIN.get(wanted, ""))
        if found is not None:
            return found
        wanted = wanted.rpartition("-")[0]
    return None
