"""A site for real servers to serve: a page, a file, a stream, and a cookie of each kind."""

from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import mkdtemp

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from consent import ConsentMiddleware
from tests.sites import PAGE, Memory, settings

FOLDER = Path(mkdtemp(prefix="consent-servers-"))
FILE = PAGE.replace("Hello", "Hello " * 5_000)
(FOLDER / "page.html").write_text(FILE)
(FOLDER / "data.bin").write_bytes(bytes(range(256)) * 1_000)


async def page(request: Request) -> Response:
    return HTMLResponse(PAGE)


async def file(request: Request) -> Response:
    return FileResponse(FOLDER / "page.html", headers={"set-cookie": "_ga=1"})


async def stream(request: Request) -> Response:
    async def chunks() -> AsyncIterator[str]:
        for chunk in ("<!doctype html><ht", "ml lang=en><head></he", "ad><bo", "dy><p>one", "<p>two"):
            yield chunk

    return StreamingResponse(chunks(), media_type="text/html")


async def hinting(scope: Scope, receive: Receive, send: Send) -> None:
    """A page that is announced, where the server can, with a link of its own and one to a gated host."""
    if "http.response.early_hint" in scope.get("extensions", {}):
        links = [
            b"</style.css>; rel=preload; as=style",
            b"<https://ads.example/a.js>; rel=preload; as=script",
        ]
        await send({"type": "http.response.early_hint", "links": links})
    await HTMLResponse(PAGE)(scope, receive, send)


async def greedy(request: Request) -> Response:
    response = JSONResponse(sorted(request.cookies))
    for name in ("session", "edition", "_ga", "unknown"):
        response.set_cookie(name, "1")
    return response


app = ConsentMiddleware(
    Starlette(
        routes=[
            Route("/", page),
            Route("/file", file),
            Route("/stream", stream),
            Route("/greedy", greedy),
            Mount("/hinting", hinting),
            Mount("/static", StaticFiles(directory=FOLDER)),
        ]
    ),
    settings(control="template", gate_markup=True),
    Memory(),
)
