"""The site as an app: a page that asks, and a cookie that waits."""

import secrets
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from consent import ConsentMiddleware, ConsentSettings, get_consent
from consent.integrations.jinja import install

HERE = Path(__file__).parent
YEAR = 365 * 24 * 3600

_templates = Jinja2Templates(HERE / "templates")
install(_templates.env)


def create_app() -> ConsentMiddleware:
    """Build the site. Its key is made anew at each start: a real site keeps one in `CONSENT_SECRET_KEYS`."""
    environ = {"CONSENT_SECRET_KEYS": secrets.token_urlsafe(48)}
    settings = ConsentSettings.from_toml(HERE / "consent.toml", environ=environ)
    return ConsentMiddleware(Starlette(routes=[Route("/", home)]), settings=settings)


async def home(request: Request) -> Response:
    visits = int(request.cookies.get("visits", "0")) + 1
    greeting = (
        f"Visit number {visits}." if get_consent(request).allows("visits") else "Your visits are not counted."
    )
    response = _templates.TemplateResponse(request, "page.html", {"greeting": greeting})
    response.set_cookie("visits", str(visits), max_age=YEAR)  # leaves the server only with consent
    return response
