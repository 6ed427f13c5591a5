"""Two observers around the consent layer, which note cookie names on their way through and change nothing."""

from datetime import UTC, datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from examples.news.companies import company_at
from examples.news.wire import Exchange, Visit, Wire, browser_of, cookies_in, cookies_out, header

_SEEN_INSIDE = "examples.news.wire"


class OuterObserver:
    """Stands outside the consent layer: sees what arrived and what left, and writes the note."""

    def __init__(self, app: ASGIApp, wire: Wire) -> None:
        self.app, self.wire = app, wire

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, and note what came before and what goes after."""
        if scope["type"] != "http" or scope["path"] == "/wire":
            await self.app(scope, receive, send)
            return
        arrived = cookies_in(scope["headers"])  # before the read gate rewrites them
        at = datetime.now(UTC)
        inside = scope.setdefault(_SEEN_INSIDE, {})

        def note(status: int, headers: list[tuple[bytes, bytes]]) -> None:
            exchange = Exchange(
                at=at,
                method=scope["method"],
                path=_address(scope),
                status=status,
                arrived=arrived,
                left=cookies_out(headers, at),
                **inside,
            )
            self.wire.note(browser_of(scope), exchange)

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                note(message["status"], list(message.get("headers", ())))
            await send(message)

        await self.app(scope, receive, noting)


class InnerObserver:
    """Stands inside the consent layer: sees what the paper was shown and what it tried to set."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, and leave a note of it for the outer observer."""
        inside = scope.get(_SEEN_INSIDE)
        if scope["type"] != "http" or inside is None:
            await self.app(scope, receive, send)
            return
        inside["shown"] = cookies_in(scope["headers"])

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                inside["tried"] = cookies_out(list(message.get("headers", ())), datetime.now(UTC))
            await send(message)

        await self.app(scope, receive, noting)


class VisitObserver:
    """Stands before the third parties: notes every request to one of the companies."""

    def __init__(self, app: ASGIApp, wire: Wire) -> None:
        self.app, self.wire = app, wire

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, and note each request to a company."""
        company = company_at(scope["path"]) if scope["type"] == "http" else None
        if company is None:
            await self.app(scope, receive, send)
            return
        at = datetime.now(UTC)

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                visit = Visit(
                    at=at,
                    company=company.name,
                    path=scope["path"],
                    referer=_origin(header(scope["headers"], b"referer")),
                    arrived=cookies_in(scope["headers"]),
                    left=cookies_out(list(message.get("headers", ())), at),
                )
                self.wire.visits.add(browser_of(scope), visit)
            await send(message)

        await self.app(scope, receive, noting)


def _address(scope: Scope) -> str:
    """The path alone: what a reader searched for is nobody else's."""
    path = str(scope["path"])
    return path if len(path) <= 120 else f"{path[:119]}…"


def _origin(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}" if rest else ""
