"""What stands outside of a consent layer and undoes its work, as load balancers, caches and tag injectors do."""

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consent.gates.cookies import cookie_name, cookie_pairs

Header = tuple[bytes, bytes]


class LeavesCookie:
    """A load balancer that gives a cookie of its own to everybody who brings none."""

    def __init__(self, app: ASGIApp, name: str) -> None:
        self.app, self.name = app, name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        held = {cookie_name(pair) for pair in cookie_pairs(scope.get("headers", ()))}

        async def leaving(message: Message) -> None:
            if message["type"] == "http.response.start" and self.name not in held:
                cookie = f"{self.name}=7f3a; Path=/; Max-Age=31536000; HttpOnly".encode()
                message = {**message, "headers": [*message["headers"], (b"set-cookie", cookie)]}
            await send(message)

        await self.app(scope, receive, leaving)


class KeepsCookie:
    """A cache that believes it knows better: deletions of one cookie do not get through."""

    def __init__(self, app: ASGIApp, name: str) -> None:
        self.app, self.name = app, name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def keeping(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*filter(self._passes, message["headers"])]}
            await send(message)

        await self.app(scope, receive, keeping)

    def _passes(self, header: Header) -> bool:
        name, value = header
        deletes = name.lower() == b"set-cookie" and b"max-age=0" in value.lower()
        return not (deletes and cookie_name(value) == self.name)


class RewritesPages:
    """An optimiser at the edge, which changes the HTML of every page that passes."""

    def __init__(self, app: ASGIApp, rewrite: Callable[[str], str]) -> None:
        self.app, self.rewrite = app, rewrite

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}
        body = bytearray()

        async def rewriting(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_page(message["headers"]):
                start = message
            elif not start:
                await send(message)
            else:
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    await self._send(start, bytes(body), send)

        await self.app(scope, receive, rewriting)

    async def _send(self, start: Message, body: bytes, send: Send) -> None:
        rewritten = self.rewrite(body.decode()).encode()
        kept = [header for header in start["headers"] if header[0].lower() != b"content-length"]
        length = (b"content-length", str(len(rewritten)).encode())
        await send({**start, "headers": [*kept, length]})
        await send({"type": "http.response.body", "body": rewritten})


def _is_page(headers: list[Header]) -> bool:
    return any(n.lower() == b"content-type" and v.startswith(b"text/html") for n, v in headers)
