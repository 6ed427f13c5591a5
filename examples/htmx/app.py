"""The site as an app: whole pages, parts of pages, and one part that follows consent."""

import secrets
from importlib.util import find_spec
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from starlette.types import ASGIApp

from consent import ConsentMiddleware, ConsentSettings
from consent.integrations.jinja import install

HERE = Path(__file__).parent
PARTS = ("tip", "more")

_templates = Jinja2Templates(HERE / "templates")
install(_templates.env)


def create_app() -> ASGIApp:
    """Build the site. Its key is made anew at each start: a real site keeps one in `CONSENT_SECRET_KEYS`."""
    routes = [
        Route("/", page),
        Route("/tides", page),
        *(Route(f"/parts/{name}", part) for name in PARTS),
        Mount("/htmx", StaticFiles(directory=_htmx())),
    ]
    environ = {"CONSENT_SECRET_KEYS": secrets.token_urlsafe(48)}
    settings = ConsentSettings.from_toml(HERE / "consent.toml", environ=environ)
    return ConsentMiddleware(Starlette(routes=routes), settings=settings)


async def page(request: Request) -> Response:
    title = "Tides" if request.url.path == "/tides" else "Weather"
    return _templates.TemplateResponse(request, "page.html", {"title": title})


async def part(request: Request) -> Response:
    name = request.url.path.rpartition("/")[2]
    return _templates.TemplateResponse(request, f"_{name}.html")


def _htmx() -> Path:
    """Where htmx comes from here: the package django-htmx carries it. Any copy of yours will do."""
    found = find_spec("django_htmx")
    if found is None or found.origin is None:
        raise SystemExit("This example takes htmx from the package django-htmx: pip install django-htmx")
    return Path(found.origin).parent / "static" / "django_htmx"
