"""The ASGI middleware: which path a request takes; every rule is somewhere else."""

import time
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from consent.access import KEY, RequestConsent
from consent.endpoints import Endpoints
from consent.gatekeeper import Gatekeeper
from consent.gates.headers import Header
from consent.gates.representation import request_wants_page, without_conditions
from consent.guard import ResponseGuard
from consent.markup_guard import MarkupGuard
from consent.records.log import LogRecords
from consent.records.record import ConsentRecords
from consent.settings import ConsentSettings

_FRAGMENTS: Final = frozenset({b"hx-request", b"turbo-frame", b"x-requested-with"})
"""Headers of requests for a part of a page, whatever they accept."""


class ConsentMiddleware:
    """Asks, remembers and obeys: the banner goes into pages, unconsented cookies go nowhere.

    ``records`` keeps the evidence; without it every decision is a line of the log. ``clock`` gives
    Unix seconds. Put it inside a compressor and outside whatever sets cookies.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: ConsentSettings,
        records: ConsentRecords | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.app = app
        self.settings = settings
        self._gatekeeper = Gatekeeper(settings)
        self._endpoints = Endpoints(self._gatekeeper, LogRecords() if records is None else records, clock)
        self._excluded = tuple(settings.exclude)
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, WebSocket or lifespan."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        now = self._clock()
        visit = self._visit(scope, now)
        path = scope["path"].removeprefix(visit.base)
        if scope["type"] == "http" and self._endpoints.answers(path):
            await self._endpoints(scope, receive, send)
            return
        excluded = path.startswith(self._excluded)
        if excluded and not self.settings.gate_excluded:
            await self.app(scope, receive, send)
            return
        self._gate_request(scope, visit)
        paged = not excluded and self._prepare_page(scope, visit, now)
        guard = ResponseGuard(send, scope, visit, paged=paged, now=now)
        await self.app(scope, receive, self._gated(guard, scope, visit))

    def _gated(self, send: Send, scope: Scope, visit: RequestConsent) -> Send:
        """The markup gate, if the site wants it: it sees pages before anything of ours is in them."""
        gate = self._gatekeeper.markup
        if gate is None or scope["type"] != "http":
            return send
        return MarkupGuard(send, gate, visit, method=scope["method"])

    def _visit(self, scope: Scope, now: float) -> RequestConsent:
        """The visitor's standing, put where views find it. The scope stays the server's own object."""
        visit = RequestConsent(self._gatekeeper, scope, now)
        scope.setdefault("state", {})[KEY] = visit
        return visit

    def _gate_request(self, scope: Scope, visit: RequestConsent) -> None:
        """The read gate."""
        headers: list[Header] = [*scope["headers"]]
        kept, visit.withheld = self._gatekeeper.cookies.filter_request(headers, visit.standing)
        if visit.withheld:
            scope["headers"] = kept

    def _prepare_page(self, scope: Scope, visit: RequestConsent, now: float) -> bool:
        """Whether the answer may be a page; one that we shall rewrite is asked for whole."""
        if scope["type"] != "http":
            return False
        headers = dict(scope["headers"])
        markup = self._gatekeeper.markup
        if markup is not None and markup.withholding(visit.standing).hosts:
            fragment = not _FRAGMENTS.isdisjoint(headers)
            accept = b"text/html" if fragment else headers.get(b"accept", b"")
            scope["headers"] = without_conditions(scope["headers"], accept)
        if not request_wants_page(scope["method"], headers):
            return False
        if self._gatekeeper.has_fragment(visit.standing, now=now):
            scope["headers"] = without_conditions(scope["headers"], headers.get(b"accept", b""))
        return True
