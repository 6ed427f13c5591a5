"""What probes put on a visitor's device, and look for afterwards."""

from collections.abc import Iterable
from typing import Final

from consent.testing.regulator.site import Visitor

SWEEPS: Final = 5
"""Pages over which deletions may be spread: a response carries twenty of them at most."""


def plant_declared(visitor: Visitor) -> set[str]:
    """Put every declared cookie that needs consent on the device; returns their names."""
    planted = set[str]()
    for _, cookie in visitor.site.declared.cookies():
        visitor.plant(example(cookie.name), cookie.path, cookie.domain)
        planted.add(example(cookie.name))
    return planted


def example(name: str) -> str:
    """A name that the declared one stands for."""
    return name.replace("*", "1")


def left_of(visitor: Visitor, planted: set[str]) -> set[str]:
    """What of it is still there after a few pages."""
    for page in visitor.site.round(SWEEPS):
        if not planted & visitor.cookies:
            break
        visitor.open(page)
    return planted & visitor.cookies


def listed(names: Iterable[str]) -> str:
    """The names, as a sentence has them."""
    return ", ".join(repr(name) for name in sorted(names))
