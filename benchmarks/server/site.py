"""The site that every contestant stands around: pages of three sizes, and what is no page."""

import json
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from jinja2 import DictLoader, Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

_HEAD: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The Example Post</title>'
    '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/site.css">'
    '<script src="/site.js" defer></script></head><body class="article">'
)
_END: Final = "</body></html>"
_PARAGRAPH: Final = (
    '<p class="text">The <a href="/harbour">harbour</a> was closed for the third day as '
    '<em>the wind</em> stayed in the north; <a href="https://weather.example/">more on the weather</a>.</p>\n'
)
_ITEM: Final = "<li><a href={{ path }}>{{ title }}</a> <small>{{ reads }}</small></li>"
CHUNKS: Final = 100
SIZES: Final = (10, 60, 500)
"""Kilobytes of the pages."""

COOKIES: Final = ("session", "csrf", "edition", "_ga", "_hm", "IDE")
"""What the view of ``/cookies`` sets: two that are necessary, four that need consent."""


def page(kilobytes: int, *extra: str) -> bytes:
    """A page of that size, with ``extra`` markup in its middle."""
    room = kilobytes * 1000 - len(_HEAD) - len(_END) - sum(map(len, extra))
    paragraphs = [_PARAGRAPH] * (room // len(_PARAGRAPH))
    filler = "<!--" + "x" * (room % len(_PARAGRAPH) - 7) + "-->" if room % len(_PARAGRAPH) >= 7 else ""
    middle = len(paragraphs) // 2
    return "".join([_HEAD, *paragraphs[:middle], *extra, *paragraphs[middle:], filler, _END]).encode()


GATED: Final = (
    '<script src="https://stats.example/count.js"></script>',
    '<img src="https://ads.example/pixel.gif" alt="">',
    '<iframe src="https://ads.example/frame" width="300" height="250"></iframe>',
)
"""Markup that asks hosts which need consent."""

_PAGES: Final = {f"/html/{size}": page(size) for size in SIZES}
_GATED_PAGE: Final = page(60, *GATED)
_TEMPLATE: Final = Environment(autoescape=True, loader=DictLoader({"item": _ITEM})).from_string(
    _HEAD + '<ul>{% for path, title, reads in items %}{% include "item" %}{% endfor %}</ul>' + _END
)
_ITEMS: Final = [
    (f"/articles/{number}", f"Article & more, no. {number}", number * 37) for number in range(60)
]
_DATA: Final = {"items": [{"id": number, "title": f"Article {number}"} for number in range(20)]}
_FILE: Final = Path(tempfile.gettempdir()) / "consent-bench-static.bin"


async def _html(request: Request) -> Response:
    return HTMLResponse(_PAGES[request.url.path])


async def _gated(request: Request) -> Response:
    return HTMLResponse(_GATED_PAGE)


async def _jinja(request: Request) -> Response:
    return HTMLResponse(_TEMPLATE.render(items=_ITEMS))


async def _json(request: Request) -> Response:
    return JSONResponse(_DATA)


async def _stream(request: Request) -> Response:
    return StreamingResponse(_chunks(), media_type="text/html")


async def _chunks() -> AsyncIterator[bytes]:
    yield _HEAD.encode()
    for _ in range(CHUNKS - 2):
        yield _PARAGRAPH.encode()
    yield _END.encode()


async def _static(request: Request) -> Response:
    return FileResponse(_FILE)


async def _cookies(request: Request) -> Response:
    response = HTMLResponse(_PAGES["/html/10"])
    for name in COOKIES:
        response.set_cookie(name, "a-value-of-some-length", max_age=86_400, secure=True)
    return response


async def _socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close()


async def _login(request: Request) -> Response:
    request.session.update({"user": 4711, "name": "A. Reader"})
    return Response(json.dumps("welcome"))


def bare() -> Starlette:
    """The app alone."""
    _FILE.write_bytes(b"0123456789abcdef" * 65_536)
    views = {
        **dict.fromkeys(_PAGES, _html),
        "/gated": _gated,
        "/jinja": _jinja,
        "/json": _json,
        "/stream": _stream,
        "/static": _static,
        "/cookies": _cookies,
        "/login": _login,
    }
    routes = [Route(path, view) for path, view in views.items()]
    return Starlette(routes=[*routes, WebSocketRoute("/socket", _socket)])
