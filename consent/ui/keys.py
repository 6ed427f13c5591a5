"""What scripts can delete in a browser: which declared key needs which consent; knows no visitor."""

import json
from collections.abc import Iterator

from consent.catalogue import Catalogue


def keys_of(catalogue: Catalogue) -> bytes | None:
    """A JSON object: per kind of storage, each name or ``prefix*`` with the services that it needs.

    A service reads ``id@domain`` where it needs a cookie only on hosts under that domain.
    Cookies that scripts cannot see are the server's to delete. ``None`` if nothing is left.
    """
    table: dict[str, dict[str, list[str]]] = {}
    for kind, name, service in _declared(catalogue):
        table.setdefault(kind, {}).setdefault(name, []).append(service)
    return json.dumps(table, separators=(",", ":"), sort_keys=True).encode() if table else None


def _declared(catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    for _, service in catalogue.services:
        for cookie in service.cookies:
            if not cookie.http_only:
                where = f"@{cookie.domain.removeprefix('.')}" if cookie.domain else ""
                yield "cookie", cookie.name, service.id + where
        for item in service.storage:
            if item.kind != "pixel":
                yield item.kind, item.name, service.id
