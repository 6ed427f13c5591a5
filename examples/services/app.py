"""The site as an app: one template for all pages, in front of a consent layer that knows the services."""

import secrets
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates
from starlette.types import ASGIApp

from consent import ConsentMiddleware, ConsentSettings, SQLiteRecords

HERE = Path(__file__).parent
PAGES = ("film", "post", "prices", "about")

_templates = Jinja2Templates(HERE / "templates")


def create_app(*, records: Path = HERE / "instance" / "consent.sqlite3") -> ASGIApp:
    """Build the site. Its key is made anew at each start: a real site keeps one in `CONSENT_SECRET_KEYS`."""
    records.parent.mkdir(parents=True, exist_ok=True)
    app = Starlette(routes=[Route("/", page), *(Route(f"/{name}", page) for name in PAGES)])
    environ = {"CONSENT_SECRET_KEYS": secrets.token_urlsafe(48)}
    settings = ConsentSettings.from_toml(HERE / "consent.toml", environ=environ)
    return ConsentMiddleware(app, settings=settings, records=SQLiteRecords(records))


async def page(request: Request) -> Response:
    return _templates.TemplateResponse(request, "page.html", {"pages": PAGES})
