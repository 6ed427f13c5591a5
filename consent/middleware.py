"""The ASGI middleware: which path a request takes; every rule is somewhere else."""

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from consent.endpoints import Endpoints
from consent.gatekeeper import Gatekeeper
from consent.gates.cookies import CookieVerdict
from consent.gates.csp import wants_document
from consent.gates.headers import Header
from consent.gates.representation import request_wants_page, without_conditions
from consent.guard import ResponseGuard
from consent.records.log import LogRecords
from consent.records.record import ConsentRecords
from consent.registrar import Registrar
from consent.settings import ConsentSettings
from consent.visit import KEY, RequestConsent


class ConsentMiddleware:
    """Asks, remembers and obeys: the banner goes into pages, unconsented cookies go nowhere.

    ``records`` keeps the evidence; without it every decision is a line of the log. ``clock`` gives
    Unix seconds. ``review_cookie`` is asked last about every cookie that a response sets: it is given
    the verdict, and returns whether the cookie is withheld. Put the middleware inside a compressor and
    outside whatever sets cookies.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: ConsentSettings,
        records: ConsentRecords | None = None,
        clock: Callable[[], float] = time.time,
        review_cookie: Callable[[CookieVerdict], bool] | None = None,
    ) -> None:
        self.app = app
        self.settings = settings
        self._gatekeeper = Gatekeeper(settings, review_cookie)
        self._registrar = Registrar(self._gatekeeper, LogRecords() if records is None else records, clock)
        self._endpoints = Endpoints(self._gatekeeper, self._registrar, clock)
        self._excluded = tuple(settings.exclude)
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, WebSocket or lifespan."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if isinstance(scope.get("state", {}).get(KEY), RequestConsent):  # the same layer stands further out
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
        await self.app(scope, receive, ResponseGuard(send, scope, visit, paged=paged, now=now))

    def _visit(self, scope: Scope, now: float) -> RequestConsent:
        """The visitor's standing, put where views find it. The scope stays the server's own object."""
        visit = RequestConsent(self._gatekeeper, self._registrar, scope, now)
        scope.setdefault("state", {})[KEY] = visit
        return visit

    def _gate_request(self, scope: Scope, visit: RequestConsent) -> None:
        """The read gate; and a document that carries a policy of ours is asked for whole."""
        headers: list[Header] = [*scope["headers"]]
        kept, visit.withheld = self._gatekeeper.cookies.filter_request(
            headers, visit.standing, own=visit.own_cookie
        )
        if visit.withheld:
            scope["headers"] = kept
        if self._gatekeeper.policies.is_on and wants_document(kept):
            accept = next((value for name, value in kept if name == b"accept"), b"")
            scope["headers"] = without_conditions(kept, accept)

    def _prepare_page(self, scope: Scope, visit: RequestConsent, now: float) -> bool:
        """Whether the answer may be a page; one that we shall rewrite is asked for whole."""
        if scope["type"] != "http":
            return False
        headers = dict(scope["headers"])
        if not request_wants_page(scope["method"], headers):
            return False
        if self._gatekeeper.has_fragment(visit.standing, now=now):
            scope["headers"] = without_conditions(scope["headers"], headers.get(b"accept", b""))
        return True
