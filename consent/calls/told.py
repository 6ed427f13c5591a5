"""Which vendors a site has to tell, and which services stand behind what each is told; knows no script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from consent.calls.regions import expand_regions
from consent.calls.vendors import Vendor, vendor, vendor_names
from consent.catalogue import Catalogue
from consent.errors import ConfigurationError
from consent.model import NECESSARY, Category, Service

MEANINGS: Final = ("analytics", "marketing", "preferences")
"""What vendors' parameters are about: a category stands for the one of its own name, or for what
``consent_calls`` says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One vendor and the services for which it is told.

    ``services`` grant as soon as one of them is allowed; ``parameters`` has for each of the vendor's own
    the services that grant it, where it has any. ``regions`` are those where the default denies, which
    without any is everywhere.
    """

    vendor: Vendor
    services: tuple[str, ...]
    parameters: Mapping[str, tuple[str, ...]]
    regions: tuple[str, ...] = ()


def vendors_told(
    catalogue: Catalogue, meanings: Mapping[str, Sequence[str]], regions: Sequence[str]
) -> tuple[Told, ...]:
    """Everybody to tell, by id. What is necessary waits for nobody's consent and tells nobody.

    Raises `ConfigurationError` for a call that there is not, for one that would never be granted, and for
    ``meanings`` or ``regions`` that mean nothing.
    """
    _check_meanings(catalogue, meanings)
    calling: dict[str, list[tuple[Category, Service]]] = {}
    for category, service in catalogue.services:
        if service.consent_call is None:
            continue
        if service.consent_call not in vendor_names():
            allowed = ", ".join(vendor_names())
            problem = f"'consent_call' came as {service.consent_call!r}; allowed are {allowed}."
            raise ConfigurationError(f"Service {service.id!r}", problem)
        if category.id != NECESSARY:
            calling.setdefault(service.consent_call, []).append((category, service))
    codes = expand_regions(regions)
    if codes and "google" not in calling:
        problem = "is given, but there is no service to be asked for whose 'consent_call' is 'google'."
        raise ConfigurationError("google_regions", problem)
    return tuple(
        _told(vendor(name), calling[name], meanings, codes if name == "google" else ())
        for name in sorted(calling)
    )


def _told(
    vendor: Vendor,
    calling: list[tuple[Category, Service]],
    meanings: Mapping[str, Sequence[str]],
    regions: tuple[str, ...],
) -> Told:
    granting: dict[str, list[str]] = {name: [] for names in vendor.parameters.values() for name in names}
    for category, service in calling:
        meant = meanings.get(category.id, (category.id,))
        names = [name for meaning in meant for name in vendor.parameters.get(meaning, ())]
        if granting and not names:
            raise ConfigurationError(f"Service {service.id!r}", _unheard(vendor, category))
        for name in names:
            granting[name].append(service.id)
    return Told(
        vendor=vendor,
        services=tuple(service.id for _, service in calling),
        parameters={name: tuple(services) for name, services in granting.items()},
        regions=regions,
    )


def _unheard(vendor: Vendor, category: Category) -> str:
    allowed = " or ".join(repr(meaning) for meaning in sorted(vendor.parameters))
    return (
        f"its consent call {vendor.id!r} can never be granted in the category {category.id!r}; allowed is a"
        f" category that stands for {allowed}, which 'consent_calls' can say."
    )


def _check_meanings(catalogue: Catalogue, meanings: Mapping[str, Sequence[str]]) -> None:
    known = sorted(category.id for category in catalogue.asked)
    if not isinstance(meanings, Mapping):
        raise ConfigurationError("consent_calls", f"came as {meanings!r}; allowed is a table by category.")
    for category, given in meanings.items():
        if category not in known:
            problem = f"{category!r} is no category that is asked for; allowed are {', '.join(known)}."
            raise ConfigurationError("consent_calls", problem)
        if not isinstance(given, list | tuple) or not given or not all(each in MEANINGS for each in given):
            problem = f"came as {given!r}; allowed is a list of {', '.join(MEANINGS)}."
            raise ConfigurationError(f"consent_calls.{category}", problem)
