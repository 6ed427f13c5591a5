"""The contestants' sites: the same article, each under a host of its own, served by uvicorn.

``python -m benchmarks.client.site FD`` serves them on the listening socket that it inherited as ``FD``.
"""

import gzip
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from mimetypes import guess_type
from pathlib import Path
from typing import Final

import uvicorn
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Host, Route
from starlette.types import ASGIApp

from benchmarks.client.contestants import CONTESTANTS, OURS, SETUPS, Contestant
from benchmarks.client.npm import FOLDER, MODULES, ROOT
from consent import ConsentMiddleware, ConsentSettings, SQLiteRecords
from examples.news.content import SECTIONS, Archive

PATH: Final = "/article"
"""Where each site has the article."""

_STORIES: Final = 9
"""How many stories the page holds: with nine its HTML has 30 KB."""

_PAPER: Final = ROOT / "examples" / "news"
_SHEETS: Final = ("base", "masthead", "stories")
_FOREVER: Final = {"cache-control": "public, max-age=31536000, immutable"}


def create_app() -> ASGIApp:
    """All sites; whatever is not compressed yet is compressed outside of everything."""
    hosts = [Host(contestant.host, app=site_of(contestant)) for contestant in CONTESTANTS]
    return GZipMiddleware(Starlette(routes=hosts))


def site_of(contestant: Contestant) -> ASGIApp:
    """One contestant's site; ours has the middleware around it."""
    site = Starlette(routes=[*_routes(contestant)])
    if contestant is not OURS:
        return site
    environ = {"CONSENT_SECRET_KEYS": "a key for measurements that signs nothing of worth"}
    settings = ConsentSettings.from_toml(SETUPS / "ours" / "consent.toml", environ=environ)
    return ConsentMiddleware(site, settings=settings, records=SQLiteRecords(FOLDER / "records.sqlite3"))


def article(contestant: Contestant) -> str:
    """The page with what the contestant puts into it itself; ours leaves that to the middleware."""
    stories = Archive(_PAPER / "content" / "articles").articles[:_STORIES]
    template = _templates().get_template("article.html")
    return template.render(contestant=contestant.name, stories=stories, sections=SECTIONS)


def content(contestant: Contestant, file: str) -> bytes:
    """A file of the contestant's package."""
    return (MODULES / contestant.package / file).read_bytes()


@contextmanager
def served() -> Iterator[int]:
    """Serves the sites from a process of its own, and gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.fileno()
        command = [sys.executable, "-m", "benchmarks.client.site", str(number)]
        with subprocess.Popen(command, cwd=ROOT, pass_fds=[number]) as process:
            yield int(listener.getsockname()[1])
            process.terminate()


@cache
def _templates() -> Environment:
    loader = FileSystemLoader([Path(__file__).parent / "pages", SETUPS])
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _routes(contestant: Contestant) -> Iterator[BaseRoute]:
    page = article(contestant)
    style = "".join((_PAPER / "static" / "css" / f"{name}.css").read_text("utf-8") for name in _SHEETS)
    yield Route(PATH, partial(_page, page))
    yield Route("/paper.css", partial(_sheet, style))
    yield Route("/favicon.ico", _nothing)
    for file in contestant.files:
        packed = gzip.compress(content(contestant, file), 9)
        yield Route(f"/assets/{file}", partial(_file, packed, guess_type(file)[0]))


async def _page(page: str, _request: Request) -> Response:
    return HTMLResponse(page)


async def _sheet(style: str, _request: Request) -> Response:
    return Response(style, media_type="text/css", headers=_FOREVER)


async def _nothing(_request: Request) -> Response:
    return Response(status_code=204, headers=_FOREVER)


async def _file(content: bytes, media_type: str | None, _request: Request) -> Response:
    return Response(content, media_type=media_type, headers={**_FOREVER, "content-encoding": "gzip"})


if __name__ == "__main__":
    config = uvicorn.Config(create_app(), log_level="error", lifespan="off")
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
