"""What a site declares: categories, services, cookies and storage; knows no visitor and no HTTP."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from consent.durations import Duration
from consent.errors import ConfigurationError

NECESSARY: Final = "necessary"
"""The category that is always there and never asked for."""

Text = str | Mapping[str, str]
"""Words of the site's own: one text, or one per language (``{"en": ..., "de": ...}``)."""

StorageKind = Literal["local", "session", "indexeddb", "cache", "pixel"]

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_COOKIE_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # a token of RFC 6265
_LABEL = "[a-z0-9_]([a-z0-9_-]*[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_KINDS: Final = ("local", "session", "indexeddb", "cache", "pixel")


def localized(text: Text, language: str) -> str:
    """The site's words in ``language``, else in its base language, else in the first one given."""
    if isinstance(text, str):
        return text
    base = language.partition("-")[0]
    return text.get(language) or text.get(base) or next(iter(text.values()), "")


def _tuples(what: str, declaration: Any, *names: str) -> None:
    """Let a declaration be written with lists, and keep it immutable all the same."""
    for name in names:
        given = getattr(declaration, name)
        if not isinstance(given, list | tuple):
            raise ConfigurationError(what, f"{name!r} came as {given!r}; allowed is a list.")
        object.__setattr__(declaration, name, tuple(given))


def _check_id(what: str, value: str) -> None:
    if not _ID.fullmatch(value):
        allowed = "lower-case letters and digits, in words joined by single hyphens"
        raise ConfigurationError(what, f"the id came as {value!r}; allowed are {allowed}.")


def _check_words(what: str, field: str, value: Text) -> None:
    texts = [value] if isinstance(value, str) else [*value.values()] or [""]
    if not all(text.strip() for text in texts):
        raise ConfigurationError(what, f"{field!r} came empty; a sentence for the visitor is needed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """One declared cookie: an exact name, or ``prefix*`` for all names that begin so.

    ``duration`` is ``session``, ``persistent`` or like ``13 months``; ``domain`` and ``path`` are
    the attributes it is set with, so that it can be deleted by the same ones (RFC 6265, 5.3).
    """

    name: str
    purpose: Text
    duration: str
    domain: str | None = None
    path: str = "/"
    http_only: bool = False
    partitioned: bool = False

    def __post_init__(self) -> None:
        what = f"Cookie {self.name!r}"
        stem = self.name.removesuffix("*")
        if not _COOKIE_NAME.fullmatch(stem) or "*" in stem:
            allowed = "the characters of an RFC 6265 name, with at most one '*' and that at the end"
            raise ConfigurationError(what, f"the name came as {self.name!r}; allowed are {allowed}.")
        _check_words(what, "purpose", self.purpose)
        if self.domain is not None and not _HOST.fullmatch(self.domain.removeprefix(".")):
            allowed = "a host name such as 'example.org'"
            raise ConfigurationError(what, f"the domain came as {self.domain!r}; allowed is {allowed}.")
        if not re.fullmatch(r"/[!-:<-~]*", self.path):
            raise ConfigurationError(
                what, f"the path came as {self.path!r}; allowed is one that begins with '/'."
            )
        if self.name.lower().startswith("__host-") and (self.domain, self.path) != (None, "/"):
            problem = "has a domain or a path; a '__Host-' cookie has neither (RFC 6265bis, 4.1.3.2)."
            raise ConfigurationError(what, problem)
        _parse_duration(what, self.duration)

    @property
    def is_pattern(self) -> bool:
        """Whether it stands for every name that begins with `stem`."""
        return self.name.endswith("*")

    @property
    def stem(self) -> str:
        """The name without its star."""
        return self.name.removesuffix("*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """One declared storage key (exact or ``prefix*``): local, session, IndexedDB, cache, or a pixel."""

    name: str
    kind: StorageKind
    purpose: Text
    duration: str = "persistent"

    def __post_init__(self) -> None:
        what = f"Storage {self.name!r}"
        if not self.name.removesuffix("*") or "*" in self.name[:-1]:
            raise ConfigurationError(
                what, f"the name came as {self.name!r}; allowed is a name, or a prefix and one '*'."
            )
        if self.kind not in _KINDS:
            raise ConfigurationError(
                what, f"the kind came as {self.kind!r}; allowed are {', '.join(_KINDS)}."
            )
        _check_words(what, "purpose", self.purpose)
        _parse_duration(what, self.duration)


def _parse_duration(what: str, duration: str) -> None:
    try:
        Duration.parse(duration)
    except ConfigurationError as error:
        raise error.within(what) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A named first or third party: who it is, what for, and what it keeps on or asks of a device.

    ``hosts`` are the names it is fetched from (each with its subdomains). ``third_party`` is true
    where somebody else than the controller learns of the visit; such services are counted as
    partners. ``country`` is where the data goes if that is outside the controller's own.
    ``justification`` says why a necessary service cannot be done without. ``revision`` is raised when
    the purpose itself changes and not only its wording: then everybody is asked again.
    """

    id: str
    name: Text
    provider: str
    purpose: Text
    third_party: bool = True
    policy_url: str | None = None
    country: str | None = None
    justification: Text | None = None
    revision: int = 1
    hosts: Sequence[str] = ()
    cookies: Sequence[Cookie] = ()
    storage: Sequence[Storage] = ()

    def __post_init__(self) -> None:
        what = f"Service {self.id!r}"
        _tuples(what, self, "hosts", "cookies", "storage")
        _check_id(what, self.id)
        for field, words in (("name", self.name), ("provider", self.provider), ("purpose", self.purpose)):
            _check_words(what, field, words)
        for host in self.hosts:
            if not _HOST.fullmatch(host):
                allowed = "a lower-case name such as 'stats.example.org', without scheme, port or path"
                raise ConfigurationError(what, f"a host came as {host!r}; allowed is {allowed}.")
        if self.policy_url is not None and not self.policy_url.startswith(("https://", "http://", "/")):
            raise ConfigurationError(
                what, f"'policy_url' came as {self.policy_url!r}; allowed is http(s) or a local path."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A group of purposes that a visitor decides on as one.

    ``necessary``, ``preferences``, ``analytics`` and ``marketing`` have names and purposes in every
    language that the package speaks; a category of the site's own brings ``name`` and ``purpose``.
    ``objectable`` says whether signals such as GPC concern it: what sells or shares data, or advertises
    with that of other sites. Left out, it is so for ``marketing`` alone.
    """

    id: str
    services: Sequence[Service] = ()
    name: Text | None = None
    purpose: Text | None = None
    objectable: bool | None = None

    def __post_init__(self) -> None:
        what = f"Category {self.id!r}"
        _tuples(what, self, "services")
        _check_id(what, self.id)
        for field, words in (("name", self.name), ("purpose", self.purpose)):
            if words is not None:
                _check_words(what, field, words)
            elif self.id not in STANDARD_CATEGORIES:
                raise ConfigurationError(
                    what, f"{field!r} is missing; only {', '.join(STANDARD_CATEGORIES)} have their own."
                )
        objectable: Any = self.objectable
        if objectable not in (None, True, False):
            raise ConfigurationError(what, f"'objectable' came as {objectable!r}; allowed is True or False.")
        if self.id == NECESSARY:
            self._check_justified(what)

    @property
    def is_objectable(self) -> bool:
        """Whether a general objection of a browser denies it."""
        return self.id == "marketing" if self.objectable is None else self.objectable

    def _check_justified(self, what: str) -> None:
        if self.objectable:
            raise ConfigurationError(what, "'objectable' came as True; what is necessary is never denied.")
        for service in self.services:
            if service.justification is None:
                raise ConfigurationError(
                    f"{what}: service {service.id!r}",
                    "'justification' is missing; a necessary service says why the site needs it.",
                )


STANDARD_CATEGORIES: Final = (NECESSARY, "preferences", "analytics", "marketing")
"""Categories whose names and purposes the package brings in every language it speaks."""
