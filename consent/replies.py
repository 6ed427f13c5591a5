"""How the layer's own answers look over HTTP: headers that all share, and errors in one sentence."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from consent.gates.origin import return_address
from consent.records.record import timestamp
from consent.request_consent import RequestConsent
from consent.state import Consent

JSON: Final = "application/json"

_CSP: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
_PRIVATE: Final = {
    "cache-control": "no-store",
    "content-security-policy": _CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


class RefusedError(Exception):
    """A request that gets an error page: a status, and the key of its sentence."""

    def __init__(self, status: int, key: str, **headers: str) -> None:
        super().__init__(key)
        self.status = status
        self.key = key
        self.headers = headers


def private(visit: RequestConsent, **more: str) -> dict[str, str]:
    """Headers of every answer that is one visitor's own."""
    return {**_PRIVATE, "vary": ", ".join([*visit.gatekeeper.vary, "Accept-Language"]), **more}


def refusal(request: Request, visit: RequestConsent, refused: RefusedError) -> Response:
    """The error as a page, or as JSON for who asks or speaks JSON."""
    headers = private(visit, **refused.headers)
    renderer = visit.gatekeeper.renderer
    language = visit.language()
    if wants_json(request):
        sentence = renderer.languages.get(language).text(f"error.{refused.key}")
        return JSONResponse({"error": sentence}, status_code=refused.status, headers=headers)
    return_to = return_address(None, request.headers) or f"{visit.base}/"
    place: Any = {"key": refused.key, "language": language, "base": visit.base, "return_to": return_to}
    if is_by_script(request):
        html = renderer.refused(**place)
    else:
        html = renderer.error_page(status=refused.status, **place)
    return HTMLResponse(html, status_code=refused.status, headers=headers)


def standing(visit: RequestConsent, consent: Consent, status: int = 200) -> JSONResponse:
    """A visitor's standing as JSON, for scripts."""
    notice = visit.gatekeeper.renderer.notice(visit.language()).id
    body = {**_standing(consent), "notice": notice}
    return JSONResponse(body, status_code=status, headers=private(visit))


def _standing(consent: Consent) -> dict[str, Any]:
    answer = consent.answer
    return {
        "granted": sorted(consent.granted),
        "denied": sorted(consent.denied),
        "undecided": sorted(consent.undecided),
        "signals": list(consent.signals),
        "objected": sorted(consent.objected),
        "decided": timestamp(answer.time).isoformat().replace("+00:00", "Z") if answer else None,
        "receipt": answer.receipt if answer else None,
    }


def is_by_script(request: Request) -> bool:
    """Whether our own script asks, which puts the answer into the page."""
    return request.headers.get("x-requested-with") == "consent"


def wants_json(request: Request) -> bool:
    """Whether this is a script's request and not a form's."""
    kinds = request.headers.get("content-type", "") + request.headers.get("accept", "")
    return JSON in kinds
