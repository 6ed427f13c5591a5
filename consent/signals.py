"""What browsers say by themselves: GPC, DNT, ADPC; reads values of headers, and knows no visitor and no ASGI.

A signal is an objection and never a grant. Only ADPC knows consents too: those that a visitor gave in the
browser to requests which this site makes word for word.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

from consent.errors import ConfigurationError
from consent.model import Category
from consent.state import Said

MAX_ADPC: Final = 4_096
"""Characters of the longest ``ADPC`` that is read, all its lines together."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_FIELD = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_MEMBER = re.compile(r'[ \t]*(?:([a-z][a-z0-9-]*)=(?:"([^"\\]*)"|([^\s",;\\]*))[ \t]*)?(,|\Z)')
_OBJECTION: Final = "direct-marketing"

Values = Mapping[str, Sequence[str]]
"""The lines of the request headers that a signal reads, by the header's name in lower case."""


@runtime_checkable
class Signal(Protocol):
    """One signal: the package's own, or a site's.

    ``name`` stands in records and in the visitor's cookie: lower-case words joined by single hyphens.
    ``label`` is what visitors read. ``headers`` are the request headers that it looks at, as ``Vary``
    names them. The same values always say the same: what they say is kept.
    """

    @property
    def name(self) -> str:
        """What records call it."""
        ...

    @property
    def label(self) -> str:
        """What visitors read."""
        ...

    @property
    def headers(self) -> Sequence[str]:
        """The request headers that it looks at."""
        ...

    def denies(self, values: Values, categories: Sequence[Category]) -> Iterable[str] | None:
        """The ids of the ``categories`` that it denies; ``None`` if it is not there."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A header that objects by the value ``1``, and by no other."""

    name: str
    label: str
    headers: tuple[str, ...]

    def denies(self, values: Values, categories: Sequence[Category]) -> frozenset[str] | None:
        """All that is objectable, if one line of the header is exactly ``1``. [W3C GPC, 3.3]"""
        sent = any("1" in values.get(name.lower(), ()) for name in self.headers)
        return objectable(categories) if sent else None


GPC: Final = Flag(name="gpc", label="Global Privacy Control (GPC)", headers=("Sec-GPC",))
"""The objection to selling and sharing what is known of a visitor."""

DNT: Final = Flag(name="dnt", label="Do Not Track (DNT)", headers=("DNT",))
"""The older one, which some browsers and extensions still send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What an ``ADPC`` header holds: identifiers of requests and of objections, as they came."""

    consent: frozenset[str]
    withdraw: frozenset[str]
    object: frozenset[str]


@dataclass(frozen=True, slots=True)
class Adpc:
    """Advanced Data Protection Control: objections, withdrawals and consents, by request."""

    name: str = "adpc"
    label: str = "Advanced Data Protection Control (ADPC)"
    headers: tuple[str, ...] = ("ADPC",)

    def denies(self, values: Values, categories: Sequence[Category]) -> frozenset[str] | None:
        """What it denies of a site that makes no requests."""
        said = self.said(values, categories, {})
        return None if said is None else said.denied

    def said(
        self, values: Values, categories: Sequence[Category], requests: Mapping[str, str]
    ) -> Said | None:
        """All that it says; ``requests`` maps the identifiers of today's requests to categories.

        The specific prevails over the general: a consent over ``withdraw=*`` and over an objection. Who
        withdraws and consents to one and the same has withdrawn, and so has who withdraws from a
        request in its earlier words. [ADPC, 6.5]
        """
        decisions = parse_adpc(values.get("adpc", ()))
        if decisions is None:
            return None
        ids = frozenset(category.id for category in categories)
        denied = ids if "*" in decisions.withdraw else frozenset()
        if _OBJECTION in decisions.object:
            denied |= objectable(categories)
        denied |= ids & {identifier.rpartition(".")[0] for identifier in decisions.withdraw}
        withdrawn = {requests.get(identifier) for identifier in decisions.withdraw}
        granted = {requests[identifier] for identifier in decisions.consent & requests.keys()} - withdrawn
        return Said(name=self.name, denied=denied - granted, granted=frozenset(granted))


ADPC: Final = Adpc()
"""Objections, withdrawals and consents that the browser itself keeps."""

KNOWN: Final[Mapping[str, Signal]] = {signal.name: signal for signal in (GPC, DNT, ADPC)}
"""The package's own signals, by the names that settings give them."""


def objectable(categories: Iterable[Category]) -> frozenset[str]:
    """The ids of those that a general objection denies."""
    return frozenset(category.id for category in categories if category.is_objectable)


def parse_adpc(lines: Sequence[str]) -> Decisions | None:
    """What all ``lines`` of the header say together; ``None`` if there is none.

    Lines are one list, however they were cut. Where anything in it is malformed or it is longer than
    `MAX_ADPC`, nothing of it counts. Unknown members are passed over. [ADPC, 7.2]
    """
    text = ",".join(lines)
    if not lines or len(text) > MAX_ADPC:
        return None
    members = _members(text)
    if members is None:
        return None
    found: dict[str, set[str]] = {"consent": set(), "withdraw": set(), "object": set()}
    for key, identifiers in members:
        found.get(key, set()).update(identifiers.split())
    return Decisions(**{key: frozenset(identifiers) for key, identifiers in found.items()})


def _members(text: str) -> list[tuple[str, str]] | None:
    """Each member with its value; ``None`` if the list breaks anywhere."""
    members, position = list[tuple[str, str]](), 0
    while position <= len(text):
        match = _MEMBER.match(text, position)
        if match is None:
            return None
        if match[1]:
            members.append((match[1], match[2] or match[3] or ""))
        position = match.end() if match[4] else len(text) + 1
    return members


def resolve(given: Iterable[Any]) -> tuple[Signal, ...]:
    """The signals that settings name or bring; raises `ConfigurationError` for what is none."""
    signals: list[Signal] = []
    for index, wanted in enumerate(given):
        signal = KNOWN.get(wanted, wanted) if isinstance(wanted, str) else wanted
        place = f"signals[{index}]"
        if not isinstance(signal, Signal):
            names = ", ".join(repr(name) for name in KNOWN)
            problem = f"came as {wanted!r}; allowed are {names} and objects like those of `consent.signals`."
            raise ConfigurationError(place, problem)
        _check(place, signal)
        if signal.name in {other.name for other in signals}:
            raise ConfigurationError(place, f"the name {signal.name!r} is already taken; names are unique.")
        signals.append(signal)
    return tuple(signals)


def _check(place: str, signal: Signal) -> None:
    if not _NAME.fullmatch(signal.name):
        allowed = "at most 32 lower-case letters, digits and hyphens"
        raise ConfigurationError(place, f"its name came as {signal.name!r}; allowed are {allowed}.")
    headers = signal.headers
    if isinstance(headers, str) or not headers or not all(map(_FIELD.fullmatch, headers)):
        allowed = "one or more names of headers"
        raise ConfigurationError(place, f"its headers came as {headers!r}; allowed are {allowed}.")
