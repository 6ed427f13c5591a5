"""A site for tests with a policy of its own on each page, and the parties that it would like to use."""

import hashlib
import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from consent import Category, ConsentMiddleware
from consent.ui.rendering import Renderer
from tests.sites import Memory, service, settings

INLINE: Final = "started.push('inline')"
DECLARED: Final = (
    Category(id="analytics", services=[service("counter", hosts=["stats.localhost"], consent_call="google")]),
    Category(id="marketing", services=[service("ads", hosts=["ads.localhost"])]),
)
ASSETS: Final = Renderer(settings(categories=DECLARED), settings(categories=DECLARED).catalogue).assets
OURS: Final = f"'{ASSETS.integrity('consent.js')}' '{ASSETS.integrity('calls.js')}'"


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One policy of the site's own: what it lets our banner do, and the site's gated scripts."""

    policy: str | None
    gated: frozenset[str]
    """Of the page's gated scripts (inline, local, foreign) those that the page has: the policy allows them."""
    started: bool = True
    styled: bool = True
    beyond: frozenset[str] = frozenset({"img", "iframe", "fetch", "beacon", "font"})
    """By which ways the policy lets pages reach others; ours has to close them."""


ALL: Final = frozenset({"inline", "local", "foreign"})
WAYS: Final = frozenset({"script", "img", "iframe", "fetch", "beacon", "font", "socket"})
STRICT: Final = "'nonce-{nonce}' 'strict-dynamic'"

SHAPES: Final = {
    "none": Shape(policy=None, gated=ALL, beyond=WAYS),
    "self": Shape(policy="default-src 'self'", gated=frozenset({"local"}), beyond=frozenset()),
    "nonce": Shape(
        policy="script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'", gated=ALL, beyond=WAYS - {"script"}
    ),
    "hash": Shape(
        policy=f"script-src {_hash(INLINE)}; style-src {_hash('x')}",
        gated=frozenset({"inline"}),
        started=False,
        styled=False,
        beyond=WAYS - {"script"},
    ),
    "hash of ours": Shape(
        policy=f"script-src {_hash(INLINE)} {OURS}; style-src 'self'",
        gated=frozenset({"inline"}),
        beyond=WAYS - {"script"},
    ),
    "strict-dynamic": Shape(
        policy=f"script-src {STRICT} https: 'unsafe-inline'; object-src 'none'; base-uri 'none'",
        gated=ALL,
        beyond=WAYS,
    ),
    "trusted types": Shape(
        policy=f"script-src {STRICT}; require-trusted-types-for 'script'; trusted-types 'none'",
        gated=ALL,
        beyond=WAYS - {"script"},
    ),
    "trusted types consent": Shape(
        policy=f"script-src {STRICT}; require-trusted-types-for 'script'; trusted-types consent",
        gated=ALL,
        beyond=WAYS - {"script"},
    ),
    "nothing": Shape(
        policy="default-src 'none'; form-action 'self'",
        gated=frozenset({"inline"}),
        started=False,
        styled=False,
        beyond=frozenset(),
    ),
}


@dataclass
class Site:
    """The running site; notes whoever is contacted on another host."""

    port: int = 0
    contacted: set[str] = field(default_factory=set)
    middleware: ConsentMiddleware | None = None

    def address(self, host: str, path: str = "/") -> str:
        return f"http://{host}.localhost:{self.port}{path}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = Request(scope).url.hostname if scope["type"] == "http" else None
        if host in ("ads.localhost", "new.localhost", "stats.localhost"):
            await self._party(scope, receive, send)
        else:
            assert self.middleware is not None
            await self.middleware(scope, receive, send)

    async def _party(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].strip("/")
        if b"ads.localhost" in dict(scope["headers"])[b"host"]:
            self.contacted.add(name)
        kind = "text/html" if name == "iframe" else "text/javascript" if name.endswith("js") else "text/plain"
        text = "started.push('foreign')" if name == "foreign.js" else ""
        headers = {"content-type": kind, "access-control-allow-origin": "*"}
        await Response(text, headers=headers)(scope, receive, send)

    async def page(self, request: Request) -> Response:
        shape = SHAPES[request.path_params["shape"]]
        nonce = "r4nd0m+/=="
        tag = f'<script type="text/plain" data-consent="analytics" nonce="{nonce}"'
        gated = {
            "inline": f"{tag}>{INLINE}</script>",
            "local": f'{tag} src="/local.js"></script>',
            "foreign": f'{tag} src="{self.address("stats", "/foreign.js")}"></script>',
        }
        scripts = "".join(gated[name] for name in ("inline", "local", "foreign") if name in shape.gated)
        headers = {"content-security-policy": shape.policy.format(nonce=nonce)} if shape.policy else {}
        text = (
            f"<!doctype html><html lang=en><head><title>Page</title></head><body><p>Page</p>{scripts}</body>"
        )
        return HTMLResponse(text, headers=headers)


async def local(request: Request) -> Response:
    return Response("started.push('local')", media_type="text/javascript")


async def nothing(request: Request) -> Response:
    return Response(status_code=204)


@contextmanager
def running(mode: str) -> Iterator[Site]:
    """The site at ``site.localhost``, until the test ends."""
    site = Site()
    inner = Starlette(
        routes=[
            Route("/local.js", local),
            Route("/favicon.ico", nothing),
            Route("/{shape}", site.page),
        ]
    )
    given = settings(categories=DECLARED, csp=mode)
    site.middleware = ConsentMiddleware(inner, given, records=Memory())
    with socket.create_server(("127.0.0.1", 0)) as listening:
        site.port = int(listening.getsockname()[1])
        server = uvicorn.Server(uvicorn.Config(site, log_level="error", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield site
        finally:
            server.should_exit = True
            thread.join()
