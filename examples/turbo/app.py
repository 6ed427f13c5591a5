"""The site as an app: pages for Turbo Drive, and a Turbo frame that follows consent."""

import os
import secrets
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from starlette.types import ASGIApp

from consent import ConsentMiddleware, ConsentSettings
from consent.integrations.jinja import install

HERE = Path(__file__).parent
TURBO = Path("node_modules/@hotwired/turbo/dist/turbo.es2017-esm.js")

_templates = Jinja2Templates(HERE / "templates")
install(_templates.env)


def turbo_file() -> Path:
    """Where `npm install @hotwired/turbo` has put it, here or in the folder that NODE_ROOT names."""
    return Path(os.environ.get("NODE_ROOT", ".")) / TURBO


def create_app() -> ASGIApp:
    """Build the site. Its key is made anew at each start: a real site keeps one in `CONSENT_SECRET_KEYS`."""
    if not turbo_file().exists():
        raise SystemExit("This example takes Turbo from node_modules: npm install @hotwired/turbo")
    routes = [
        Route("/", page),
        Route("/tides", page),
        Route("/frames/tip", tip),
        Route("/turbo.js", turbo),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    environ = {"CONSENT_SECRET_KEYS": secrets.token_urlsafe(48)}
    settings = ConsentSettings.from_toml(HERE / "consent.toml", environ=environ)
    return ConsentMiddleware(Starlette(routes=routes), settings=settings)


async def page(request: Request) -> Response:
    title = "Tides" if request.url.path == "/tides" else "Weather"
    return _templates.TemplateResponse(request, "page.html", {"title": title})


async def tip(request: Request) -> Response:
    return _templates.TemplateResponse(request, "tip.html")


async def turbo(request: Request) -> Response:
    return FileResponse(turbo_file(), media_type="text/javascript")
