"""What services say of themselves, and where they stand; knows no cookie and no wording."""

from collections.abc import Callable, Iterator
from typing import Final

from consent.checking.finding import Finding
from consent.checking.kinds import kind
from consent.checking.ready_made import kin
from consent.model import NECESSARY, Category, Service
from consent.services.trackers import known
from consent.settings import ConsentSettings
from consent.settings_errors import Place

_OTHER_PURPOSES: Final = ("preferences", "analytics")
"""Categories under which nobody expects advertising."""


def check_services(settings: ConsentSettings) -> Iterator[Finding]:
    """What is to be said of each service, in the order declared; then of hosts declared twice."""
    for place, category, service in placed(settings):
        for check in _CHECKS:
            yield from check(place, category, service)
    yield from _hosts(settings)


def placed(settings: ConsentSettings) -> Iterator[tuple[Place, Category, Service]]:
    """Every service with its category and its place in the file."""
    for number, category in enumerate(settings.categories):
        for index, service in enumerate(category.services):
            yield ("category", number, "service", index), category, service


def _links(place: Place, category: Category, service: Service) -> Iterator[Finding]:
    if service.third_party and service.policy_url is None:
        what = f"Service {service.id!r} of {service.provider} has no 'policy_url'."
        yield kind("no-policy-link").at(place, what)


def _country(place: Place, category: Category, service: Service) -> Iterator[Finding]:
    found = {str(data.get("country", "")) for data in kin(service)}
    if service.third_party and service.country is None and found and "" not in found:
        goes = " or ".join(sorted(found))
        what = f"Service {service.id!r} has no 'country'; its data usually goes to {goes}."
        yield kind("no-country").at(place, what)


def _first_party(place: Place, category: Category, service: Service) -> Iterator[Finding]:
    if service.third_party:
        return
    others = [data for data in kin(service) if data.get("third_party", True)]
    trackers = [cookie.name for cookie in service.cookies if cookie.name in known()]
    if others and len(others) == len(kin(service)):
        what = f"Service {service.id!r} is declared the site's own, and contacts {others[0]['provider']}."
        yield kind("not-first-party").at((*place, "third_party"), what)
    elif trackers and not kin(service) and service.override is None:
        what = (
            f"Service {service.id!r} is declared the site's own, and sets {trackers[0]!r} of a third party."
        )
        yield kind("not-first-party").at((*place, "third_party"), what)


def _home(place: Place, category: Category, service: Service) -> Iterator[Finding]:
    homes = {data["category"] for data in kin(service)}
    kinds = {data["kind"] for data in kin(service)}
    if category.id == NECESSARY and kinds == {"tag-manager"}:
        yield kind("tag-manager").at(place, f"The tag manager {service.id!r} is declared necessary.")
    elif category.id == NECESSARY and homes and NECESSARY not in homes and service.override is None:
        belongs = " or ".join(sorted(homes))
        what = f"Service {service.id!r} is declared necessary; on ordinary sites it belongs to {belongs}."
        yield kind("necessary-elsewhere").at(place, what)
    elif category.id in _OTHER_PURPOSES and kinds == {"advertising"}:
        what = f"Service {service.id!r} advertises, and is declared under {category.id!r}."
        yield kind("hidden-advertising").at(place, what)


def _something(place: Place, category: Category, service: Service) -> Iterator[Finding]:
    kept = (*service.cookies, *service.storage)
    if not (kept or service.hosts or service.shared_hosts or kin(service)):
        what = f"Service {service.id!r} declares no host, no cookie and no storage."
        yield kind("nothing-declared").at(place, what)


_CHECKS: Final[tuple[Callable[[Place, Category, Service], Iterator[Finding]], ...]] = (
    _links, _country, _first_party, _home, _something,
)  # fmt: skip


def _hosts(settings: ConsentSettings) -> Iterator[Finding]:
    """A host that services of two categories have each for itself."""
    first: dict[str, tuple[Category, Service]] = {}
    for place, category, service in placed(settings):
        for index, host in enumerate(service.hosts):
            before, owner = first.setdefault(host, (category, service))
            if before is not category:
                what = (
                    f"Host {host!r} of {service.id!r} in {category.id!r} is one of {owner.id!r} in"
                    f" {before.id!r} as well."
                )
                yield kind("host-twice").at((*place, "hosts", index), what)
