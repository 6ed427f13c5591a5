"""The address that takes browsers' reports on the second policy; knows HTTP, and not what reports say."""

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from consent.deciding import read_body
from consent.gates.reports import HostReports
from consent.replies import RefusedError

_KINDS: Final = ("application/csp-report", "application/reports+json")
_HEADERS: Final = {"cache-control": "no-store"}


class ReportEndpoint:
    """``POST {path}/csp``: bounded, rate-limited, and answered without a body, whatever comes.

    Reports from other sites' pages are not taken. The rate is that of all visitors together: nothing
    about any one of them is looked at.
    """

    def __init__(self, reports: HostReports, clock: Callable[[], float]) -> None:
        self._reports = reports
        self._clock = clock

    async def __call__(self, request: Request) -> Response:
        """Take one report."""
        try:
            await self._take(request)
        except RefusedError as refused:
            return Response(status_code=refused.status, headers={**_HEADERS, **refused.headers})
        return Response(status_code=204, headers=_HEADERS)

    async def _take(self, request: Request) -> None:
        if request.method != "POST":
            raise RefusedError(405, "wrong_method", allow="POST")
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise RefusedError(403, "wrong_origin")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in _KINDS:
            raise RefusedError(415, "not_understood")
        now = self._clock()
        if not self._reports.admits(now):
            raise RefusedError(429, "too_many")
        self._reports.collect(await read_body(request), now)
