"""The paper as its views see it: archive, letter box, wire, and how a page of it is printed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from consent import get_consent, render_link, render_policy, render_script
from examples.news.companies import COMPANIES, GULLWING, NORTHWIND, PEEPBOX
from examples.news.content import EDITIONS, SECTIONS, Archive, Edition, slugify
from examples.news.habits import leave_cookies
from examples.news.letters import Letters
from examples.news.wire import Wire

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """Everything that outlives a request. `tick` is the pause of the live ticker, in seconds."""

    archive: Archive
    letters: Letters
    wire: Wire
    templates: Jinja2Templates
    policy: str
    tick: float


def paper_of(request: Request) -> Paper:
    return cast("Paper", request.app.state.paper)


def open_paper(*, instance: Path, third_parties: str, wire: Wire, tick: float) -> Paper:
    """Read the archive, open the letter box and set up the press."""
    archive = Archive(HERE / "content" / "articles")
    return Paper(
        archive=archive,
        letters=Letters(instance / "letters.sqlite3"),
        wire=wire,
        templates=_templates(archive, third_parties),
        policy=content_security_policy(third_parties),
        tick=tick,
    )


def content_security_policy(third_parties: str) -> str:
    """Only what the paper uses; the third parties by name, each for what it delivers."""
    northwind, gullwing, peepbox = (company.origin(third_parties) for company in COMPANIES)
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' {northwind}",
            f"connect-src 'self' {northwind}",
            f"img-src 'self' {gullwing}",
            f"frame-src 'self' {gullwing} {peepbox}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        ]
    )


def edition_of(request: Request) -> Edition:
    """The edition asked for in the address, else the one remembered, else the coast's."""
    asked = (request.query_params.get("edition"), request.cookies.get("edition"))
    return next((edition for edition in asked if edition in EDITIONS), "coast")


def render(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """Print a page, with the cookies that the paper is in the habit of leaving."""
    response = render_plain(request, template, status=status, **context)
    leave_cookies(request, response)
    return response


def render_plain(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """Print a page that leaves no cookies, such as the one about our own mistakes."""
    paper = paper_of(request)
    headers = {
        "Content-Security-Policy": paper.policy,
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return paper.templates.TemplateResponse(request, template, context, status_code=status, headers=headers)


def _templates(archive: Archive, third_parties: str) -> Jinja2Templates:
    templates = Jinja2Templates(HERE / "templates", context_processors=[_of_this_reader])
    templates.env.trim_blocks = templates.env.lstrip_blocks = True
    templates.env.filters["slug"] = slugify
    templates.env.globals |= {
        "archive": archive,
        "sections": SECTIONS,
        "northwind": NORTHWIND.origin(third_parties),
        "gullwing": GULLWING.origin(third_parties),
        "peepbox": PEEPBOX.origin(third_parties),
        "render_link": render_link,
        "render_policy": render_policy,
        "render_script": render_script,
    }
    return templates


def _of_this_reader(request: Request) -> dict[str, Any]:
    consent = get_consent(request)
    return {"consent": consent, "settings_url": consent.settings_url, "edition": edition_of(request)}
