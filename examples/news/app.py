"""The paper as an app: its routes, and the order in which the layers stand around them."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from consent import ConsentMiddleware, ConsentSettings, SQLiteRecords
from examples.news import feeds, pages, post, ticker
from examples.news.content import SECTIONS
from examples.news.gallery.pages import gallery_routes
from examples.news.keys import kept_key
from examples.news.observers import InnerObserver, OuterObserver
from examples.news.paper import open_paper
from examples.news.wire import Wire

HERE = Path(__file__).parent


def create_app(
    *,
    instance: Path,
    third_parties: str,
    environ: Mapping[str, str] = os.environ,
    wire: Wire | None = None,
    tick: float = 2.0,
) -> ASGIApp:
    """Build the paper, with the consent layer around the whole of it, pages about its own mistakes too.

    `instance` is the folder for its data, made if missing; `third_parties` the origin under which
    the three companies are found. Without `CONSENT_SECRET_KEYS` in `environ` a kept key is used.
    `wire` is shared with the third parties, so that the paper can show their visitors.
    """
    instance.mkdir(parents=True, exist_ok=True)
    wire = wire or Wire()
    session_key = kept_key(instance / "session.key")
    app = Starlette(
        routes=[*_routes()],
        middleware=[Middleware(SessionMiddleware, secret_key=session_key, max_age=None)],
        exception_handlers=dict.fromkeys((400, 403, 404, 405, 413, 500), pages.failed),
    )
    app.state.paper = open_paper(instance=instance, third_parties=third_parties, wire=wire, tick=tick)
    guarded = ConsentMiddleware(
        InnerObserver(app),
        settings=ConsentSettings.from_toml(HERE / "consent.toml", environ=_keys(instance, environ)),
        records=SQLiteRecords(instance / "consent.sqlite3"),
    )
    return OuterObserver(guarded, wire=wire)


def _keys(instance: Path, environ: Mapping[str, str]) -> Mapping[str, str]:
    if "CONSENT_SECRET_KEYS" in environ:
        return environ
    return {**environ, "CONSENT_SECRET_KEYS": kept_key(instance / "consent.key")}


def _routes() -> Iterator[BaseRoute]:
    yield Route("/", pages.front, name="front")
    for section in SECTIONS:
        yield Route(f"/{section}", pages.section)
    yield Route("/tags/{tag}", pages.tag)
    yield Route("/search", pages.search)
    yield Route("/newsletter", post.newsletter)
    yield Route("/newsletter", post.subscribe, methods=["POST"])
    yield Route("/newsletter/thanks", post.thanks)
    yield Route("/edition", post.edition, methods=["POST"])
    yield Route("/jobs", pages.jobs)
    yield Route("/about", pages.about)
    yield Route("/cookies", pages.cookies)
    yield Route("/wire", pages.wire)
    yield Route("/press-jam", pages.press_jam)
    yield Route("/live", pages.live)
    yield Route("/live/events", ticker.events)
    yield Route("/api/headlines.json", feeds.headlines)
    yield Route("/feed.xml", feeds.atom)
    yield Route("/downloads/ferry-timetable.html", feeds.ferry_timetable)
    yield from gallery_routes()
    yield Mount("/static", StaticFiles(directory=HERE / "static"))
    yield Route("/{section}/{slug}", pages.article)
    yield Route("/{section}/{slug}/comments", post.comment, methods=["POST"])
