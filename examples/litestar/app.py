"""The site as an app: a page that asks, and a cookie that waits."""

import secrets
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, get
from litestar.datastructures import Cookie
from litestar.di import NamedDependency, Provide
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template import TemplateConfig

from consent import ConsentMiddleware, ConsentSettings, RequestConsent
from consent.integrations.jinja import install
from consent.integrations.litestar import provide_consent

HERE = Path(__file__).parent
YEAR = 365 * 24 * 3600


def create_app() -> ConsentMiddleware:
    """Build the site. Its key is made anew at each start: a real site keeps one in `CONSENT_SECRET_KEYS`."""
    environ = {"CONSENT_SECRET_KEYS": secrets.token_urlsafe(48)}
    settings = ConsentSettings.from_toml(HERE / "consent.toml", environ=environ)
    engine = JinjaTemplateEngine(HERE / "templates")
    install(engine.engine)
    app = Litestar(
        [home],
        dependencies={"consent": Provide(provide_consent)},
        template_config=TemplateConfig(instance=engine),
    )
    return ConsentMiddleware(app, settings=settings)


@get("/", include_in_schema=False)
async def home(request: Request[Any, Any, Any], consent: NamedDependency[RequestConsent]) -> Template:
    visits = int(request.cookies.get("visits", "0")) + 1
    greeting = f"Visit number {visits}." if consent.allows("visits") else "Your visits are not counted."
    counted = Cookie("visits", value=str(visits), max_age=YEAR)  # leaves the server only with consent
    return Template("page.html", context={"greeting": greeting}, cookies=[counted])
