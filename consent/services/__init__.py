"""Ready-made declarations of well-known services, as data: knows no site, and reads only its own files.

``services.youtube()`` is a `Service` to declare, ``services.load("youtube")`` the same by its id; in a
settings file it is ``use = "youtube"``. What is given with it wins: a field replaces ours, and items of
``cookies`` and ``storage`` are mended by their name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypedDict, Unpack

from consent.checks import Text
from consent.model import Cookie, Embed, Service, Storage
from consent.services.files import Data, closest, ids, read
from consent.services.merging import merged


class Overrides(TypedDict, total=False):
    """What a site may say otherwise; the fields of `Service`."""

    id: str
    name: Text
    provider: str
    purpose: Text
    third_party: bool
    policy_url: str | None
    country: str | None
    justification: Text | None
    override: Text | None
    revision: int
    consent_call: str | None
    hosts: Sequence[str]
    shared_hosts: Sequence[str]
    cookies: Sequence[Cookie | Mapping[str, object]]
    storage: Sequence[Storage | Mapping[str, object]]
    embed: Embed | None


class Factory(Protocol):
    """Makes one ready-made service."""

    def __call__(self, **overrides: Unpack[Overrides]) -> Service:
        """The service, with what ``overrides`` say otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceInfo:
    """What is known of a ready-made service beside its declaration.

    ``category`` is where it belongs on an ordinary site; ``sources`` are the vendor's own pages on
    the subject; ``checked`` is the day on which the declaration was last gone through.
    """

    id: str
    kind: str
    category: str
    sources: tuple[str, ...]
    checked: date


def names() -> tuple[str, ...]:
    """The ids of all ready-made services."""
    return ids()


def load(name: str, /, **overrides: Unpack[Overrides]) -> Service:
    """The ready-made service ``name``, with what ``overrides`` say otherwise.

    A cookie or storage item changes those fields of ours of the same name that it gives (a `Cookie` gives
    all that differ from its defaults); an item of a new name is added. Raises `ConfigurationError` for an
    unknown ``name``.
    """
    declaration: Data = merged(name, overrides, "services.load")
    for field, kind in (("cookies", Cookie), ("storage", Storage)):
        declaration[field] = [kind(**item) for item in declaration.get(field, ())]
    if isinstance(declaration.get("embed"), Mapping):
        declaration["embed"] = Embed(**declaration["embed"])
    return Service(**declaration)


def about(name: str) -> ServiceInfo:
    """Where the facts of the ready-made service ``name`` come from, and where it belongs."""
    data = read(name, "services.about")
    return ServiceInfo(
        id=name,
        kind=data["kind"],
        category=data["category"],
        sources=tuple(data["sources"]),
        checked=data["checked"],
    )


def __getattr__(name: str) -> Factory:
    wanted = name.replace("_", "-")
    if wanted not in ids():
        close = "".join(f"; {_python(found)!r} is one" for found in closest(wanted))
        raise AttributeError(f"module {__name__!r} has no ready-made service {name!r}{close}")

    def factory(**overrides: Unpack[Overrides]) -> Service:
        return load(wanted, **overrides)

    factory.__name__ = factory.__qualname__ = name
    factory.__doc__ = f"{read(wanted)['name']}: {read(wanted)['purpose']}"
    return factory


def __dir__() -> list[str]:
    return sorted({*globals(), *map(_python, ids())})


def _python(name: str) -> str:
    return name.replace("-", "_")
