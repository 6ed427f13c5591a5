"""Which cookies were met since the start, declared or not; keeps names and never values, knows no ASGI."""

from collections.abc import Callable, Iterable
from typing import Final

from consent.catalogue import Catalogue
from consent.claims import Claims, host_name, is_under
from consent.gates.cookies import cookie_pairs, is_deletion
from consent.gates.headers import Header
from consent.gates.reports import HostReports
from consent.model import Cookie
from consent.records.record import timestamp
from consent.seen import ConsentReport, How, SeenCookie, SeenHost, Unseen
from consent.tally import Tally

MAX_NAMES: Final = 200
"""Undeclared names kept of either kind; visitors can make names up."""

MAX_LENGTH: Final = 128
"""Characters of a name or a route that are kept."""

MAX_MET: Final = 1_024
"""Names whose meaning is remembered, on hosts of one kind."""

Met = dict[bytes, Tally | None]
"""Names as they come, each with what counts it, if anything does."""

_UNMET: Final = Tally(0)


class Sightings:
    """What one process has met. ``own`` are the layer's cookies; ``since`` is the start, in Unix seconds.

    ``where`` is asked for the route when a name is met for the first time, and not before.
    """

    def __init__(self, catalogue: Catalogue, *, own: Iterable[str], since: float) -> None:
        self._catalogue = catalogue
        self._own = frozenset(own)
        self._since = since
        self._complete = True
        self._declared = set[tuple[str, str | None]]()
        self._undeclared: dict[How, dict[str, Tally]] = {"set": {}, "sent": {}}
        self._met: dict[How, dict[Claims, Met]] = {"set": {}, "sent": {}}

    # --- meeting ------------------------------------------------------------------------------

    def sent(self, headers: Iterable[Header], host: str, now: float, where: Callable[[], str]) -> None:
        """The cookies of a request."""
        claims = self._catalogue.on(host)
        met = self._met["sent"].setdefault(claims, {})
        for pair in cookie_pairs(headers):
            raw, equals, _ = pair.partition(b"=")
            if not equals:
                if not raw.strip():
                    continue
                raw = b""  # a cookie without a name: what came is its value
            try:
                tally = met[raw]
            except KeyError:
                tally = self._meet("sent", raw, claims, now, where)
            if tally is not None:
                tally.again(now)

    def were_set(self, headers: Iterable[Header], host: str, now: float, where: Callable[[], str]) -> None:
        """The cookies that a response sets; one that it deletes is not set."""
        for name, value in headers:
            if len(name) != 10 or name.lower() != b"set-cookie":
                continue
            raw, equals, _ = value.partition(b";")[0].partition(b"=")
            raw = raw if equals else b""
            claims = self._catalogue.on(host)
            if self._met["set"].get(claims, {}).get(raw, _UNMET) is None or is_deletion(value, now):
                continue  # what is known to be declared needs no look at its attributes
            tally = self._meet("set", raw, claims, now, where)
            if tally is not None:
                tally.again(now)

    def _meet(
        self, how: How, raw: bytes, claims: Claims, now: float, where: Callable[[], str]
    ) -> Tally | None:
        """What counts the name, looked up only the first time."""
        met = self._met[how].setdefault(claims, {})
        if raw in met:
            return met[raw]
        tally = self._find(how, raw.decode("latin-1").strip(), claims, now, where)
        if len(met) < MAX_MET and len(raw) <= MAX_LENGTH:
            met[raw] = tally
        return tally

    def _find(
        self, how: How, name: str, claims: Claims, now: float, where: Callable[[], str]
    ) -> Tally | None:
        if name in self._own:
            return None
        declared = claims.of(name)
        if declared:
            self._declared.update(_key(claim.cookie) for claim in declared)
            return None
        names, name = self._undeclared[how], name[:MAX_LENGTH]
        if name not in names:
            if len(names) >= MAX_NAMES:
                self._complete = False
                return None
            names[name] = Tally(now, where()[:MAX_LENGTH])
        return names[name]

    # --- telling ------------------------------------------------------------------------------

    def report(self, hosts: HostReports | None, host: str = "") -> ConsentReport:
        """All of it, as it is now. ``host`` is the site's: cookies of other domains are never met there."""
        return ConsentReport(
            since=timestamp(self._since),
            cookies=tuple(self._cookies("set") + self._cookies("sent")),
            hosts=None if hosts is None else _hosts(hosts),
            unseen=tuple(self._unseen(host_name(host))),
            complete=self._complete and (hosts is None or hosts.complete),
        )

    def _cookies(self, how: How) -> list[SeenCookie]:
        return [
            SeenCookie(
                name=name,
                how=how,
                route=tally.where,
                first=timestamp(tally.first),
                last=timestamp(tally.last),
                count=tally.count,
            )
            for name, tally in tuple(self._undeclared[how].items())
        ]

    def _unseen(self, host: str) -> Iterable[Unseen]:
        return (
            Unseen(name=cookie.name, service=service.id, category=category.id)
            for category, service in self._catalogue.services
            for cookie in service.cookies
            if _key(cookie) not in self._declared and _counts_on(host, cookie)
        )


def _key(cookie: Cookie) -> tuple[str, str | None]:
    return cookie.name, cookie.domain


def _counts_on(host: str, cookie: Cookie) -> bool:
    return cookie.domain is None or is_under(host, cookie.domain.removeprefix("."))


def _hosts(reports: HostReports) -> tuple[SeenHost, ...]:
    return tuple(
        SeenHost(
            host=host,
            directive=directive,
            first=timestamp(tally.first),
            last=timestamp(tally.last),
            count=tally.count,
        )
        for (host, directive), tally in reports.seen
    )
