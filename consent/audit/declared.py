"""The declarations as an audit asks them: what a thing needs, and which item it is; knows no browser."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from consent.audit.sightings import Kind, Phase, Thing
from consent.catalogue import Catalogue, Needs
from consent.errors import ConfigurationError
from consent.model import Category, Cookie, Service, Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One declared cookie, storage key, pixel or host of one service."""

    kind: Kind
    name: str
    service: str
    domain: str = ""


class Declared:
    """A catalogue, asked about things that were seen on a site at ``host``."""

    def __init__(self, catalogue: Catalogue, host: str) -> None:
        self.catalogue = catalogue
        self._host = host
        self._stored: dict[tuple[str, str], list[Service]] = {}
        for _, service in catalogue.services:
            for storage in service.storage:
                self._stored.setdefault((storage.kind, storage.name), []).append(service)

    @property
    def items(self) -> Iterator[Item]:
        """All that is declared."""
        for _, service in self.catalogue.services:
            for cookie in service.cookies:
                yield _cookie(service, cookie)
            for storage in service.storage:
                yield Item(kind=storage.kind, name=storage.name, service=service.id)
            for host in (*service.hosts, *service.shared_hosts):
                yield Item(kind="host", name=host, service=service.id)

    def meant(self, thing: Thing) -> frozenset[Item]:
        """The declared items that ``thing`` is one of; empty if nobody declared it."""
        if thing.kind == "cookie":
            claims = self.catalogue.on(thing.host or self._host).of(thing.name)
            return frozenset(_cookie(claim.service, claim.cookie) for claim in claims)
        if thing.kind == "host":
            name = self._declared_host(thing.name)
            return frozenset(item for item in self.items if (item.kind, item.name) == ("host", name))
        name = self._stored_name(thing.kind, thing.name)
        services = self._stored.get((thing.kind, name), ())
        return frozenset(Item(kind=thing.kind, name=name, service=service.id) for service in services)

    def needs(self, thing: Thing) -> Needs | None:
        """What must be granted for it, all of it; ``None`` if undeclared."""
        if thing.kind == "host":
            return self.catalogue.requires_host(thing.name)
        return Needs(item.service for item in self.meant(thing)) or None

    def granted_in(self, phase: Phase) -> frozenset[str]:
        """What a visitor has agreed to in this phase. A signal denies what is objectable (R43)."""
        catalogue = self.catalogue
        if phase is Phase.ACCEPTED:
            return catalogue.ids
        categories = catalogue.categories if phase is Phase.GPC else catalogue.categories[:1]
        kept = frozenset(category.id for category in categories if not category.is_objectable)
        return catalogue.expanded(kept)

    def _declared_host(self, host: str) -> str:
        while host and host not in self.catalogue.hosts:
            host = host.partition(".")[2]
        return host

    def _stored_name(self, kind: str, name: str) -> str:
        """Exact names win over prefixes, long prefixes over short ones, as with cookies."""
        if (kind, name) in self._stored:
            return name
        prefixes = (stem for of, stem in self._stored if of == kind and stem.endswith("*"))
        fitting = [prefix for prefix in prefixes if name.startswith(prefix[:-1])]
        return max(fitting, key=len, default=name)


def _cookie(service: Service, cookie: Cookie) -> Item:
    domain = (cookie.domain or "").removeprefix(".")
    return Item(kind="cookie", name=cookie.name, service=service.id, domain=domain)


def read_policy(told: Any) -> Catalogue:
    """The catalogue that a site tells at ``/consent/policy.json``.

    Raises `ConfigurationError` if it is told by another version, or is something else.
    """
    try:
        return Catalogue([_category(each) for each in told])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        problem = f"the declarations cannot be read ({type(error).__name__}); name them with --settings."
        raise ConfigurationError("policy.json", problem) from None


def _category(told: Mapping[str, Any]) -> Category:
    services = [_service(each) for each in told["services"] if "declared" in each]
    texts = {"name": told["name"], "purpose": told["purpose"]}
    return Category(id=told["id"], services=services, objectable=told["objectable"], **texts)


def _service(told: Mapping[str, Any]) -> Service:
    declared = told["declared"]
    texts: dict[str, Any] = {
        name: told[name] for name in ("id", "name", "provider", "purpose", "justification")
    }
    return Service(
        **texts,
        hosts=declared["hosts"],
        shared_hosts=declared["shared_hosts"],
        cookies=[Cookie(purpose=told["purpose"], **each) for each in declared["cookies"]],
        storage=[Storage(purpose=told["purpose"], **each) for each in declared["storage"]],
    )
