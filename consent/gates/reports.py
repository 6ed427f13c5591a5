"""Collects, from browsers' reports, the hosts that no service declares; keeps host and directive only."""

import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from consent.catalogue import Catalogue
from consent.tally import Tally

MAX_PAIRS: Final = 200
"""Pairs of host and directive kept: anybody can send reports."""

BURST: Final = 50
"""Reports taken at once; after that `PER_SECOND`."""

PER_SECOND: Final = 5

_DIRECTIVES: Final = frozenset(
    f"{kind}-src"
    for kind in (
        "connect",
        "font",
        "frame",
        "img",
        "manifest",
        "media",
        "object",
        "script",
        "style",
        "worker",
    )
)
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_log = logging.getLogger("consent")


class HostReports:
    """Which undeclared hosts pages contact, or would like to, and by which directive.

    Each pair is told once in the log, with the line to add. Reports carry addresses and more: none of
    that is kept.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._pairs: dict[tuple[str, str], Tally] = {}
        self.complete = True
        """Whether all pairs are kept that came."""
        self._tokens = float(BURST)
        self._filled: float | None = None

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Host and directive, such as ``("cdn.example", "script-src")``, in the order first seen."""
        return tuple(self._pairs)

    @property
    def seen(self) -> Sequence[tuple[tuple[str, str], Tally]]:
        """The same, each with how often and when it was reported."""
        return tuple(self._pairs.items())

    def admits(self, now: float) -> bool:
        """Whether one more report is taken at ``now`` (Unix seconds); those that are not are lost."""
        elapsed = 0.0 if self._filled is None else max(0.0, now - self._filled)
        self._filled = now
        self._tokens = min(BURST, self._tokens + elapsed * PER_SECOND)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def collect(self, body: bytes, now: float) -> None:
        """Take a body of type ``application/csp-report`` or ``application/reports+json``.

        Whatever is neither is passed over: browsers and their extensions report all kinds of things.
        """
        for report in _reports(body):
            host, directive = _host(report), _directive(report)
            if host and directive and self._catalogue.requires_host(host) is None:
                self._note(host, directive, now)

    def _note(self, host: str, directive: str, now: float) -> None:
        pair = (host, directive)
        if pair in self._pairs:
            self._pairs[pair].again(now)
            return
        if len(self._pairs) >= MAX_PAIRS:
            self.complete = False
            return
        self._pairs[pair] = tally = Tally(now)
        tally.again(now)
        _log.warning(
            "A page contacts %r (%s), which no service declares. To let it through with consent, add: %s",
            host,
            directive,
            f'hosts = ["{host}"]',
        )


def _reports(body: bytes) -> Iterator[Mapping[str, Any]]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return
    for entry in given if isinstance(given, list) else [given]:
        report = entry.get("csp-report", entry.get("body")) if isinstance(entry, dict) else None
        if isinstance(report, dict):
            yield report


def _host(report: Mapping[str, Any]) -> str | None:
    """The host of an address; words such as ``inline`` and ``data`` name none."""
    address = report.get("blocked-uri", report.get("blockedURL"))
    try:
        parts = urlsplit(address if isinstance(address, str) else "")
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    return host if parts.scheme in ("http", "https", "ws", "wss") and _HOST.fullmatch(host) else None


def _directive(report: Mapping[str, Any]) -> str | None:
    fields = ("effective-directive", "effectiveDirective", "violated-directive")
    given = next((report[field] for field in fields if isinstance(report.get(field), str)), "")
    directive: str = given.partition(" ")[0].removesuffix("-elem").removesuffix("-attr")
    return directive if directive in _DIRECTIVES else None
