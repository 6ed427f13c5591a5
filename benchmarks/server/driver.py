"""Drives an ASGI app without a server: requests as a browser sends them, answers that nobody reads."""

import asyncio
import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Headers = Sequence[tuple[bytes, bytes]]

BROWSER: Final[Headers] = (
    (b"host", b"news.example"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0"),
    (b"accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
    (b"accept-language", b"en-GB,en;q=0.9,de;q=0.7"),
    (b"accept-encoding", b"gzip, deflate, br, zstd"),
    (b"referer", b"https://news.example/"),
    (b"sec-ch-ua", b'"Chromium";v="142", "Not_A Brand";v="99"'),
    (b"sec-ch-ua-mobile", b"?0"),
    (b"sec-ch-ua-platform", b'"Linux"'),
    (b"upgrade-insecure-requests", b"1"),
    (b"sec-fetch-site", b"same-origin"),
    (b"sec-fetch-mode", b"navigate"),
    (b"sec-fetch-user", b"?1"),
    (b"sec-fetch-dest", b"document"),
)
"""What Chromium sends when a link is followed."""

FORM: Final = (b"content-type", b"application/x-www-form-urlencoded")

_SCRIPTED: Final = {
    b"accept": b"*/*",
    b"sec-fetch-mode": b"cors",
    b"sec-fetch-dest": b"empty",
}


def scripted(headers: Headers) -> Headers:
    """The same browser, where a script of the page asks."""
    dropped = (b"upgrade-insecure-requests", b"sec-fetch-user")
    return tuple((name, _SCRIPTED.get(name, value)) for name, value in headers if name not in dropped)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What is asked again and again: one address, by visitors of whom each sends a ``Cookie`` of their own.

    ``cookies`` are taken in turn; an empty one is no header.
    """

    path: str
    cookies: Sequence[bytes] = (b"",)
    headers: Headers = BROWSER
    kind: str = "http"

    def scope(self, cookie: bytes) -> Scope:
        """One request, of which nothing is shared with the one before."""
        headers = [*self.headers, (b"cookie", cookie)] if cookie else [*self.headers]
        scope: dict[str, Any] = {
            "type": self.kind,
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "https" if self.kind == "http" else "wss",
            "path": self.path,
            "raw_path": self.path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 443),
            "state": {},
        }
        more: dict[str, Any] = {"method": "GET"} if self.kind == "http" else {"subprotocols": []}
        return scope | more


async def _unread(message: Message) -> None:
    pass


_SAID: Final[Mapping[str, Sequence[Message]]] = {
    "http": ({"type": "http.request", "body": b"", "more_body": False},),
    "websocket": ({"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}),
}


def client(messages: Sequence[Message]) -> Receive:
    """A browser that says this, and then waits for the rest of the answer."""
    left = iter(messages)

    async def receive() -> Message:
        for message in left:
            return message
        await asyncio.Event().wait()
        return {}

    return receive


class Driver:
    """One app under one errand; goes on with the next visitor where it stopped."""

    def __init__(self, app: ASGIApp, errand: Errand) -> None:
        self._app = app
        self._errand = errand
        self._cookies = cycle(errand.cookies)

    async def drive(self, count: int, send: Send = _unread) -> None:
        """So many requests, one after the other."""
        app, errand = self._app, self._errand
        for cookie in islice(self._cookies, count):
            await app(errand.scope(cookie), client(_SAID[errand.kind]), send)

    async def seconds(self, count: int, clock: Callable[[], float]) -> float:
        """How long a request takes, on average over ``count``."""
        began = clock()
        await self.drive(count)
        return (clock() - began) / count

    async def first_byte(self, count: int) -> float:
        """Seconds until the first byte of a body leaves, on average over ``count``."""
        total = 0.0
        for _ in range(count):
            watch = _Watch()
            began = time.perf_counter()
            await self.drive(1, watch)
            total += watch.first - began
        return total / count

    async def answer(self) -> "Answer":
        """What comes back, for checks and for the cookies in it."""
        answer = Answer()
        await self.drive(1, answer)
        return answer

    async def left_behind(self, count: int) -> float:
        """Objects of each request that only a garbage collector finds: those in cycles."""
        await self.drive(count)
        gc.collect()
        gc.disable()
        try:
            await self.drive(count)
            return gc.collect() / count
        finally:
            gc.enable()


async def post(app: ASGIApp, errand: Errand, body: bytes) -> "Answer":
    """What comes back of a form that is sent."""
    answer = Answer()
    message = {"type": "http.request", "body": body, "more_body": False}
    await app({**errand.scope(b""), "method": "POST"}, client([message]), answer)
    return answer


class _Watch:
    """A ``send`` that remembers when the first byte came."""

    def __init__(self) -> None:
        self.first = 0.0

    async def __call__(self, message: Message) -> None:
        if not self.first and message.get("body"):
            self.first = time.perf_counter()


@dataclass(slots=True)
class Answer:
    """A ``send`` that keeps what it is given."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def __call__(self, message: Message) -> None:
        """Keep one message."""
        self.status = message.get("status", self.status)
        self.headers += message.get("headers", ())
        self.body += bytes(message.get("body", b""))

    @property
    def cookies(self) -> Mapping[str, str]:
        """What the answer sets, as a browser sends it back."""
        pairs = (value.partition(b";")[0] for name, value in self.headers if name.lower() == b"set-cookie")
        return dict(pair.decode("latin-1").split("=", 1) for pair in pairs)
