"""Tells a site's own metrics what happens, in words that no visitor adds to; knows no library of metrics."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from consent.state import Verdict

_log = logging.getLogger("consent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """One thing that is counted: ``unit`` is what one of it is called, ``labels`` tell its kinds apart."""

    name: str
    description: str
    unit: str
    labels: tuple[str, ...] = ()


COUNTERS: Final = (
    Counter(
        name="decisions",
        description="Decisions that took effect.",
        unit="decision",
        labels=("action", "method"),
    ),
    Counter(
        name="verdicts",
        description="Categories granted and denied in decisions.",
        unit="verdict",
        labels=("category", "verdict"),
    ),
    Counter(
        name="banners",
        description="Pages that left with the banner.",
        unit="page",
    ),
    Counter(
        name="cookies_withheld",
        description="Cookies that did not pass: set by the app, or sent by a browser.",
        unit="cookie",
        labels=("how",),
    ),
    Counter(
        name="cookies_expired",
        description="Deletions of cookies that were sent to browsers.",
        unit="cookie",
    ),
    Counter(
        name="refused_requests",
        description="Requests to the layer's own addresses that were answered with an error.",
        unit="request",
        labels=("status",),
    ),
    Counter(
        name="store_failures",
        description="Decisions that the store did not record.",
        unit="decision",
    ),
)
"""All there are."""


class Metrics(Protocol):
    """Where counts go. Called in the middle of requests, so that it must not wait for anything."""

    def add(self, counter: str, amount: int, labels: Mapping[str, str]) -> None:
        """Add ``amount`` to one of `COUNTERS`, by name; ``labels`` are exactly those that it has."""


class Counts:
    """Adds to the metrics of a site, if it has any; what they raise is told once, and no request is lost."""

    def __init__(self, metrics: Metrics | None) -> None:
        self._metrics = metrics
        self._failed = False
        self.is_on = metrics is not None
        """Whether anybody counts, for code that would first have to find out."""

    def decided(self, action: str, method: str, verdicts: Mapping[str, Verdict]) -> None:
        """A decision took effect; ``verdicts`` has that of each category that is asked for."""
        self._add("decisions", action=action, method=method)
        for category, verdict in verdicts.items():
            if verdict is not Verdict.UNDECIDED:
                self._add("verdicts", category=category, verdict=verdict.value)

    def asked(self) -> None:
        """A page left with the banner."""
        self._add("banners")

    def withheld(self, how: str, amount: int) -> None:
        """So many cookies did not pass; ``how`` is ``set`` or ``sent``."""
        self._add("cookies_withheld", amount, how=how)

    def expired(self, amount: int) -> None:
        """A browser is told to delete so many cookies."""
        if amount:
            self._add("cookies_expired", amount)

    def refused(self, status: int) -> None:
        """A request to an address of ours got an error."""
        self._add("refused_requests", status=str(status))

    def unrecorded(self) -> None:
        """The store failed."""
        self._add("store_failures")

    def _add(self, counter: str, amount: int = 1, **labels: str) -> None:
        if self._metrics is None:
            return
        try:
            self._metrics.add(counter, amount, labels)
        except Exception:  # noqa: BLE001  # the site's own code: no visitor pays for it
            if not self._failed:
                _log.exception("The metrics failed at %r; this is told once.", counter)
            self._failed = True
