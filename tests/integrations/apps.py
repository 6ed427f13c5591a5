"""One small site in each framework, with the same addresses: what the promises are tried on."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, Final

import blacksheep
import litestar
import litestar.static_files
import quart
from blacksheep.messages import Response as BlackSheepResponse
from fastapi import BackgroundTasks, FastAPI
from fastapi import Response as FastAPIResponse
from litestar.background_tasks import BackgroundTask as LitestarTask
from litestar.di import NamedDependency, Provide
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket
from werkzeug.datastructures import Headers

from consent import ConsentMiddleware, ConsentSettings, RequestConsent, get_consent
from consent.integrations.fastapi import VisitorConsent
from consent.integrations.litestar import provide_consent
from consent.integrations.quart import get_consent as quart_consent
from consent.integrations.quart import init_app

START: Final = "<!doctype html><html lang=en><head><title>News</title></head><body>"
COOKIES: Final = {"_ga": "1", "session": "2"}
"""What every answer of these sites tries to set: one that needs consent, and one that is necessary."""

Make = Callable[[ConsentSettings, Path, list[str], dict[str, Any]], Any]
"""Builds a site: with settings, a folder of static files, a list that background work writes to, and values for
the middleware."""


def said(consent: RequestConsent, cookies: Any) -> str:
    """What pages tell: whether analytics is allowed, and which cookies came in."""
    return f"{START}<p>analytics={consent.allows('analytics')} cookies={','.join(sorted(cookies))}</p></body></html>"


def chunks() -> Iterator[bytes]:
    yield START.encode()
    for number in range(5):
        yield f"<p>{number}</p>".encode()


async def slowly() -> AsyncIterator[bytes]:
    for chunk in chunks():
        yield chunk


def starlette_site(settings: ConsentSettings, static: Path, done: list[str], values: dict[str, Any]) -> Any:
    def dressed(response: Response) -> Response:
        for name, value in COOKIES.items():
            response.set_cookie(name, value)
        return response

    async def page(request: Request) -> Response:
        return dressed(HTMLResponse(said(get_consent(request), request.cookies)))

    async def go(request: Request) -> Response:
        return dressed(RedirectResponse("/", status_code=303))

    async def boom(request: Request) -> Response:
        raise RuntimeError("boom")

    async def failed(request: Request, error: Exception) -> Response:
        return dressed(HTMLResponse(START + "broken", status_code=500))

    async def stream(request: Request) -> Response:
        return dressed(StreamingResponse(slowly(), media_type="text/html"))

    async def work(request: Request) -> Response:
        return HTMLResponse(START, background=BackgroundTask(done.append, "worked"))

    async def socket(websocket: WebSocket) -> None:
        await websocket.accept(headers=[(b"set-cookie", b"_ga=1"), (b"set-cookie", b"session=2")])
        await websocket.send_text(str(get_consent(websocket).allows("analytics")))
        await websocket.close()

    routes = [
        Route("/", page),
        Route("/go", go),
        Route("/boom", boom),
        Route("/stream", stream),
        Route("/work", work),
        WebSocketRoute("/ws", socket),
        Mount("/static", StaticFiles(directory=static)),
        Mount("/sub", Starlette(routes=[Route("/", page)])),
    ]
    app = Starlette(routes=routes, exception_handlers={Exception: failed})
    return ConsentMiddleware(app, settings, **values)


def fastapi_site(settings: ConsentSettings, static: Path, done: list[str], values: dict[str, Any]) -> Any:
    app = FastAPI()

    def dressed(response: FastAPIResponse) -> FastAPIResponse:
        for name, value in COOKIES.items():
            response.set_cookie(name, value)
        return response

    @app.get("/")
    async def page(request: Request, visitor: VisitorConsent) -> FastAPIResponse:
        return dressed(HTMLResponse(said(visitor, request.cookies)))

    @app.get("/go")
    async def go() -> FastAPIResponse:
        return dressed(RedirectResponse("/", status_code=303))

    @app.get("/boom")
    async def boom() -> None:
        raise RuntimeError("boom")

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> FastAPIResponse:
        return dressed(HTMLResponse(START + "broken", status_code=500))

    @app.get("/stream")
    async def stream() -> FastAPIResponse:
        return dressed(StreamingResponse(slowly(), media_type="text/html"))

    @app.get("/work")
    async def work(tasks: BackgroundTasks) -> FastAPIResponse:
        tasks.add_task(done.append, "worked")
        return HTMLResponse(START, background=tasks)

    @app.websocket("/ws")
    async def socket(websocket: WebSocket, visitor: VisitorConsent) -> None:
        await websocket.accept(headers=[(b"set-cookie", b"_ga=1"), (b"set-cookie", b"session=2")])
        await websocket.send_text(str(visitor.allows("analytics")))
        await websocket.close()

    inner = FastAPI()
    inner.get("/")(page)
    app.mount("/sub", inner)
    app.mount("/static", StaticFiles(directory=static))
    return ConsentMiddleware(app, settings, **values)


def litestar_site(settings: ConsentSettings, static: Path, done: list[str], values: dict[str, Any]) -> Any:
    def dressed(content: Any, **more: Any) -> litestar.Response[Any]:
        cookies = [litestar.datastructures.Cookie(key=name, value=value) for name, value in COOKIES.items()]
        return litestar.Response(content, media_type="text/html", cookies=cookies, **more)

    @litestar.get("/", dependencies={"consent": Provide(provide_consent)})
    async def page(
        request: litestar.Request[Any, Any, Any], consent: NamedDependency[RequestConsent]
    ) -> litestar.Response[str]:
        return dressed(said(consent, request.cookies))

    @litestar.get("/go")
    async def go() -> litestar.Response[Any]:
        return dressed(b"", status_code=303, headers={"location": "/"})

    @litestar.get("/boom")
    async def boom() -> None:
        raise RuntimeError("boom")

    def failed(request: Any, error: Exception) -> litestar.Response[str]:
        return dressed(START + "broken", status_code=500)

    @litestar.get("/stream")
    async def stream() -> litestar.response.Stream:
        cookies = [litestar.datastructures.Cookie(key=name, value=value) for name, value in COOKIES.items()]
        return litestar.response.Stream(slowly(), media_type="text/html", cookies=cookies)

    @litestar.get("/work")
    async def work() -> litestar.Response[str]:
        return litestar.Response(
            START,
            media_type="text/html",
            background=LitestarTask(done.append, "worked"),
        )

    @litestar.websocket("/ws", dependencies={"consent": Provide(provide_consent)})
    async def socket(
        socket: litestar.WebSocket[Any, Any, Any], consent: NamedDependency[RequestConsent]
    ) -> None:
        await socket.accept(headers={"set-cookie": "_ga=1"})
        await socket.send_text(str(consent.allows("analytics")))
        await socket.close()

    sub = litestar.Router(path="/sub", route_handlers=[page])
    app = litestar.Litestar(
        route_handlers=[
            page,
            go,
            boom,
            stream,
            work,
            socket,
            sub,
            litestar.static_files.create_static_files_router(path="/static", directories=[static]),
        ],
        exception_handlers={500: failed},
        openapi_config=None,
    )
    return ConsentMiddleware(app, settings, **values)


def quart_site(settings: ConsentSettings, static: Path, done: list[str], values: dict[str, Any]) -> Any:
    app = quart.Quart("site", static_folder=str(static), static_url_path="/static")

    def dressed(response: Any) -> Any:
        for name, value in COOKIES.items():
            response.set_cookie(name, value)
        return response

    @app.get("/")
    async def page() -> Any:
        return dressed(quart.Response(said(quart_consent(), quart.request.cookies)))

    @app.get("/go")
    async def go() -> Any:
        return dressed(quart.redirect("/", 303))

    @app.get("/boom")
    async def boom() -> Any:
        raise RuntimeError("boom")

    @app.errorhandler(500)
    async def failed(error: Any) -> Any:
        return dressed(quart.Response(START + "broken", status=500))

    @app.get("/stream")
    async def stream() -> Any:
        return dressed(quart.Response(slowly(), mimetype="text/html"))

    @app.get("/work")
    async def work() -> Any:
        app.add_background_task(done.append, "worked")
        return START

    @app.websocket("/ws")
    async def socket() -> None:
        await quart.websocket.accept(headers=Headers({"set-cookie": "_ga=1"}))
        await quart.websocket.send(str(quart_consent().allows("analytics")))

    blueprint = quart.Blueprint("sub", "site", url_prefix="/sub")
    blueprint.get("/")(page)
    app.register_blueprint(blueprint)
    init_app(app, settings, **values)
    return app


def blacksheep_site(settings: ConsentSettings, static: Path, done: list[str], values: dict[str, Any]) -> Any:
    app = blacksheep.Application(router=blacksheep.Router())

    def html(text: Any, status: int = 200) -> BlackSheepResponse:
        content = (
            text
            if isinstance(text, blacksheep.Content)
            else blacksheep.Content(b"text/html; charset=utf-8", text.encode())
        )
        response = BlackSheepResponse(status, content=content)
        for name, value in COOKIES.items():
            response.set_cookie(blacksheep.Cookie(name, value))
        return response

    async def page(request: blacksheep.Request) -> BlackSheepResponse:
        return html(said(get_consent(request), request.cookies))

    async def go() -> BlackSheepResponse:
        response = html("", 303)
        response.add_header(b"location", b"/")
        return response

    async def boom() -> BlackSheepResponse:
        raise RuntimeError("boom")

    async def failed(handler: Any, request: Any, error: Exception) -> BlackSheepResponse:
        return html(START + "broken", 500)

    async def stream() -> BlackSheepResponse:
        return html(blacksheep.StreamedContent(b"text/html; charset=utf-8", slowly))

    async def socket(websocket: blacksheep.WebSocket) -> None:
        await websocket.accept(headers=[(b"set-cookie", b"_ga=1")])
        await websocket.send_text(str(get_consent(websocket).allows("analytics")))
        await websocket.close()

    for path, view in (("/", page), ("/go", go), ("/boom", boom), ("/stream", stream), ("/sub/", page)):
        app.router.add_get(path, view)
    app.router.add_ws("/ws", socket)
    app.exceptions_handlers[Exception] = failed
    app.serve_files(static, root_path="static")
    return ConsentMiddleware(app, settings, **values)


SITES: Final[dict[str, Make]] = {
    "starlette": starlette_site,
    "fastapi": fastapi_site,
    "litestar": litestar_site,
    "quart": quart_site,
    "blacksheep": blacksheep_site,
}
