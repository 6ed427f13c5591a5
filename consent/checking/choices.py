"""What a site chooses for all of its pages: which of it is a risk; knows no single service."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from consent.checking.finding import Finding
from consent.checking.kinds import kind
from consent.checking.ready_made import last_checked
from consent.settings import ConsentSettings

MAX_CATEGORIES: Final = 5
"""How many categories a first layer can name before it fills a telephone's screen."""


def check_choices(settings: ConsentSettings, *, today: date) -> Iterator[Finding]:
    """What holds for the whole site, in the order of the settings."""
    yield from _layout(settings)
    yield from _policy_date(settings, today)
    yield from _gates(settings)
    yield from _categories(settings)


def check_written(table: Mapping[str, Any]) -> Iterator[Finding]:
    """What should not stand in a settings file, although it may."""
    if "secret_keys" in table:
        yield kind("secrets-in-file").at(("secret_keys",), "The secret keys stand in the file.")


def _layout(settings: ConsentSettings) -> Iterator[Finding]:
    if settings.layout == "modal":
        yield kind("modal").at(("layout",), "The layout is 'modal': pages wait until it is left.")


def _policy_date(settings: ConsentSettings, today: date) -> Iterator[Finding]:
    day, place = settings.policy_date, ("policy_date",)
    if day is None:
        yield kind("policy-undated").at(place, "'policy_date' is missing.")
    elif day > today:
        yield kind("policy-future").at(place, f"The policy was changed on {day}, which is to come.")
    else:
        services = [service for _, service in settings.catalogue.services]
        newer = {service.id: on for service in services if (on := last_checked(service)) and on > day}
        if newer:
            which, when = max(newer.items(), key=lambda item: item[1])
            what = f"The policy was last changed on {day}, and the ready-made {which!r} on {when}."
            yield kind("policy-old").at(place, what)


def _gates(settings: ConsentSettings) -> Iterator[Finding]:
    if settings.undeclared == "allow":
        yield kind("undeclared-allowed").at(("undeclared",), "Cookies that nobody declared are set.")
    if settings.exclude and not settings.gate_excluded:
        paths = ", ".join(settings.exclude)
        what = f"Nothing is withheld on {paths}, where no banner can be shown."
        yield kind("excluded-ungated").at(("gate_excluded",), what)
    yield from _hosts(settings)


def _hosts(settings: ConsentSettings) -> Iterator[Finding]:
    """Whether a tag that nobody marked would be held back; which tags are marked no settings tell."""
    asked = [service for category in settings.catalogue.asked for service in category.services]
    hosts = dict.fromkeys(host for service in asked for host in (*service.hosts, *service.shared_hosts))
    if not hosts:
        return
    if not settings.gate_markup and settings.csp != "enforce":
        named = next(iter(hosts)) + (f" and {len(hosts) - 1} more" if len(hosts) > 1 else "")
        what = f"A tag of a declared host ({named}) that is not marked still loads before anybody has agreed."
        yield kind("unmarked-tags").at(("gate_markup",), what)
    elif settings.csp == "off":
        yield kind("csp-off").at(("csp",), "Hosts are declared, and browsers are not told to refuse them.")


def _categories(settings: ConsentSettings) -> Iterator[Finding]:
    asked = len(settings.catalogue.asked)
    if asked > MAX_CATEGORIES:
        what = f"Visitors are asked about {asked} categories; a telephone shows {MAX_CATEGORIES} at once."
        yield kind("many-categories").at(("category",), what)
    for index, category in enumerate(settings.categories):
        if not category.services and category in settings.catalogue.asked:
            what = f"Category {category.id!r} has no service."
            yield kind("empty-category").at(("category", index), what)
