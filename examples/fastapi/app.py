"""The site as an app: a page that asks, a cookie that waits, and an API that tells of consent."""

import secrets
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.templating import Jinja2Templates

from consent import ConsentMiddleware, ConsentSettings
from consent.integrations.fastapi import VisitorConsent, document_endpoints
from consent.integrations.jinja import install

HERE = Path(__file__).parent
YEAR = 365 * 24 * 3600

_templates = Jinja2Templates(HERE / "templates")
install(_templates.env)
router = APIRouter()


def create_app() -> FastAPI:
    """Build the site. Its key is made anew at each start: a real site keeps one in `CONSENT_SECRET_KEYS`."""
    environ = {"CONSENT_SECRET_KEYS": secrets.token_urlsafe(48)}
    settings = ConsentSettings.from_toml(HERE / "consent.toml", environ=environ)
    app = FastAPI(title="Radio Ostermere")
    app.include_router(router)
    app.add_middleware(ConsentMiddleware, settings=settings)
    document_endpoints(app, settings)  # /docs shows them
    return app


@router.get("/", include_in_schema=False)
async def home(request: Request, visitor: VisitorConsent) -> Response:
    visits = int(request.cookies.get("visits", "0")) + 1
    greeting = f"Visit number {visits}." if visitor.allows("visits") else "Your visits are not counted."
    response = _templates.TemplateResponse(request, "page.html", {"greeting": greeting})
    response.set_cookie("visits", str(visits), max_age=YEAR)  # leaves the server only with consent
    return response
