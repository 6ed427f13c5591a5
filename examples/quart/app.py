"""The site as an app: a page that asks, and a cookie that waits."""

import secrets
from pathlib import Path

from quart import Blueprint, Quart, make_response, render_template, request
from quart.typing import ResponseReturnValue

from consent import ConsentSettings
from consent.integrations.quart import get_consent, init_app

HERE = Path(__file__).parent
YEAR = 365 * 24 * 3600

pages = Blueprint("pages", __name__)


def create_app() -> Quart:
    """Build the site. Its key is made anew at each start: a real site keeps one in `CONSENT_SECRET_KEYS`."""
    environ = {"CONSENT_SECRET_KEYS": secrets.token_urlsafe(48)}
    settings = ConsentSettings.from_toml(HERE / "consent.toml", environ=environ)
    app = Quart(__name__)
    app.register_blueprint(pages)
    init_app(app, settings)
    return app


@pages.get("/")
async def home() -> ResponseReturnValue:
    visits = int(request.cookies.get("visits", "0")) + 1
    greeting = f"Visit number {visits}." if get_consent().allows("visits") else "Your visits are not counted."
    response = await make_response(await render_template("page.html", greeting=greeting))
    response.set_cookie("visits", str(visits), max_age=YEAR)  # leaves the server only with consent
    return response
