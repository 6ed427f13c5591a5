"""What the cookie policy lists, as files: CSV, JSON, the IAB's disclosure; knows no HTTP."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from consent.catalogue import Catalogue
from consent.durations import Duration
from consent.model import Cookie, Service, Storage
from consent.ui.content import Content

_COLUMNS: Final = (
    "category", "service", "provider", "name", "purpose", "duration", "type", "access", "third country",
    "justification",
)  # fmt: skip
_WEB: Final = ("local", "session", "indexeddb", "cache")


def export(name: str, content: Content, catalogue: Catalogue) -> tuple[str, str]:
    """The file ``policy.csv``, ``policy.json`` or ``device-storage.json``, and its media type."""
    if name == "policy.csv":
        return _csv(content), "text/csv"
    what = _disclosure(catalogue) if name == "device-storage.json" else _policy(content, catalogue)
    return json.dumps(what, ensure_ascii=False, indent=2), "application/json"


def _csv(content: Content) -> str:
    """One row per item (RFC 4180), with the heading in English."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    writer.writerows(_rows(content))
    return file.getvalue()


def _rows(content: Content) -> Iterator[list[str]]:
    for category in content.categories:
        for service in category.services:
            for item in service.items:
                told = (item.name, item.purpose, item.duration, item.kind, service.access)
                more = (service.country or "", service.justification or "")
                yield [inert(text) for text in (category.name, service.name, service.provider, *told, *more)]


def inert(text: str) -> str:
    """Text that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _policy(content: Content, catalogue: Catalogue) -> list[dict[str, Any]]:
    """What the page tells; of each service also what is ``declared``, which has no language."""
    told: list[dict[str, Any]] = asdict(content)["categories"]
    objectable = {category.id: category.is_objectable for category in catalogue.categories}
    services = {service.id: service for _, service in catalogue.services}
    for category in told:
        category["objectable"] = objectable[category["id"]]
        for service in category["services"]:
            if service["id"] in services:
                service["declared"] = _declared(services[service["id"]])
    return told


def _declared(service: Service) -> dict[str, Any]:
    """What the service keeps and where it is fetched from, as in a settings file, without the words."""
    return {
        "hosts": service.hosts,
        "shared_hosts": service.shared_hosts,
        "cookies": [_without_purpose(cookie) for cookie in service.cookies],
        "storage": [_without_purpose(item) for item in service.storage],
    }


def _without_purpose(item: Cookie | Storage) -> dict[str, Any]:
    return {name: value for name, value in asdict(item).items() if name != "purpose"}


def _disclosure(catalogue: Catalogue) -> dict[str, Any]:
    """What is stored, as IAB Europe's "Vendor Device Storage & Operational Disclosures" asks for it.

    Its purposes are those of its own list, which a site does not declare here: they stay empty.
    """
    services = [service for _, service in catalogue.services]
    return {
        "disclosures": [
            *(_cookie(cookie) for service in services for cookie in service.cookies),
            *(_storage(item) for service in services for item in service.storage if item.kind in _WEB),
        ],
        "domains": [{"domain": host, "use": service.id} for service in services for host in _hosts(service)],
    }


def _hosts(service: Service) -> tuple[str, ...]:
    return (*service.hosts, *service.shared_hosts)


def _cookie(cookie: Cookie) -> dict[str, Any]:
    return {
        "identifier": cookie.name,
        "type": "cookie",
        "maxAgeSeconds": _seconds(cookie.duration),
        "cookieRefresh": False,
        "domains": [cookie.domain] if cookie.domain else [],
        "purposes": [],
    }


def _storage(item: Storage) -> dict[str, Any]:
    return {"identifier": item.name, "type": "web", "maxAgeSeconds": None, "domains": [], "purposes": []}


def _seconds(duration: str) -> int | None:
    """``None`` for what has no end; 0 for what ends with the browser."""
    return 0 if duration == "session" else Duration.parse(duration).seconds
