"""The paper's cookie habits: it tries to set these on every page and never asks whether it may."""

import secrets
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

YEAR = 365 * 24 * 60 * 60
MONTH = 30 * 24 * 60 * 60


def leave_cookies(request: Request, response: Response) -> None:
    """Set whatever is not there yet. The consent layer around the app decides what leaves."""
    if "reader_id" not in request.cookies:
        reader = secrets.token_urlsafe(12)
        response.set_cookie("reader_id", reader, max_age=YEAR, httponly=True, samesite="lax")
    if "layout_test" not in request.cookies:  # declared nowhere, so that it never leaves
        response.set_cookie("layout_test", secrets.choice("AB"), max_age=MONTH, samesite="lax")
    if campaign := request.query_params.get("utm_campaign"):
        response.set_cookie("campaign", quote(campaign[:40], safe=""), max_age=MONTH, samesite="lax")
