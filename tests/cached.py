"""A site behind a cache: pages that may be kept for a minute, some that depend on the visitor. For `test_caching`."""

import os

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from consent import ConsentMiddleware, get_consent
from tests.sites import settings

TEXT = "<!doctype html><html lang=en><body><p>{}</p>{}</body></html>"
HELD = '<script type="text/plain" data-consent="analytics" src="/count.js"></script>'
KEPT = {"cache-control": "public, max-age=60"}


async def article(request: Request) -> Response:
    """The same for all."""
    text = TEXT.format(f"Article {request.path_params['number']}", HELD)
    headers = {**KEPT, "etag": f'"article-{request.path_params["number"]}"'}
    return HTMLResponse(text, headers=headers)


async def counted(request: Request) -> Response:
    """The same for all, with a cookie for who agreed."""
    response = HTMLResponse(TEXT.format("Counted", ""), headers=KEPT)
    response.set_cookie("_ga", "1")
    return response


async def advert(request: Request) -> Response:
    """A page that asks, and says so."""
    verdict = get_consent(request).verdict("marketing").value
    return HTMLResponse(TEXT.format(f"marketing is {verdict}", ""), headers=KEPT)


async def answer(request: Request) -> Response:
    """The same question from a script."""
    return JSONResponse({"marketing": get_consent(request).verdict("marketing").value}, headers=KEPT)


async def script(request: Request) -> Response:
    """What is held back until somebody agrees."""
    return Response("document.title = 'counted'", media_type="text/javascript", headers=KEPT)


app = Starlette(
    routes=[
        Route("/count.js", script),
        Route("/article/{number}", article),
        Route("/counted", counted),
        Route("/advert", advert),
        Route("/answer", answer),
    ],
    middleware=[Middleware(ConsentMiddleware, settings=settings(cache=os.environ["CACHE_MODE"]))],
)
