"""What sites do where they have no such layer: four short ways to put a banner into pages."""

from collections.abc import Iterable
from typing import Any, Final

import turbohtml
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PLACE: Final = b'<body class="article">'
"""Where the banner goes in: these ways know the site's template."""


class Replacing(BaseHTTPMiddleware):
    """What is advised most often: read the whole body, replace in it, answer anew."""

    def __init__(self, app: ASGIApp, banner: str) -> None:
        super().__init__(app)
        self._place = PLACE.decode()
        self._with_banner = self._place + banner

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Put the banner into one response."""
        response: Any = await call_next(request)
        body = b"".join([chunk async for chunk in response.body_iterator]).decode()
        headers = {name: value for name, value in response.headers.items() if name != "content-length"}
        changed = body.replace(self._place, self._with_banner)
        return Response(changed, status_code=response.status_code, headers=headers)


class Injecting:
    """The same without Starlette's help: hold everything, replace, send it as one message."""

    def __init__(self, app: ASGIApp, banner: str) -> None:
        self.app = app
        self._with_banner = PLACE + banner.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start: Message = {}
        held = b""

        async def holding(message: Message) -> None:
            nonlocal start, held
            if message["type"] == "http.response.start":
                start = message
                return
            held += message.get("body", b"")
            if message.get("more_body", False):
                return
            body = held
            if _is_html(start["headers"]):
                body = body.replace(PLACE, self._with_banner)
            await send({**start, "headers": _of_length(start["headers"], len(body))})
            await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, holding)


class Tokenizing:
    """No banner at all: every page is only cut into tokens, as who looks for gated hosts might do."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def tokenizing(message: Message) -> None:
            if body := message.get("body"):
                for _ in turbohtml.tokenize(body.decode()):
                    pass
            await send(message)

        await self.app(scope, receive, tokenizing)


def _is_html(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"content-type" and value.startswith(b"text/html") for name, value in headers)


def _of_length(headers: Iterable[tuple[bytes, bytes]], length: int) -> list[tuple[bytes, bytes]]:
    kept = [header for header in headers if header[0] != b"content-length"]
    return [*kept, (b"content-length", b"%d" % length)]
