"""The site as an app: a page that asks, and a cookie that waits."""

import secrets
from pathlib import Path

from blacksheep import Application, Cookie, Request, Response, Router
from blacksheep.server.rendering.jinja2 import JinjaRenderer
from blacksheep.server.responses import view
from blacksheep.settings.html import html_settings
from jinja2 import FileSystemLoader

from consent import ConsentMiddleware, ConsentSettings, get_consent
from consent.integrations.jinja import install

HERE = Path(__file__).parent
YEAR = 365 * 24 * 3600


def create_app() -> ConsentMiddleware:
    """Build the site. Its key is made anew at each start: a real site keeps one in `CONSENT_SECRET_KEYS`."""
    environ = {"CONSENT_SECRET_KEYS": secrets.token_urlsafe(48)}
    settings = ConsentSettings.from_toml(HERE / "consent.toml", environ=environ)
    renderer = JinjaRenderer(FileSystemLoader(HERE / "views"))
    install(renderer.env)
    html_settings.use(renderer)
    app = Application(router=Router())
    app.router.add_get("/", home)
    return ConsentMiddleware(app, settings=settings)


async def home(request: Request) -> Response:
    visits = int(request.cookies.get("visits", "0")) + 1
    greeting = (
        f"Visit number {visits}." if get_consent(request).allows("visits") else "Your visits are not counted."
    )
    response = view("page", request=request, greeting=greeting)
    response.set_cookie(Cookie("visits", str(visits), max_age=YEAR))  # leaves the server only with consent
    return response
