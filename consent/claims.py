"""Who declares a cookie's name, on one host of a site; knows no consent and no request."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from consent.model import Category, Cookie, Service

MAX_HOSTS: Final = 256
"""Hosts remembered: whoever sends a request chooses its ``Host``."""

MAX_LENGTH: Final = 260
"""Characters of the longest host looked at: a name of 253 (RFC 1035, 2.3.4), a colon and a port."""

_PORT = re.compile(r":[0-9]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One declared cookie together with the service and the category that declare it."""

    category: Category
    service: Service
    cookie: Cookie


class Claims:
    """The cookies that can be met on one host: by exact name, else by the longest prefix. Immutable."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        exact: dict[str, tuple[Claim, ...]] = {}
        prefixes: dict[str, tuple[Claim, ...]] = {}
        for claim in claims:
            table = prefixes if claim.cookie.is_pattern else exact
            table[claim.cookie.stem] = (*table.get(claim.cookie.stem, ()), claim)
        # With what they need: put together for each cookie that comes, a set takes 3,000 instructions.
        self._exact = {stem: (several, _services(several)) for stem, several in exact.items()}
        self._prefixes = {stem: (several, _services(several)) for stem, several in prefixes.items()}
        self._stems = sorted(prefixes, key=len, reverse=True)

    def of(self, name: str) -> tuple[Claim, ...]:
        """Who declares the cookie ``name``; empty if nobody does."""
        return self._found(name)[0]

    def requires(self, name: str) -> frozenset[str] | None:
        """The services that must all be granted for the cookie ``name``; ``None`` if undeclared.

        A cookie that serves two purposes needs both. [CNIL, Microsoft Ireland, 2022]
        """
        return self._found(name)[1]

    def _found(self, name: str) -> tuple[tuple[Claim, ...], frozenset[str] | None]:
        exact = self._exact.get(name)
        if exact is not None:
            return exact
        for stem in self._stems:
            if name.startswith(stem):
                return self._prefixes[stem]
        return (), None


class ClaimsByHost:
    """All claims. One with a domain counts only on hosts under it (RFC 6265bis, 5.1.3): a cookie ``sid`` of
    an advertiser's own domain is no claim on what the site itself calls so.
    """

    def __init__(self, claims: Iterable[Claim]) -> None:
        self._all = tuple(claims)
        self._domains = sorted({domain for claim in self._all if (domain := _domain(claim))})
        self.everywhere = Claims(claim for claim in self._all if _domain(claim) is None)
        """Those without a domain."""
        self.differs = bool(self._domains)
        """Whether it matters which host is asked."""
        self._under: dict[tuple[str, ...], Claims] = {(): self.everywhere}
        self._found = lru_cache(maxsize=MAX_HOSTS)(self._find)

    def on(self, host: str) -> Claims:
        """Those that count on ``host``, as a browser names it: with its port, in any case."""
        if not self.differs or len(host) > MAX_LENGTH:
            return self.everywhere
        return self._found(host)

    def _find(self, host: str) -> Claims:
        """Hosts under the same declared domains share one table, so there are few."""
        name = host_name(host)
        domains = tuple(domain for domain in self._domains if is_under(name, domain))
        if domains not in self._under:
            self._under[domains] = Claims(claim for claim in self._all if _domain(claim) in (None, *domains))
        return self._under[domains]


def host_name(host: str) -> str:
    """The name in a ``Host`` header: without port and final dot, in lower case."""
    return _PORT.sub("", host.lower()).removesuffix(".")


def is_under(name: str, domain: str) -> bool:
    """Whether cookies of ``domain`` go to the host ``name``: it is that domain or a part of it."""
    return f".{name}".endswith(f".{domain}")


def _services(claims: Iterable[Claim]) -> frozenset[str]:
    return frozenset(claim.service.id for claim in claims)


def _domain(claim: Claim) -> str | None:
    domain = claim.cookie.domain
    return None if domain is None else domain.removeprefix(".")
