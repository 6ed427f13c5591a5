"""What the audit's tests make up: things that were seen, and declarations to compare them with."""

from collections.abc import Sequence
from typing import Any

from consent import Category
from consent.audit.declared import Declared
from consent.audit.sightings import Asking, Facts, Kind, Observations, Phase, Sighting, Thing
from consent.catalogue import Catalogue
from tests.sites import categories

SITE = "www.paper.example"


def thing(kind: Kind, name: str, host: str = SITE) -> Thing:
    return Thing(kind=kind, name=name, host="" if kind == "host" else host)


def sighting(seen: Thing, *phases: Phase, page: str = "/", facts: Facts | None = None) -> list[Sighting]:
    return [Sighting(thing=seen, phase=phase, page=page, facts=facts or Facts()) for phase in phases]


def observed(*seen: Sequence[Sighting], asking: Sequence[Asking] = (), **values: Any) -> Observations:
    given: dict[str, Any] = {"site": f"https://{SITE}", "host": SITE, "pages": ("/", "/news"), **values}
    return Observations(sightings=tuple(one for each in seen for one in each), asking=tuple(asking), **given)


def declared(given: Sequence[Category] | None = None) -> Declared:
    return Declared(Catalogue(categories() if given is None else given), SITE)
