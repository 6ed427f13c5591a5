"""A small paper for tests of the interface: an article, things that wait for consent, and pages changed in place."""

from pathlib import Path
from typing import Any

import django_htmx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from consent import ConsentMiddleware, get_consent
from tests.sites import Memory, settings

HTMX = Path(django_htmx.__file__).parent / "static" / "django_htmx"

WAITING = """
<script>window.ran = []; window.told = []; document.addEventListener("consent:change", ({ detail }) => told.push(detail));</script>
<script type="text/plain" data-consent="counter">ran.push("first")</script>
<template data-consent="analytics"><p id="shown">Shown</p><script src="/slow.js"></script><script>ran.push("in template")</script></template>
<script type="text/plain" data-consent="analytics" src="/quick.js"></script>
<script type="text/plain" data-consent="ads">ran.push("ads")</script>
<script type="text/plain" data-consent="analytics marketing">ran.push("both")</script>
"""
LINKS = "".join(
    f"<p>A line of the story, with <a href='/more/{number}'>a link</a> in it.</p>" for number in range(40)
)


def article(title: str, *parts: str) -> HTMLResponse:
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>body {{ margin: 0; font: 1rem/1.6 sans-serif }}</style></head><body>"
        f"<header id=top><a href=#main>Skip</a> <a href=/>Home</a></header><main id=main><h1>{title}</h1>"
        f"{''.join(parts)}{LINKS}</main><footer><a href=/consent data-cst-open>Your cookies</a></footer></body></html>"
    )


async def story(request: Request) -> Response:
    return article("Story", WAITING, "<form><label>Note <textarea id=note></textarea></label></form>")


async def changing(request: Request) -> Response:
    """A page that htmx changes in place, and one that swaps its whole body."""
    swaps = (
        f'<script src="/htmx/{request.query_params.get("htmx", "htmx-2.min.js")}"></script>'
        '<button hx-get="/part" hx-target="#place">Load a part</button><div id=place></div>'
        '<a id=boosted hx-boost="true" href="/changed">A boosted link</a>'
    )
    return article("Changing", WAITING, swaps)


async def changed(request: Request) -> Response:
    return article("Changed", '<script type="text/plain" data-consent="counter">ran.push("changed")</script>')


async def part(request: Request) -> Response:
    return HTMLResponse(
        '<p>A part</p><script type="text/plain" data-consent="counter">ran.push("part")</script>'
    )


async def asked(request: Request) -> Response:
    return JSONResponse(sorted(get_consent(request).standing.granted))


async def slow(request: Request) -> Response:
    code = "{ const end = Date.now() + 150; while (Date.now() < end); ran.push('slow') }"
    return Response(code, media_type="text/javascript")


async def quick(request: Request) -> Response:
    return Response("ran.push('quick')", media_type="text/javascript")


def reading_site(records: Memory | None = None, **values: Any) -> ConsentMiddleware:
    routes = [
        Route("/", story),
        Route("/changing", changing),
        Route("/changed", changed),
        Route("/part", part),
        Route("/asked", asked),
        Route("/slow.js", slow),
        Route("/quick.js", quick),
        Route("/more/{number}", changed),
        Mount("/htmx", StaticFiles(directory=HTMX)),
    ]
    return ConsentMiddleware(
        Starlette(routes=routes),
        settings=settings(**values),
        records=Memory() if records is None else records,
    )
