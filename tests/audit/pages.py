"""A small site that does all kinds of things in a browser, some declared and most of them not."""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from consent import Category, ConsentMiddleware, get_consent
from tests.broken.proxies import LeavesCookie
from tests.sites import Memory, cookie, service, settings

VALUE = "a-value-that-nobody-may-keep"

HEAD = """<!doctype html><html lang=en><head><title>Paper</title>
<link rel=preconnect href=https://pre.invalid></head><body>"""

FRONT = f"""{HEAD}<h1>Paper</h1>
<a href=/two>Two</a> <a href=/logout>Log out</a> <a href=/file.pdf>File</a> <a download href=/list>List</a>
<a href=https://elsewhere.invalid/>Elsewhere</a> <a href=/download>Download</a>
<img src=http://gone.invalid/p.gif?{VALUE} alt=""> <img src=http://blocked.invalid/p.gif alt="">
<script>
document.cookie = "fleeting={VALUE}; path=/; max-age=60";
document.cookie = "fleeting=; path=/; max-age=0";
document.cookie = "{VALUE}";
document.cookie = "refused={VALUE}; domain=other.invalid";
localStorage.setItem("kept", "{VALUE}");
localStorage.assigned = "{VALUE}";
sessionStorage.setItem("tab", "{VALUE}");
indexedDB.open("base");
caches.open("shelf");
navigator.sendBeacon("http://beacon.invalid/{VALUE}");
new WebSocket("ws://socket.invalid/");
alert("Nobody waits for this.");
</script></body></html>"""

TWO = f"""{HEAD}<h1>Two</h1><a href=/three>Three</a><iframe src="http://frame.localhost:PORT/frame"></iframe></body></html>"""

FRAME = "<!doctype html><title>Frame</title><p>A film."

POLICY = "img-src 'self' http://gone.invalid"


class Site:
    """The app; ``opened`` holds the paths that were asked for."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        routes = [Route("/", self.moved), Route("/{page}", self.page)]
        visits = service("visits", cookie("visits", http_only=True), cookie("never"), third_party=False)
        adverts = service("adverts", cookie("advert"), third_party=False)
        declared = [Category(id="analytics", services=[visits]), Category(id="marketing", services=[adverts])]
        guarded = ConsentMiddleware(
            Starlette(routes=routes),
            settings=settings(categories=declared, path="/choices"),
            records=Memory(),
        )
        self._site = LeavesCookie(guarded, "outside")
        self._frames = Starlette(routes=[Route("/frame", self.frame)])

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The site, and somebody else's frame at a host of its own."""
        host = dict(scope.get("headers", ())).get(b"host", b"")
        await (self._frames if host.startswith(b"frame.") else self._site)(scope, receive, send)

    async def frame(self, request: Request) -> Response:
        framed = f"framed={VALUE}; Max-Age=60; Path=/; Secure; SameSite=None; Partitioned"
        return HTMLResponse(FRAME, headers={"set-cookie": framed})

    async def moved(self, request: Request) -> Response:
        """Where the site really begins."""
        return RedirectResponse("/front")

    async def page(self, request: Request) -> Response:
        page, consent = request.path_params["page"], get_consent(request)
        self.opened.append(page)
        if page == "download":
            return Response("a,b", media_type="text/csv", headers={"content-disposition": "attachment"})
        text = {"front": FRONT, "two": TWO}.get(page, HEAD)
        response = HTMLResponse(
            text.replace("PORT", str(request.url.port)), headers={"content-security-policy": POLICY}
        )
        response.set_cookie("visits", VALUE, max_age=60, httponly=True)
        response.headers.append("set-cookie", f"of-{VALUE}; path=/")
        if consent.allows("adverts"):
            response.set_cookie("advert", VALUE, max_age=60)
        return response


def small(**values: Any) -> ConsentMiddleware:
    """A site of one page."""

    async def page(request: Request) -> Response:
        return HTMLResponse(
            "<!doctype html><html lang=en><head><title>Small</title></head><body><h1>Small</h1></body></html>"
        )

    return ConsentMiddleware(
        Starlette(routes=[Route("/", page)]), settings=settings(**values), records=Memory()
    )
