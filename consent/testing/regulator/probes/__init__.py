"""How each case is tried on a site: a function of the case's name, for a site and one of its pages."""

from collections.abc import Callable
from typing import Final

from consent.testing.regulator.probes import arrival, asking, declarations, refusal, withdrawal
from consent.testing.regulator.site import Site

Probe = Callable[[Site, str], None]
"""Raises `Breach` if the site is caught, `Unjudged` if it gives no occasion."""

PROBES: Final[dict[str, Probe]] = {
    name: probe
    for module in (arrival, asking, declarations, refusal, withdrawal)
    for name, probe in vars(module).items()
    if getattr(probe, "__module__", "") == module.__name__ and not name.startswith("_")
}
"""Every probe by the name of its case."""
