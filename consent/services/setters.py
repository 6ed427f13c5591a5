"""Which ready-made services set a cookie by its name, from one list; knows no site."""

import json
from functools import lru_cache
from importlib import resources
from typing import Final

from consent.services.files import ids, read
from consent.services.trackers import GENERAL, MIN_STEM

LIST: Final = "setters.json"
"""Made from the declarations by ``python -m consent.services``: nobody reads them all while visitors wait."""


def setters(name: str) -> tuple[str, ...]:
    """The ids of those that set it in the site's own name; without names that anybody might give."""
    found = (services for declared, services in _listed().items() if _fits(declared, name))
    return tuple(dict.fromkeys(service for services in found for service in services))


@lru_cache(maxsize=1)
def _listed() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(resources.files(__package__).joinpath(LIST).read_text("utf-8"))
    return found


def _fits(declared: str, name: str) -> bool:
    if declared.endswith("*"):
        return len(declared) > MIN_STEM and name.startswith(declared[:-1])
    return name == declared and name not in GENERAL


def derived() -> str:
    """The list as it follows from the declarations; a cookie of the vendor's own domain is not the site's."""
    found: dict[str, list[str]] = {}
    for service in ids():
        for cookie in read(service).get("cookies", ()):
            if "domain" not in cookie:
                found.setdefault(cookie["name"], []).append(service)
    return json.dumps(found, indent=0, sort_keys=True) + "\n"
