"""The third parties: an analytics script, an advert, a film and a pixel, each on an origin of its own."""

import base64
import secrets
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from examples.news.observers import VisitObserver
from examples.news.wire import Wire

HERE = Path(__file__).parent
YEAR = 365 * 24 * 60 * 60
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")

_SCENES = {"tollen-bridge": "The first walk over Tollen Bridge", "lantern-theatre": "High water in Act Two"}
_templates = Jinja2Templates(HERE / "templates" / "third_parties")


def create_third_parties(wire: Wire) -> Starlette:
    """The three companies as one app, whose visitors are noted on the wire."""
    return Starlette(
        routes=[
            Route("/", about),
            Route("/analytics.js", analytics),
            Route("/collect", collect, methods=["POST"]),
            Route("/ad", advert),
            Route("/pixel.gif", pixel),
            Route("/video/{id}", video),
            Mount("/static", StaticFiles(directory=HERE / "static" / "third_parties")),
        ],
        middleware=[Middleware(VisitObserver, wire=wire)],
    )


def about(request: Request) -> Response:
    return _templates.TemplateResponse(request, "about.html")


def analytics(_: Request) -> Response:
    return FileResponse(
        HERE / "static" / "third_parties" / "analytics.js",
        media_type="text/javascript",
        headers={"Cache-Control": "no-store"},
    )


def collect(_: Request) -> Response:
    return Response(status_code=204)


def advert(request: Request) -> Response:
    response = _templates.TemplateResponse(request, "ad.html")
    _leave(request, response, "ad_id", YEAR)
    return response


def pixel(request: Request) -> Response:
    response = Response(PIXEL, media_type="image/gif", headers={"Cache-Control": "no-store"})
    _leave(request, response, "ad_id", YEAR)
    return response


def video(request: Request) -> Response:
    title = _SCENES.get(request.path_params["id"], "A film from Ostermere")
    response = _templates.TemplateResponse(request, "video.html", {"title": title})
    _leave(request, response, "vp_session", None)
    return response


def _leave(request: Request, response: Response, name: str, max_age: int | None) -> None:
    """A cookie that browsers keep for a frame: those that block third parties keep it for this site alone."""
    if name not in request.cookies:
        age = "" if max_age is None else f"; Max-Age={max_age}"
        pair = f"{name}={secrets.token_urlsafe(12)}"
        response.headers.append(
            "set-cookie", f"{pair}{age}; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"
        )
