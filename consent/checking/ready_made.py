"""Which ready-made services a declaration speaks of, by its id or its hosts; judges nothing."""

from collections.abc import Mapping
from datetime import date
from functools import cache

from consent.model import Cookie, Service
from consent.services.files import Data, ids, read


def kin(service: Service) -> tuple[Data, ...]:
    """The ready-made declarations of this service; several where they contact the same host."""
    if service.id in ids():
        return (read(service.id),)
    names = {name for host in service.hosts for name in _by_host().get(host, ())}
    return tuple(read(name) for name in sorted(names))


@cache
def _by_host() -> Mapping[str, frozenset[str]]:
    """The services that contact each host for themselves."""
    found: dict[str, frozenset[str]] = {}
    for name in ids():
        for host in read(name).get("hosts", ()):
            found[host] = found.get(host, frozenset()) | {name}
    return found


def is_as_delivered(cookie: Cookie, service: Service) -> bool:
    """Whether the ready-made declaration says the same of how long this cookie stays."""
    said = (cookie.name, cookie.domain, cookie.duration)
    return any(
        said == (each["name"], each.get("domain"), each["duration"])
        for data in kin(service)
        for each in data.get("cookies", ())
    )


def last_checked(service: Service) -> date | None:
    """When the ready-made declaration of this id was last gone through."""
    return read(service.id)["checked"] if service.id in ids() else None
