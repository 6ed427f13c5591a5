"""The apps that are compared: one page of 10 KB, bare, with our layer, and with others' middleware.

Servers import them by name; it knows no server.
"""

import json
from base64 import b64encode
from typing import Final

from itsdangerous import TimestampSigner
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from benchmarks.driving import body_of
from consent import ConsentMiddleware, ConsentSettings
from tests.sites import SECRET, Memory, settings

PAGE_SIZE: Final = 10_000
"""Bytes of the page before anything is put into it."""

_HEAD: Final = b"<!doctype html><html lang=en><head><meta charset=utf-8><title>News</title></head>"
_BODY: Final = b"<body class=page>"
_LINE: Final = b"<p>All the news that happened since this morning, in order.</p>\n"
_END: Final = b"</body></html>"


def page(size: int = PAGE_SIZE) -> bytes:
    """A document of ``size`` bytes."""
    room = size - len(_HEAD + _BODY + _END)
    return _HEAD + _BODY + (_LINE * (room // len(_LINE) + 1))[:room] + _END


def serving(content: bytes) -> Starlette:
    """An app whose page is ``content``."""

    async def view(request: Request) -> Response:
        return HTMLResponse(content)

    return Starlette(routes=[Route("/", view)])


def layered(app: ASGIApp, site: ConsentSettings | None = None) -> ConsentMiddleware:
    """The same app inside our layer."""
    return ConsentMiddleware(app, site or settings(), Memory())


class Replacing(BaseHTTPMiddleware):
    """What is often advised: read the whole body, put a banner in, and answer anew."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Add the banner to one response."""
        response = await call_next(request)
        body = b"".join([chunk async for chunk in response.body_iterator])  # type: ignore[attr-defined]
        headers = {name: value for name, value in response.headers.items() if name != "content-length"}
        changed = body.replace(_HEAD + _BODY, _WITH_BANNER_HEAD)
        return Response(changed, status_code=response.status_code, headers=headers)


_PAGE: Final = page()

bare = serving(_PAGE)
again = serving(_PAGE)
"""A second copy, in a process of its own: what it differs by is the noise."""

ours = layered(bare)
templated = layered(bare, settings(control="template"))
"""With the control in the site's own templates: who has decided gets the page as it is."""

WITH_BANNER: Final = body_of(ours)
"""What an undecided visitor gets from `ours`."""

_WITH_BANNER_HEAD: Final = WITH_BANNER[: len(WITH_BANNER) - (len(_PAGE) - len(_HEAD + _BODY))]

static = serving(WITH_BANNER)
session = SessionMiddleware(bare, secret_key=SECRET)
replacing = Replacing(bare)


def session_cookie() -> str:
    """The cookie header of somebody with a session."""
    content = b64encode(json.dumps({"user": 4711, "basket": ["a", "b"]}).encode())
    return f"session={TimestampSigner(SECRET).sign(content).decode()}"
