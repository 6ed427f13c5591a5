"""The server of the app: one page for every address, its modules, and a little JSON."""

import secrets
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from consent import ConsentMiddleware, ConsentSettings, get_consent

HERE = Path(__file__).parent
TIDES = [{"time": "05:12", "height": 1.1}, {"time": "11:24", "height": 4.3}, {"time": "17:40", "height": 1.3}]


def create_app() -> ASGIApp:
    """Build the site. Its key is made anew at each start: a real site keeps one in `CONSENT_SECRET_KEYS`."""
    routes = [
        Route("/api/tides", tides),
        Mount("/static", StaticFiles(directory=HERE / "static")),
        Route("/{view:path}", page),
    ]
    environ = {"CONSENT_SECRET_KEYS": secrets.token_urlsafe(48)}
    settings = ConsentSettings.from_toml(HERE / "consent.toml", environ=environ)
    return ConsentMiddleware(Starlette(routes=routes), settings=settings)


async def page(request: Request) -> Response:
    return FileResponse(HERE / "index.html")


async def tides(request: Request) -> Response:
    """What the app asks for: units are remembered for who has agreed, and the cookie waits for that."""
    unit = request.query_params.get("unit") or request.cookies.get("unit", "m")
    response = JSONResponse(
        {"unit": unit, "tides": TIDES, "remembered": get_consent(request).allows("units")}
    )
    response.set_cookie("unit", unit, max_age=365 * 24 * 3600)
    return response
