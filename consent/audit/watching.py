"""Takes note of what a browser tells while a page is open; knows what is told, not who tells it."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from consent.audit.sightings import STORED, Facts, Kind, Notebook, Phase, Thing
from consent.audit.written import read_cookie

BLOCKED: Final = frozenset({"csp", "mixed-content", "net::ERR_BLOCKED_BY_CLIENT", "net::ERR_BLOCKED_BY_CSP"})
"""Why a request never left the browser."""

_LENIENT: Final = frozenset({"UserPreferences", "ThirdPartyPhaseout", "ThirdPartyBlockedInFirstPartySet"})
"""Why this browser refuses a cookie that others keep: it is a third party's."""

_HINT: Final = re.compile(r"<([^>]*)>[^,]*\brel=\"?[^\",]*\b(?:preconnect|dns-prefetch)\b", re.IGNORECASE)
_SCHEMES: Final = ("http", "https", "ws", "wss")


class Watch:
    """What one visitor to the host ``site`` meets, noted under the phase and the page that it is on now."""

    def __init__(self, notes: Notebook, site: str, clock: Callable[[], float] = time.time) -> None:
        self.phase = Phase.BEFORE
        self.page = "/"
        self._notes = notes
        self._site = site
        self._clock = clock
        self._asked: dict[str, str] = {}
        self._made = Counter[tuple[Thing, Phase, str]]()

    def requested(self, address: str, kind: str) -> None:
        """A request was made, by the page or by what is in it."""
        for thing in self._contact(address, kind):
            self._made[thing, self.phase, self.page] += 1
            self._note(thing)

    def failed(self, address: str, kind: str, reason: str | None) -> None:
        """A request failed. What the browser itself stopped has reached nobody; all else counts."""
        if reason in BLOCKED:
            for thing in self._contact(address, kind):
                self._made[thing, self.phase, self.page] -= 1
                if not self._made[thing, self.phase, self.page]:
                    self._notes.forget(thing, self.phase, self.page)

    def _contact(self, address: str, kind: str) -> Iterable[Thing]:
        parts = _split(address)
        if parts is None or parts.scheme not in _SCHEMES or parts.hostname in (None, "", self._site):
            return
        host = str(parts.hostname)
        yield Thing(kind="host", name=host)
        if kind == "image":
            yield Thing(kind="pixel", name=parts.path.rpartition("/")[2], host=host)

    def wrote(self, kind: Kind, text: str, address: str) -> None:
        """A script in the frame at ``address`` stored something: a key, or a cookie as it is written."""
        parts = _split(address)
        host = (parts and parts.hostname) or self._site
        if kind == "cookie":
            self._set(text, host)
        else:
            self._note(Thing(kind=kind, name=text, host=host))

    def asking(self, event: Mapping[str, Any]) -> None:
        """The headers of a request, by which its host is known (DevTools protocol)."""
        fields = {name.lower(): value for name, value in event["headers"].items()}
        host = fields.get(":authority") or fields.get("host") or ""
        self._asked[event["requestId"]] = host.partition(":")[0] or self._site

    def answered(self, event: Mapping[str, Any]) -> None:
        """The headers of a response: cookies that the browser took, and hosts that it was told of."""
        host = self._asked.get(event["requestId"], self._site)
        refused = {
            blocked["cookieLine"]
            for blocked in event["blockedCookies"]
            if not _LENIENT.issuperset(blocked["blockedReasons"])
        }
        for name, value in event["headers"].items():
            if name.lower() == "set-cookie":
                for line in value.split("\n"):
                    if line not in refused:
                        self._set(line, host)
            elif name.lower() == "link":
                self.hinted(_HINT.findall(value))

    def hinted(self, addresses: Iterable[str]) -> None:
        """The page tells the browser to be ready for these."""
        for address in addresses:
            self.requested(address, "preconnect")

    def held(self, cookie: Mapping[str, Any]) -> None:
        """The browser holds a cookie (as Playwright tells it)."""
        domain, expires = cookie["domain"], cookie["expires"]
        facts = Facts(
            seconds=None if expires < 0 else round(expires - self._clock()),
            path=cookie["path"],
            domain=domain.removeprefix(".") if domain.startswith(".") else "",
            http_only=cookie["httpOnly"],
            partitioned="partitionKey" in cookie,
        )
        thing = Thing(kind="cookie", name=cookie["name"], host=domain.removeprefix("."))
        self._notes.note(thing, self.phase, self.page, facts)

    def stored(self, found: Mapping[str, Any]) -> None:
        """A frame's storage, as ``look.js`` tells it."""
        for kind in STORED:
            for name in found[kind]:
                self._note(Thing(kind=kind, name=name, host=found["host"] or self._site))
        self.hinted(found["hints"])

    def _set(self, line: str, host: str) -> None:
        found = read_cookie(line, host, self._clock())
        if found is not None:
            self._notes.note(found[0], self.phase, self.page, found[1])

    def _note(self, thing: Thing) -> None:
        self._notes.note(thing, self.phase, self.page)


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        parts.hostname  # noqa: B018  # it is read only now
    except ValueError:
        return None
    return parts
