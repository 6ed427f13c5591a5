"""What a site declares: categories, services, cookies and storage; knows no visitor and no HTTP."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from consent.checks import Text, check_hosts, check_id, check_words, is_host, tuples
from consent.durations import Duration
from consent.errors import ConfigurationError

NECESSARY: Final = "necessary"
"""The category that is always there and never asked for."""

StorageKind = Literal["local", "session", "indexeddb", "cache", "pixel"]

COOKIE_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # a token of RFC 6265
KINDS: Final = ("local", "session", "indexeddb", "cache", "pixel")


def localized(text: Text, language: str) -> str:
    """The site's words in ``language``, else in its base language, else in the first one given."""
    if isinstance(text, str):
        return text
    base = language.partition("-")[0]
    return text.get(language) or text.get(base) or next(iter(text.values()), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """One declared cookie: an exact name, or ``prefix*`` for all names that begin so.

    ``duration`` is ``session``, ``persistent`` or like ``13 months``; ``domain`` and ``path`` are
    the attributes it is set with, so that it can be deleted by the same ones (RFC 6265, 5.3). With a
    ``domain`` the declaration counts only on hosts under it, as the request's ``Host`` names them: what
    another site calls so is no claim on a cookie of this one.
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
        if not COOKIE_NAME.fullmatch(stem) or "*" in stem:
            allowed = "the characters of an RFC 6265 name, with at most one '*' and that at the end"
            raise ConfigurationError(what, f"the name came as {self.name!r}; allowed are {allowed}.")
        check_words(what, "purpose", self.purpose)
        if self.domain is not None and not is_host(self.domain.removeprefix(".")):
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
        if self.kind not in KINDS:
            raise ConfigurationError(what, f"the kind came as {self.kind!r}; allowed are {', '.join(KINDS)}.")
        check_words(what, "purpose", self.purpose)
        _parse_duration(what, self.duration)


def _parse_duration(what: str, duration: str) -> None:
    try:
        Duration.parse(duration)
    except ConfigurationError as error:
        raise error.within(what) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed:
    """How pages embed what a service shows, and how that can be done with less tracking.

    ``addresses`` are beginnings of the embed's address. ``swap`` names, for a host, another from which the
    vendor serves the same; ``parameters`` belong into the address's query.
    """

    addresses: Sequence[str] = ()
    swap: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tuples("Embed", self, "addresses")
        for address in self.addresses:
            if not address.startswith("https://"):
                problem = f"an address came as {address!r}; allowed is one that begins with 'https://'."
                raise ConfigurationError("Embed", problem)
        check_hosts("Embed", (*self.swap, *self.swap.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A named first or third party: who it is, what for, and what it keeps on or asks of a device.

    ``hosts`` are the names it is fetched from (each with its subdomains); ``shared_hosts`` those from which
    one vendor loads several services, whose own consent call says for which: they are contacted as soon as
    one service that names them so is allowed. ``provider`` is needed for third parties; for others it is the
    controller. ``third_party`` is true
    where somebody else than the controller learns of the visit; such services are counted as
    partners. ``country`` is where the data goes if that is outside the controller's own.
    ``justification`` says why a necessary service cannot be done without; ``override`` why it may be
    necessary although it sets cookies of a well-known tracker: visitors read both. ``revision`` is raised
    when the purpose itself changes and not only its wording: then everybody is asked again.
    ``consent_call`` names the vendor's own interface that is told what the visitor allows (``google``).
    """

    id: str
    name: Text
    provider: str = ""
    purpose: Text
    third_party: bool = True
    policy_url: str | None = None
    country: str | None = None
    justification: Text | None = None
    override: Text | None = None
    revision: int = 1
    consent_call: str | None = None
    hosts: Sequence[str] = ()
    shared_hosts: Sequence[str] = ()
    cookies: Sequence[Cookie] = ()
    storage: Sequence[Storage] = ()
    embed: Embed | None = None

    def __post_init__(self) -> None:
        what = f"Service {self.id!r}"
        tuples(what, self, "hosts", "shared_hosts", "cookies", "storage")
        check_id(what, self.id)
        provider = self.provider if self.third_party else "the controller"
        reasons = (("justification", self.justification), ("override", self.override))
        told = (("name", self.name), ("provider", provider), ("purpose", self.purpose), *reasons)
        for name, words in told:
            if words is not None:
                check_words(what, name, words)
        check_hosts(what, (*self.hosts, *self.shared_hosts))
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
        tuples(what, self, "services")
        check_id(what, self.id)
        for name, words in (("name", self.name), ("purpose", self.purpose)):
            if words is not None:
                check_words(what, name, words)
            elif self.id not in STANDARD_CATEGORIES:
                raise ConfigurationError(
                    what, f"{name!r} is missing; only {', '.join(STANDARD_CATEGORIES)} have their own."
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
