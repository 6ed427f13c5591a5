"""The ASGI middleware: which path a request takes; every rule is somewhere else."""

import time
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consent.changes import OnChange
from consent.counts import Metrics
from consent.endpoints import Endpoints
from consent.gatekeeper import Gatekeeper
from consent.gates.cookies import CookieVerdict
from consent.gates.etags import CONDITIONS
from consent.guard import ResponseGuard
from consent.markup_guard import MarkupGuard
from consent.owners_report import MayReport
from consent.reader import ALWAYS
from consent.records.log import LogRecords
from consent.records.record import ConsentRecords
from consent.registrar import Registrar
from consent.request_consent import KEY, RequestConsent
from consent.settings import ConsentSettings
from consent.watch import Watch

_SERVED: Final = frozenset({"http", "websocket"})


class ConsentMiddleware:
    """Asks, remembers and obeys: the banner goes into pages, unconsented cookies go nowhere.

    ``records`` keeps the evidence; without it every decision is a line of the log. ``clock`` gives
    Unix seconds. ``review_cookie`` is asked last about every cookie that a response sets: it is given
    the verdict, and returns whether the cookie is withheld. ``on_change`` is called, or awaited, once a
    decision that changes a visitor's standing is recorded: with the standing before and after it, and the
    services that gained or lost consent. ``may_report`` is given each request for ``{path}/report`` and
    returns, or awaits, whether it is the owner's; without it nothing is watched. ``metrics`` is told what to
    count. Put the middleware inside a compressor and outside whatever sets cookies.
    """

    def __init__(
        self,
        app: Callable[..., Awaitable[None]],  # each framework has types of its own for the rest
        settings: ConsentSettings,
        records: ConsentRecords | None = None,
        clock: Callable[[], float] = time.time,
        review_cookie: Callable[[CookieVerdict], bool] | None = None,
        on_change: OnChange | None = None,
        may_report: MayReport | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self.app: ASGIApp = app
        self.settings = settings
        self._gatekeeper = Gatekeeper(settings, review_cookie, metrics)
        if may_report is not None:
            self._gatekeeper.watch(clock())
        store = LogRecords() if records is None else records
        self._registrar = Registrar(self._gatekeeper, store, clock, on_change)
        self._endpoints = Endpoints(self._gatekeeper, self._registrar, store, clock, may_report)
        self._starts = self._endpoints.starts
        self._excluded = tuple(settings.exclude)
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, WebSocket or lifespan."""
        kind = scope["type"]
        if kind == "lifespan":
            await self.app(scope, self._closing(receive), send)
            return
        if kind not in _SERVED or (KEY in scope.get("state", ()) and self._is_second(scope)):
            await self.app(scope, receive, send)
            return
        gatekeeper = self._gatekeeper
        consent = RequestConsent(gatekeeper, self._registrar, scope, self._clock())
        # Where views find it. The scope stays the server's own object.
        scope.setdefault("state", {})[KEY] = consent
        path = scope["path"].removeprefix(consent.base) if consent.base else scope["path"]
        if path.startswith(self._starts) and kind == "http" and self._endpoints.answers(path):
            consent.asks_nothing()
            await self._endpoints(scope, receive, send)
            return
        if self._excluded and path.startswith(self._excluded):
            consent.asks_nothing()
            if not self.settings.gate_excluded:
                await self.app(scope, receive, self._watched(send, scope, consent))
                return
        if consent.until != ALWAYS:
            self._gate_request(scope, consent)
        guard = ResponseGuard(send, consent)
        answer: Send = guard.send
        if gatekeeper.markup is not None or not consent.is_plain:
            answer = self._prepared(guard, scope)
        if gatekeeper.sightings is not None:
            answer = self._watched(answer, scope, consent)
        await self.app(scope, receive, answer)

    def _prepared(self, guard: ResponseGuard, scope: Scope) -> Send:
        """What few requests need: conditions that are true of the answer, and the markup gate."""
        consent, markup = guard.consent, self._gatekeeper.markup
        if guard.withholds_markup:
            # A compressor further in would hide from the gate what it is to withhold.
            scope["headers"] = [header for header in scope["headers"] if header[0] != b"accept-encoding"]
        if not (consent.is_plain or CONDITIONS.isdisjoint(consent.fields)):
            guard.settle_conditions(scope)
        if markup is None or scope["type"] != "http":
            return guard.send
        # It stands before the guard, so that it sees pages with nothing of ours.
        return MarkupGuard(guard.send, markup, guard)

    def _is_second(self, scope: Scope) -> bool:
        """Whether one of us stands further out already: a page asks once (R8)."""
        if not isinstance(scope["state"][KEY], RequestConsent):
            return False  # something of the site's own, which happens to have our name
        self._gatekeeper.reports.second(self.app, self.settings.path)
        return True

    def _closing(self, receive: Receive) -> Receive:
        """Let the store finish before the app shuts down, while what it writes to is still open."""

        async def closing() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self._registrar.close()
            return message

        return closing

    def _watched(self, send: Send, scope: Scope, consent: RequestConsent) -> Send:
        """What sees the answer as the app made it, where the owner wants a report."""
        sightings = self._gatekeeper.sightings
        return send if sightings is None else Watch(send, sightings, scope, consent)

    def _gate_request(self, scope: Scope, consent: RequestConsent) -> None:
        """The read gate. Of all headers it is shown the one that counts: that saves half of its work."""
        gatekeeper, own, host = self._gatekeeper, consent.own_cookies, consent.claimed_host
        if not consent.is_single:
            kept, withheld = gatekeeper.cookies.filter_request(
                [*scope["headers"]], consent.peek, own=own, host=host
            )
        else:
            cookie, withheld = gatekeeper.cookies.filter_cookie(consent.cookie, consent.peek, own, host)
            if not withheld:
                if not gatekeeper.catalogue.differs_by_host:
                    reader = gatekeeper.readers[consent.is_secure]
                    reader.let_pass(consent.cookie, consent.peek, consent.until)
                return
            others = [header for header in scope["headers"] if header[0] != b"cookie"]
            kept = [*others, (b"cookie", cookie)] if cookie else others
        if withheld:
            scope["headers"], consent.withheld = kept, withheld
            gatekeeper.counts.withheld("sent", len(withheld))
