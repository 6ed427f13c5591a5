"""The address that shows the owner what was seen and not declared; knows HTTP, and not how it was seen."""

import inspect
import logging
import re
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from consent.access import consent_report
from consent.replies import RefusedError, private
from consent.request_consent import RequestConsent

MayReport = Callable[[HTTPConnection], Any]
"""Whether the one who asks may read the report: a boolean, or an awaitable of one."""

_ROBOTS: Final = {"x-robots-tag": "noindex"}
_log = logging.getLogger("consent")


class OwnersReport:
    """``GET {path}/report``: a page for browsers, JSON for whoever else asks.

    Whoever may not read it gets the answer of an address that does not exist.
    """

    def __init__(self, may_report: MayReport) -> None:
        self._may_report = may_report

    async def __call__(self, request: Request, visit: RequestConsent) -> Response:
        """Show it; raises `RefusedError` to those who may not see it."""
        if not await self._admits(request):
            raise RefusedError(404, "not_found")
        report = consent_report(request)
        if "text/html" not in request.headers.get("accept", ""):
            return JSONResponse(report.as_dict(), headers=private(visit, **_ROBOTS))
        from consent.ui.templating import printed  # noqa: PLC0415  # with it comes jinja2

        html = printed(_template(), report=report, host=visit.host)
        policy = {"content-security-policy": _policy()}
        return HTMLResponse(html, headers=private(visit, **_ROBOTS, **policy))

    async def _admits(self, request: Request) -> bool:
        try:
            answer = self._may_report(request)
            return bool(await answer if inspect.isawaitable(answer) else answer)
        except Exception:  # noqa: BLE001  # the site's own code: where it fails, nobody may
            _log.exception("may_report failed; the report is not shown.")
            return False


@cache
def _template() -> str:
    return (files("consent.ui") / "report.html").read_text(encoding="utf-8")


@cache
def _policy() -> str:
    """Nothing but the page's own style, by its hash."""
    style = re.findall(r"<style>(.*?)</style>", _template(), re.DOTALL)[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"
