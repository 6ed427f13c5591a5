"""The layer's own addresses: the policy, the standing and the assets; decisions are made next door."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from consent._version import RELEASED
from consent.access import get_consent
from consent.deciding import DecisionEndpoint
from consent.gatekeeper import Gatekeeper
from consent.gates.origin import local_address
from consent.outgoing import consent_links
from consent.owners_report import MayReport, OwnersReport
from consent.receipts import ReceiptEndpoint
from consent.records.record import ConsentRecords
from consent.registrar import Registrar
from consent.replies import RefusedError, private, refusal, standing
from consent.reporting import ReportEndpoint
from consent.request_consent import RequestConsent
from consent.ui.exports import export

WELL_KNOWN: Final = "/.well-known/gpc.json"
"""Where sites say that they abide by GPC. [RFC 8615]"""

_PUBLIC: Final = {"cache-control": "public, max-age=3600", "x-content-type-options": "nosniff"}
_FOREVER: Final = {
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
}


class Endpoints:
    """Answers everything under ``settings.path``. GET changes nothing, whatever it asks."""

    def __init__(
        self,
        gatekeeper: Gatekeeper,
        registrar: Registrar,
        records: ConsentRecords,
        clock: Callable[[], float],
        may_report: MayReport | None = None,
    ) -> None:
        self._gatekeeper = gatekeeper
        receipt = ReceiptEndpoint(gatekeeper, records, clock)
        self._awaited: dict[str, Callable[[Request, RequestConsent], Awaitable[Response]]] = {
            "/receipt": lambda _, visit: receipt(visit),
            "/keys": lambda _, visit: receipt.keys(visit),
        }
        if may_report is not None:
            self._awaited["/report"] = OwnersReport(may_report)
        self._decide = DecisionEndpoint(gatekeeper, registrar)
        self._report = ReportEndpoint(gatekeeper.host_reports, clock)
        self._path = gatekeeper.settings.path
        self._assets = f"{self._path}/assets/"
        self._well_known = WELL_KNOWN if gatekeeper.settings.listens_to("gpc") else None
        self.starts = (self._path, self._well_known) if self._well_known else (self._path,)
        """How every path of ours begins, and some others: to tell without a call that a page is not ours."""
        self._answers: dict[str, Callable[[Request, RequestConsent], Response]] = {
            "/state": lambda _, visit: standing(visit, visit.peek),
            "/asking.css": lambda _, visit: self._asking(visit),
            "/choices": self._choices,
            "/policy.csv": self._export,
            "/policy.json": self._export,
            "/device-storage.json": self._export,
        }
        if self._well_known:
            self._answers[WELL_KNOWN] = lambda *_: self._support()
        if gatekeeper.requests is not None:
            body = gatekeeper.requests.body
            self._answers["/requests.json"] = lambda _, visit: _requests(visit.language(), body)

    def answers(self, path: str) -> bool:
        """Whether ``path`` is one of ours."""
        return path in (self._path, self._well_known) or path.startswith(f"{self._path}/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request to an address of ours."""
        request = Request(scope, receive)
        visit = get_consent(request)
        try:
            response = await self._respond(request, visit)
        except RefusedError as refused:
            response = refusal(request, visit, refused)
        if response.status_code >= 400:
            self._gatekeeper.counts.refused(response.status_code)
        await response(scope, receive, send)

    async def _respond(self, request: Request, visit: RequestConsent) -> Response:
        path = request.scope["path"].removeprefix(visit.base)
        if path == self._path:
            if request.method == "POST":
                return await self._decide(request, visit)
            _allow_reading(request, "GET, HEAD, POST")
            return self._policy(request, visit)
        if path == f"{self._path}/csp" and self._gatekeeper.policies.is_on:
            return await self._report(request)
        _allow_reading(request, "GET, HEAD")
        name = path.removeprefix(self._path)
        if name in self._awaited:
            return await self._awaited[name](request, visit)
        if name in self._answers:
            return self._answers[name](request, visit)
        return self._asset(path.removeprefix(self._assets))

    def _policy(self, request: Request, visit: RequestConsent) -> Response:
        html = self._gatekeeper.renderer.policy_page(visit.peek, **_asked(request, visit))
        response = HTMLResponse(html, headers=private(visit))
        response.raw_headers += consent_links(visit)
        return response

    def _choices(self, request: Request, visit: RequestConsent) -> Response:
        """The second layer, for our script."""
        html = self._gatekeeper.renderer.choices(visit.peek, **_asked(request, visit))
        return HTMLResponse(html, headers=private(visit))

    def _export(self, request: Request, visit: RequestConsent) -> Response:
        """What the policy lists, as a file (R47)."""
        name = request.scope["path"].rpartition("/")[2]
        content = self._gatekeeper.renderer.content(_asked(request, visit)["language"])
        body, media_type = export(name, content, self._gatekeeper.catalogue)
        headers = {**private(visit), "content-disposition": f'attachment; filename="{name}"'}
        return Response(body, media_type=media_type, headers=headers)

    def _asking(self, visit: RequestConsent) -> Response:
        """The stylesheet that shows the banner without scripts: empty for who has decided (R40)."""
        sheet = self._gatekeeper.renderer.asking_sheet(visit.peek)
        return Response(sheet, media_type="text/css", headers=private(visit))

    def _support(self) -> Response:
        """That the site abides by GPC, and since when it says so. [W3C GPC, 4]"""
        since = self._gatekeeper.settings.policy_date or RELEASED
        return JSONResponse({"gpc": True, "lastUpdate": since.isoformat()}, headers=_PUBLIC)

    def _asset(self, name: str) -> Response:
        asset = self._gatekeeper.renderer.assets.get(name)
        if asset is None:
            raise RefusedError(404, "not_found")
        return Response(asset.content, media_type=asset.media_type, headers=_FOREVER)


def _requests(language: str, body: Callable[[str], str]) -> Response:
    """What browsers that speak ADPC ask their users."""
    headers = {**_PUBLIC, "content-language": language, "vary": "Accept-Language"}
    return Response(body(language), media_type="application/json", headers=headers)


def _asked(request: Request, visit: RequestConsent) -> dict[str, Any]:
    """In which language a page of ours is wanted, and where it leads back to."""
    query = request.query_params
    return {
        "language": visit.language(query.get("language")),
        "base": visit.base,
        "return_to": local_address(query.get("next", "")) or f"{visit.base}/",
    }


def _allow_reading(request: Request, allowed: str) -> None:
    if request.method not in ("GET", "HEAD"):
        raise RefusedError(405, "wrong_method", allow=allowed)
