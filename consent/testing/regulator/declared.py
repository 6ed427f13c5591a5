"""What a site declares, as the suite needs it: from its settings, or from what it publishes; asks nobody."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from consent.catalogue import Catalogue, are_met
from consent.checks import Text
from consent.errors import ConfigurationError
from consent.model import NECESSARY, Category, Cookie, Service, Storage
from consent.own_cookies import MARKER
from consent.services.files import read
from consent.settings import OWN_COOKIES, ConsentSettings

_FREE: Final = frozenset({*OWN_COOKIES, MARKER})

TAG_MANAGERS: Final = ("google-tag-manager", "tealium", "adobe-launch")
FONTS: Final = ("google-fonts", "adobe-fonts", "font-awesome")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """The declarations of the site under test, as it stands on one host."""

    catalogue: Catalogue
    host: str
    own: str = "consent"
    """The id under which the layer declares its own cookie, where it publishes that too."""

    @classmethod
    def of_settings(cls, settings: ConsentSettings, host: str) -> "Declared":
        """From the settings themselves."""
        return cls(catalogue=settings.catalogue, host=host)

    @classmethod
    def of_policy(cls, policy: Any, storage: Any, host: str) -> "Declared":
        """From ``policy.json`` and ``device-storage.json``; raises `ValueError` for anything else."""
        try:
            domains = {
                item["identifier"]: item["domains"][0] for item in storage["disclosures"] if item["domains"]
            }
            kinds = {item["identifier"]: item["type"] for item in storage["disclosures"]}
            read_categories = [_category(category, domains, kinds) for category in policy]
        except (KeyError, TypeError, IndexError, ConfigurationError) as error:
            raise ValueError(f"not a policy of ConsentMiddleware ({error!r})") from None
        return cls(catalogue=Catalogue(read_categories), host=host)

    @property
    def always(self) -> frozenset[str]:
        """What needs no consent."""
        return self.catalogue.standing(None).granted

    @property
    def asked(self) -> frozenset[str]:
        """The ids of the categories that visitors decide on."""
        return frozenset(category.id for category in self.catalogue.asked)

    def is_free(self, name: str, host: str | None = None) -> bool:
        """Whether the cookie ``name`` is the layer's own or declared necessary."""
        needs = self.catalogue.requires(name, host or self.host)
        return name in _FREE or (needs is not None and needs <= self.always)

    def is_free_storage(self, name: str) -> bool:
        """Whether what scripts store under ``name`` is declared necessary."""
        keys = (item.name for service in self.necessary() for item in service.storage)
        return any(fnmatchcase(name, key) for key in keys)

    def may_contact(self, host: str) -> bool | None:
        """Whether ``host`` may be contacted without consent; ``None`` if nobody declares it."""
        needs = self.catalogue.requires_host(host)
        return None if needs is None else are_met(needs, self.always)

    def cookies(self) -> Iterator[tuple[Service, Cookie]]:
        """The cookies that need consent and can be met on this host."""
        for category in self.catalogue.asked:
            for service in category.services:
                for cookie in service.cookies:
                    domain = (cookie.domain or self.host).removeprefix(".")
                    if f".{self.host}".endswith(f".{domain}"):
                        yield service, cookie

    def shared(self) -> dict[str, frozenset[str]]:
        """The cookies of several categories, with the ids of these."""
        claims: dict[str, set[str]] = {}
        for service, cookie in self.cookies():
            categories = self.catalogue.categories_of([service.id])
            claims.setdefault(cookie.name, set()).update(categories)
        return {name: frozenset(ids) for name, ids in claims.items() if len(ids) > 1}

    def purposes(self) -> Iterator[tuple[str, str]]:
        """Every purpose that visitors are told, with where it stands."""
        for category in self.catalogue.categories:
            yield from ((f"category {category.id!r}", text) for text in _texts(category.purpose))
        for _, service in self.catalogue.services:
            yield from ((f"service {service.id!r}", text) for text in _texts(service.purpose))
            kept: tuple[Cookie | Storage, ...] = (*service.cookies, *service.storage)
            for item in kept:
                yield from ((f"{item.name!r} of {service.id!r}", text) for text in _texts(item.purpose))

    def third_parties(self) -> tuple[str, ...]:
        """The providers whom visitors are asked about, each once."""
        asked = (service for category in self.catalogue.asked for service in category.services)
        return tuple(dict.fromkeys(service.provider for service in asked if service.third_party))

    def necessary(self) -> Sequence[Service]:
        """The services that visitors are not asked about; the layer's own is none of the site's."""
        services = [service for category, service in self.catalogue.services if category.id == NECESSARY]
        return [service for service in services if service.id != self.own]

    def objectable(self) -> frozenset[str]:
        """The categories that a browser's signal denies."""
        return frozenset(category.id for category in self.catalogue.asked if category.is_objectable)


def hosts_of(services: Sequence[str]) -> tuple[str, ...]:
    """The hosts of ready-made services, which are known whatever a site declares."""
    data = [read(service) for service in services]
    return tuple(host for item in data for host in (*item.get("hosts", ()), *item.get("shared_hosts", ())))


def is_under(host: str, domains: Sequence[str]) -> bool:
    """Whether ``host`` is one of the domains or under one."""
    return any(f".{host}".endswith(f".{domain}") for domain in domains)


def _texts(text: Text | None) -> Sequence[str]:
    if text is None:
        return ()
    return (text,) if isinstance(text, str) else tuple(text.values())


def _category(data: Any, domains: dict[str, str], kinds: dict[str, str]) -> Category:
    services = [_service(service, domains, kinds) for service in data["services"]]
    return Category(id=data["id"], name=data["name"], purpose=data["purpose"], services=services)


def _service(data: Any, domains: dict[str, str], kinds: dict[str, str]) -> Service:
    """A service as published: durations are told in the visitor's words, so they are left out."""
    cookies = [
        Cookie(
            name=item["name"],
            purpose=item["purpose"],
            duration="persistent",
            domain=domains.get(item["name"]),
        )
        for item in data["items"]
        if kinds.get(item["name"], "") == "cookie"
    ]
    storage = [
        Storage(name=item["name"], kind="local", purpose=item["purpose"])
        for item in data["items"]
        if kinds.get(item["name"], "") == "web"
    ]
    return Service(
        id=data["id"],
        name=data["name"],
        provider=data["provider"],
        purpose=data["purpose"],
        third_party=data["provider"] in data["access"],
        justification=data["justification"],
        hosts=data["hosts"],
        cookies=cookies,
        storage=storage,
    )
