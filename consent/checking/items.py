"""How long cookies stay, and which are declared twice; knows no wording."""

from collections.abc import Iterator
from typing import Final

from consent.checking.finding import Finding
from consent.checking.kinds import kind
from consent.checking.ready_made import is_as_delivered
from consent.checking.services import placed
from consent.durations import UNITS, Duration
from consent.model import Category, Cookie, Service
from consent.settings import MAX_LIFETIME, ConsentSettings
from consent.settings_errors import Place

MAX_AUDIENCE: Final = 396
"""Days in 13 months, at most."""


def check_items(settings: ConsentSettings) -> Iterator[Finding]:
    """What is to be said of each cookie, in the order declared; then of those declared twice."""
    for place, category, service in placed(settings):
        most = MAX_AUDIENCE if category.id == "analytics" else MAX_LIFETIME
        yield from _delivered(place, service, most)
        for index, cookie in enumerate(service.cookies):
            if not is_as_delivered(cookie, service):
                yield from _duration((*place, "cookies", index, "duration"), service, cookie, most)
    yield from _twice(settings)


def _delivered(place: Place, service: Service, most: int) -> Iterator[Finding]:
    """What the vendor sets in the site's own name, and the site could have it set for less."""
    long = [
        f"{cookie.name!r} ({cookie.duration})"
        for cookie in service.cookies
        if cookie.domain is None and is_as_delivered(cookie, service) and _stays(cookie) > most
    ]
    if long:
        what = (
            f"Service {service.id!r} sets cookies that stay for longer than {most} days: {', '.join(long)}."
        )
        yield kind("vendor-duration").at(place, what)


def _duration(place: Place, service: Service, cookie: Cookie, most: int) -> Iterator[Finding]:
    what = f"Cookie {cookie.name!r} of {service.id!r} stays for {cookie.duration}."
    if _stays(cookie) > most:
        yield kind("long-audience" if most == MAX_AUDIENCE else "capped").at(place, what)
    elif cookie.duration == "persistent":
        yield kind("no-duration").at(place, f"Cookie {cookie.name!r} of {service.id!r} has no duration.")


def _stays(cookie: Cookie) -> float:
    """For how many days; none if the browser or the site decides."""
    return (Duration.parse(cookie.duration).seconds or 0) / UNITS["day"]


def _twice(settings: ConsentSettings) -> Iterator[Finding]:
    """A name that two categories declare on one domain: consent to one of them is not enough.

    What the declarations of one vendor share is meant so.
    """
    first: dict[tuple[str, str | None], tuple[Category, Service, bool]] = {}
    for place, category, service in placed(settings):
        for index, cookie in enumerate(service.cookies):
            ours = is_as_delivered(cookie, service)
            name = cookie.name, cookie.domain
            before, owner, theirs = first.setdefault(name, (category, service, ours))
            if before is not category and not (ours and theirs):
                what = (
                    f"Cookie {cookie.name!r} of {service.id!r} in {category.id!r} is one of {owner.id!r} in"
                    f" {before.id!r} as well."
                )
                yield kind("cookie-twice").at((*place, "cookies", index, "name"), what)
