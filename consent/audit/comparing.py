"""Compares what was seen with what is declared; knows no browser and no report."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from consent.audit.declared import Declared, Item
from consent.audit.sightings import Facts, Observations, Phase, Sighting, Thing
from consent.catalogue import are_met
from consent.model import NECESSARY
from consent.own_cookies import MARKER
from consent.services.trackers import tracker_of
from consent.settings import OWN_COOKIES

Fault = Literal["undeclared", "early", "surviving", "mislabelled", "asking"]

FAULTS: Final[tuple[Fault, ...]] = ("early", "surviving", "undeclared", "mislabelled", "asking")
"""The worst first."""

_OWN: Final = frozenset({*OWN_COOKIES, MARKER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault: which, of what, and in which phases on which pages it showed.

    ``what`` is the kind of thing, or the layer where the asking is at fault. ``services`` are those that
    declare it. ``because`` adds what the name alone does not tell.
    """

    fault: Fault
    what: str
    name: str
    host: str = ""
    services: tuple[str, ...] = ()
    seen: Mapping[Phase, tuple[str, ...]] = field(default_factory=dict)
    facts: Facts = field(default_factory=Facts)
    because: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What stays the same from one audit to the next."""
        return (self.fault, self.what, self.name, self.host)

    @property
    def pages(self) -> tuple[str, ...]:
        """Where it showed, each page once."""
        return tuple(dict.fromkeys(page for pages in self.seen.values() for page in pages))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The faults, and what is declared and was never seen: hints, as nobody sees all that a site can do."""

    findings: tuple[Finding, ...]
    unseen: tuple[Item, ...]


def compare(observed: Observations, declared: Declared) -> Comparison:
    """What is at fault, the worst kinds first, and what was never seen (R48)."""
    by_thing: dict[Thing, list[Sighting]] = {}
    for sighting in observed.sightings:
        by_thing.setdefault(sighting.thing.on(observed.host), []).append(sighting)
    met = frozenset(item for thing in by_thing for item in declared.meant(thing))
    faults = [
        *(found for thing, seen in by_thing.items() if (found := _judged(thing, seen, declared))),
        *_mislabelled(by_thing, declared),
        *_asking(observed),
    ]
    return Comparison(
        findings=tuple(
            sorted(faults, key=lambda one: (FAULTS.index(one.fault), one.what, one.name, one.host))
        ),
        unseen=tuple(dict.fromkeys(item for item in declared.items if item not in met)),
    )


def _judged(thing: Thing, seen: Sequence[Sighting], declared: Declared) -> Finding | None:
    """The one thing that is wrong with it: undeclared, else too early, else still there afterwards."""
    if (
        thing.kind == "cookie" and not thing.host and thing.name in _OWN
    ):  # there must be none before somebody has chosen
        before = [one for one in seen if one.phase is Phase.BEFORE]
        return _finding("early", thing, before) if before else None
    if thing.host:  # what others have stored a site cannot delete: after a withdrawal it can only stay away
        seen = [one for one in seen if one.phase is not Phase.WITHDRAWN]
    if not seen:
        return None
    needs = declared.needs(thing)
    if needs is None:
        return None if thing.kind == "pixel" else _finding("undeclared", thing, seen)
    wrong = [one for one in seen if not are_met(needs, declared.granted_in(one.phase))]
    if not wrong:
        return None
    is_early = any(one.phase is not Phase.WITHDRAWN for one in wrong)
    return _finding("early" if is_early else "surviving", thing, wrong, needs)


def _finding(fault: Fault, thing: Thing, seen: Sequence[Sighting], needs: Iterable[str] = ()) -> Finding:
    return Finding(
        fault=fault,
        what=thing.kind,
        name=thing.name,
        host=thing.host,
        services=tuple(sorted(need for needed in needs for need in needed.split("|"))),
        seen=_places(seen),
        facts=max((one.facts for one in seen), key=lambda facts: facts.seconds or 0),
    )


def _places(seen: Iterable[Sighting]) -> Mapping[Phase, tuple[str, ...]]:
    places: dict[Phase, dict[str, None]] = {}
    for one in seen:
        places.setdefault(one.phase, {})[one.page] = None
    return {phase: tuple(places[phase]) for phase in Phase if phase in places}


def _mislabelled(by_thing: Mapping[Thing, list[Sighting]], declared: Declared) -> Iterator[Finding]:
    """Cookies of well-known trackers among the necessary, whatever visitors are told about it (R12)."""
    for category, service in declared.catalogue.services:
        for cookie in service.cookies if category.id == NECESSARY else ():
            known = tracker_of(cookie.name)
            if known is None:
                continue
            item = Item(kind="cookie", name=cookie.name, service=service.id, domain=_domain(cookie.domain))
            seen = [one for thing, all_ in by_thing.items() if item in declared.meant(thing) for one in all_]
            yield Finding(
                fault="mislabelled",
                what="cookie",
                name=cookie.name,
                services=(service.id,),
                seen=_places(seen),
                because=f"known as one of {known}",
            )


def _domain(domain: str | None) -> str:
    return (domain or "").removeprefix(".")


def _asking(observed: Observations) -> Iterator[Finding]:
    for one in observed.asking:
        yield Finding(fault="asking", what=one.where, name=one.fault, seen={Phase.BEFORE: (one.page,)})
