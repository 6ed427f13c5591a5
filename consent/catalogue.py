"""All declarations compiled: which cookie or host needs which consent; knows no visitor's request."""

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from consent.claims import Claim, Claims, ClaimsByHost
from consent.errors import ConfigurationError
from consent.model import NECESSARY, Category, Service
from consent.state import Answer, Consent, Verdict

FINGERPRINT_LENGTH = 10
"""Hexadecimal digits of a fingerprint: 40 bits, plenty to tell one site's own versions apart."""


Needs = frozenset[str]
"""What must be granted, all of it: ids, or several joined by ``|`` of which one is enough."""


def are_met(needs: Needs, granted: frozenset[str]) -> bool:
    """Whether ``granted`` is enough for ``needs``."""
    return needs <= granted or all(not granted.isdisjoint(need.split("|")) for need in needs)


def asked_for(needs: Needs) -> frozenset[str]:
    """The ids with which ``needs`` are met: where one of several is enough, the one declared first."""
    return frozenset(need.partition("|")[0] for need in needs)


_UNSAID: tuple[str, Verdict] = ("", Verdict.UNDECIDED)
_NOTHING = frozenset[str]()
_Meaning = tuple[frozenset[str], frozenset[str], frozenset[str]]
_MAX_MET = 1024
"""Answers kept with what they mean."""


class Catalogue:
    """The one source for blocking, expiry, the policy table and the audit. Immutable.

    Raises `ConfigurationError` if an id stands twice: categories and services share one namespace.
    """

    def __init__(self, categories: Iterable[Category]) -> None:
        given = tuple(categories)
        if not any(category.id == NECESSARY for category in given):
            given = (Category(id=NECESSARY), *given)
        self.categories = tuple(sorted(given, key=lambda category: category.id != NECESSARY))
        self.asked = tuple(category for category in self.categories if category.id != NECESSARY)
        self.ids = frozenset(self._unique_ids())
        self.fingerprints: Mapping[str, str] = MappingProxyType(
            {category.id: _fingerprint(category) for category in self.asked}
        )
        necessary = (category for category in self.categories if category.id == NECESSARY)
        self._always = frozenset(_with_services(necessary))
        self._meant = lru_cache(maxsize=1024)(self._meaning)
        self._meant_by = dict[int, tuple[Mapping[str, tuple[str, Verdict]], frozenset[str], _Meaning]]()
        self._whole = {category.id: frozenset(_with_services([category])) for category in self.asked}
        self._claims = ClaimsByHost(
            Claim(category=category, service=service, cookie=cookie)
            for category, service in self.services
            for cookie in service.cookies
        )
        self.differs_by_host = self._claims.differs
        """Whether some declared cookie is another site's, so that it matters which host is asked."""
        self._hosts = _hosts(service for _, service in self.services)

    def _unique_ids(self) -> Iterator[str]:
        seen: dict[str, str] = {}
        for category in self.categories:
            entries = [("Category", category.id), *(("Service", service.id) for service in category.services)]
            for what, name in entries:
                if name in seen:
                    raise ConfigurationError(
                        f"{what} {name!r}",
                        f"the id is already taken by a {seen[name].lower()}; ids must be unique.",
                    )
                seen[name] = what
                yield name

    @property
    def services(self) -> Iterator[tuple[Category, Service]]:
        """Every service with its category, in the order declared."""
        return ((category, service) for category in self.categories for service in category.services)

    def service(self, identifier: str) -> Service | None:
        """The service of this id."""
        return next((service for _, service in self.services if service.id == identifier), None)

    @property
    def hosts(self) -> Mapping[str, Needs]:
        """Every declared host with what must be granted to contact it."""
        return MappingProxyType(self._hosts)

    @property
    def partners(self) -> int:
        """How many third parties the visitor is asked about, each provider counted once."""
        asked = (service for category in self.asked for service in category.services)
        return len({service.provider for service in asked if service.third_party})

    @property
    def fingerprint(self) -> str:
        """A short hash over all categories that are asked for."""
        return _digest(sorted(self.fingerprints.items()))

    def on(self, host: str) -> Claims:
        """The declared cookies that can be met on ``host``; without one, those of no domain in particular."""
        return self._claims.on(host)

    def requires(self, name: str, host: str = "") -> frozenset[str] | None:
        """What must all be granted for the cookie ``name`` on ``host``; ``None`` if undeclared."""
        return self.on(host).requires(name)

    def requires_host(self, host: str) -> Needs | None:
        """What must be granted to contact ``host``; ``None`` if undeclared."""
        while host:
            needs = self._hosts.get(host)
            if needs is not None:
                return needs
            host = host.partition(".")[2]
        return None

    def expanded(self, ids: frozenset[str]) -> frozenset[str]:
        """The ids, and for each category among them those of its services."""
        return ids | _with_services(category for category in self.categories if category.id in ids)

    def categories_of(self, ids: Iterable[str]) -> frozenset[str]:
        """The categories among the ids, and those of the services among them."""
        wanted = frozenset(ids)
        return frozenset(
            category.id
            for category in self.asked
            if category.id in wanted or any(service.id in wanted for service in category.services)
        )

    def standing(self, answer: Answer | None, *, after: float = -math.inf) -> Consent:
        """What an answer means today: it counts for each category that has not changed since.

        What was said at ``after`` (Unix seconds) or earlier is too old to count.
        """
        if answer is None:
            granted, denied, undecided = self._meant((), _NOTHING)
        elif answer.ages or answer.time <= after:
            counting = {
                category: verdict
                for category, verdict in answer.verdicts.items()
                if answer.time_of(category) > after
            }
            granted, denied, undecided = self._meant(tuple(counting.items()), answer.services)
        else:
            granted, denied, undecided = self._whole_meaning(answer)
        return Consent(granted, denied, undecided, (), _NOTHING, answer)  # by place: half of the time

    def _whole_meaning(self, answer: Answer) -> _Meaning:
        """What all of it means. Answers of the same words share what they were read into, as long as that is
        kept: found by it, the meaning costs a new visitor 1,000 instructions instead of 8,000.
        """
        found = self._meant_by.get(id(answer.verdicts))
        if found is not None and found[0] is answer.verdicts and found[1] is answer.services:
            return found[2]
        meaning = self._meant(tuple(answer.verdicts.items()), answer.services)
        if len(self._meant_by) >= _MAX_MET:
            self._meant_by.clear()
        self._meant_by[id(answer.verdicts)] = answer.verdicts, answer.services, meaning
        return meaning

    def _meaning(
        self, verdicts: tuple[tuple[str, tuple[str, Verdict]], ...], services: frozenset[str]
    ) -> _Meaning:
        """What is granted, denied and undecided: visitors who said the same share it.

        Kept, it costs a new visitor 6,000 instructions instead of 47,000, and the garbage collector nothing.
        """
        said = dict(verdicts)
        granted, denied = set(self._always), set[str]()
        for category in self.asked:
            self._apply(category, said.get(category.id, _UNSAID), services, granted, denied)
        return frozenset(granted), frozenset(denied), self.ids.difference(granted, denied)

    def _apply(
        self,
        category: Category,
        said: tuple[str, Verdict],
        services: frozenset[str],
        granted: set[str],
        denied: set[str],
    ) -> None:
        fingerprint, verdict = said
        if fingerprint != self.fingerprints[category.id]:
            return
        whole = self._whole[category.id]
        if verdict is Verdict.GRANTED:
            granted |= whole
            return
        singly = whole & services
        granted |= singly
        if verdict is Verdict.DENIED:
            denied |= whole - singly


def _with_services(categories: Iterable[Category]) -> set[str]:
    return {name for category in categories for name in (category.id, *(s.id for s in category.services))}


def _hosts(services: Iterable[Service]) -> dict[str, Needs]:
    """Whoever has a host for itself must be granted, all of them; else one of those that share it."""
    own: dict[str, Needs] = {}
    shared: dict[str, list[str]] = {}
    for service in services:
        for host in service.hosts:
            own[host] = own.get(host, Needs()) | {service.id}
        for host in service.shared_hosts:
            shared.setdefault(host, []).append(service.id)
    return {host: Needs({"|".join(ids)}) for host, ids in shared.items()} | own


def material(service: Service) -> dict[str, Any]:
    """What of a service matters to the visitor's decision: an answer counts only while it is the same."""
    return {
        "id": service.id,
        "provider": service.provider,
        "country": service.country,
        "third_party": service.third_party,
        "revision": service.revision,
        "hosts": sorted({*service.hosts, *service.shared_hosts}),
        "storage": sorted({item.kind for item in service.storage}),
        "durations": sorted({*(c.duration for c in service.cookies), *(s.duration for s in service.storage)}),
    }


def _fingerprint(category: Category) -> str:
    """Only what is material: mended wording never asks anybody again (R16)."""
    return _digest([category.id, sorted([*material(service).values()] for service in category.services)])


def _digest(value: object) -> str:
    canonical = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:FINGERPRINT_LENGTH]
