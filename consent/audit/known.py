"""Which ready-made services a thing may belong to; knows no site."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from consent.audit.sightings import Thing
from consent.claims import is_under
from consent.services.files import ids, read
from consent.services.trackers import GENERAL, MIN_STEM


def candidates(thing: Thing) -> tuple[str, ...]:
    """The services whose declaration names it."""
    if thing.kind == "host":
        hosts = _hosts()
        name = thing.name
        while name and name not in hosts:
            name = name.partition(".")[2]
        return hosts.get(name, ())
    return tuple(
        service
        for kind, name, domain, service in _items()
        if kind == thing.kind and _fits(name, thing.name) and (not domain or is_under(thing.host, domain))
    )


def recognised(things: Iterable[Thing]) -> Mapping[Thing, str]:
    """The one ready-made service that each thing most likely belongs to; without what could be several.

    The more of a site's things a service explains, the likelier it is. A name that anybody might give says
    nothing alone.
    """
    possible = {thing: candidates(thing) for thing in things}
    explained = Counter(service for thing, found in possible.items() if _tells(thing) for service in found)
    chosen = {thing: _likeliest(found, explained) for thing, found in possible.items()}
    return {thing: service for thing, service in chosen.items() if service is not None}


def _likeliest(found: Iterable[str], explained: Counter[str]) -> str | None:
    ranked = sorted({*found} & explained.keys(), key=lambda service: -explained[service])
    tied = len(ranked) > 1 and explained[ranked[0]] == explained[ranked[1]]
    return None if tied or not ranked else ranked[0]


def _tells(thing: Thing) -> bool:
    return thing.kind == "host" or (len(thing.name) >= MIN_STEM and thing.name not in GENERAL)


def _fits(declared: str, name: str) -> bool:
    return name.startswith(declared[:-1]) if declared.endswith("*") else name == declared


@lru_cache(maxsize=1)
def _hosts() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for service in ids():
        data = read(service)
        for host in (*data.get("hosts", ()), *data.get("shared_hosts", ())):
            found[host] = (*found.get(host, ()), service)
    return found


@lru_cache(maxsize=1)
def _items() -> tuple[tuple[str, str, str, str], ...]:
    """Kind, name, domain and service of all that ready-made services store."""
    return tuple(
        (item.get("kind", "cookie"), item["name"], item.get("domain", "").removeprefix("."), service)
        for service in ids()
        for item in (*read(service).get("cookies", ()), *read(service).get("storage", ()))
    )
