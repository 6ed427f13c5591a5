"""The words of the layer in every language it speaks; knows no visitor, no markup and no HTTP."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import lru_cache
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

MISLEADING: Final = frozenset(
    {
        "ok", "okay", "got it", "understood", "i understand", "continue", "close", "accept close",
        "accept continue", "agree close", "verstanden", "alles klar", "in ordnung", "weiter", "schließen",
        "akzeptieren schließen", "zustimmen schließen",
    }
)  # fmt: skip
"""Labels that do not say what their button does, joining words left out. [VG Hannover 2025; CNIL
Facebook 2021]"""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_KIN: Final = {"no": "nb", "nn": "nb"}
_FORMATS: Final = {"en": "en-GB"}  # plain "en" writes dates as in the United States
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
        return format_unit(duration.amount, f"duration-{duration.unit}", "long", locale=self._locale)

    def date(self, seconds: int) -> str:
        """The UTC day of a Unix time, in words."""
        return format_date(datetime.fromtimestamp(seconds, UTC), "long", locale=self._locale)

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
        words = _read_files()
        for language, texts in overrides.items():
            place = f"texts.{language}"
            if language not in words:
                raise ConfigurationError(place, f"is no language of the layer; allowed are {_listed(words)}.")
            words[language] |= _checked(place, texts, words[language])
        self._texts = {language: Texts(language, found) for language, found in sorted(words.items())}
        self.tags = tuple(self._texts)
        self._default = self._known("default_language", default)
        self._fixed = None if fixed is None else self._known("language", fixed)
        self._negotiate = lru_cache(maxsize=1024)(self._best_of)

    def _known(self, setting: str, tag: str) -> str:
        found = _best(tag, self._texts)
        if found is None:
            raise ConfigurationError(setting, f"came as {tag!r}; allowed are {_listed(self.tags)}.")
        return found

    def get(self, language: str) -> Texts:
        """The texts in ``language``, one of `tags`."""
        return self._texts[language]

    def negotiate(self, accept_language: str | None, page_language: str | None = None) -> str:
        """One of `tags`, whatever comes in: the site's one language, else the page's, else the first of
        the visitor's, else the default.
        """
        if self._fixed is not None:
            return self._fixed
        return self._negotiate((accept_language or "")[:MAX_HEADER], (page_language or "")[:MAX_HEADER])

    def _best_of(self, accepted: str, page: str) -> str:
        for tag in (page, *_preferred(accepted)):
            found = _best(tag, self._texts)
            if found is not None:
                return found
        return self._default


def _read_files() -> dict[str, dict[str, str]]:
    found = (file for file in (files("consent.ui") / "locales").iterdir() if file.name.endswith(".toml"))
    return {file.name[:-5]: _flat(tomllib.loads(file.read_text("utf-8"))) for file in found}


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat


def _checked(place: str, given: Mapping[str, Any], known: Mapping[str, str]) -> Mapping[str, str]:
    for key, text in given.items():
        where = f"{place}.{key}"
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ConfigurationError(where, f"is no text of the layer; {hint}allowed are {_listed(known)}.")
        if not isinstance(text, str) or not text.strip():
            raise ConfigurationError(where, f"came as {text!r}; allowed is a text that is not empty.")
        _check_placeholders(where, text, known[key])
        _check_label(where, key, text)
    return given


def _check_placeholders(where: str, text: str, original: str) -> None:
    allowed = set(_PLACEHOLDER.findall(original))
    for name in _PLACEHOLDER.findall(text):
        if name not in allowed:
            listed = _listed(f"{{{known}}}" for known in allowed) or "none"
            raise ConfigurationError(where, f"has the placeholder '{{{name}}}'; allowed are {listed}.")


def _check_label(where: str, key: str, text: str) -> None:
    words = [word for word in re.findall(r"\w+", text.lower()) if word not in ("and", "und")]
    if key in ("accept", "reject") and " ".join(words) in MISLEADING:
        allowed = "a label that says what the button does, such as 'Accept all'"
        raise ConfigurationError(where, f"came as {text!r}; allowed is {allowed}.")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _preferred(accepted: str) -> list[str]:
    """The language ranges of an ``Accept-Language`` header, most wanted first (RFC 9110, 12.5.4)."""
    ranges = [match for part in accepted.split(",") if (match := _RANGE.fullmatch(part.strip()))]
    wanted = [(float(match[2] or 1), match[1]) for match in ranges]
    return [tag for weight, tag in sorted(wanted, key=lambda item: -item[0]) if weight > 0]


def _best(tag: str, available: Mapping[str, object]) -> str | None:
    """Look a tag up, ever shorter: ``de-AT``, then ``de`` (RFC 4647, 3.4)."""
    exact = {known.lower(): known for known in available}
    wanted = tag.lower().replace("_", "-")
    while wanted:
        found = exact.get(wanted) or exact.get(_KIN.get(wanted, ""))
        if found is not None:
            return found
        wanted = wanted.rpartition("-")[0]
    return None
