"""Many visitors at once: nobody's answer shows in anybody else's response, and streams stay small."""

import gc
import tracemalloc
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message

from consent import ConsentMiddleware, get_consent
from consent.decision import Action, Decision
from consent.gatekeeper import Gatekeeper
from tests.sites import NOW, Clock, Memory, page, run, settings

CATEGORIES = ("preferences", "analytics", "marketing")
COOKIES = {"preferences": "edition", "analytics": "_ga", "marketing": "IDE"}
CHUNK = b"<p>" + b"x" * 50_000
CHUNKS = 100

Headers = list[tuple[bytes, bytes]]


async def slow(request: Request) -> Response:
    """Reads the consent, lets others run, and answers by what it read."""
    before = [name for name in CATEGORIES if get_consent(request).allows(name)]
    await anyio.lowlevel.checkpoint()
    after = [name for name in CATEGORIES if get_consent(request).allows(name)]
    await anyio.lowlevel.checkpoint()
    response = JSONResponse([before, after, sorted(set(request.cookies) & set(COOKIES.values()))])
    for name in COOKIES.values():
        response.set_cookie(name, "1")
    return response


async def ask(app: Any, headers: Headers, path: str = "/") -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope(headers, path), nothing, send)
    return sent


def scope(headers: Headers, path: str = "/") -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "scheme": "https",
        "path": path,
        "headers": headers,
        "query_string": b"",
    }


async def nothing() -> Message:
    return {"type": "http.disconnect"}


def visitors(number: int) -> list[tuple[set[str], Headers]]:
    """What each visitor granted, and the cookie header that their browser sends."""
    random, gatekeeper = Random(7), Gatekeeper(settings())
    found = []
    for _ in range(number):
        granted = {name for name in CATEGORIES if random.random() < 0.5}
        decision = Decision(action=Action.SAVE, granted=frozenset(granted))
        undecided = gatekeeper.readers[True].standing([], NOW)
        answer = gatekeeper.outcome(decision, undecided, language="en", now=NOW).answer
        own = gatekeeper.set_cookie(answer, secure=True).partition(";")[0]
        everything = "; ".join(f"{name}=1" for name in COOKIES.values())
        found.append((granted, [(b"cookie", f"{own}; {everything}".encode())]))
    return found


def test_no_response_carries_anothers_standing() -> None:
    """2,000 interleaved requests of 50 visitors: each gets what they granted, and nothing else (R42)."""
    app = ConsentMiddleware(Starlette(routes=[Route("/", slow)]), settings(), Memory(), Clock())
    people = visitors(50)
    wrong: list[object] = []

    async def visit(granted: set[str], headers: Headers) -> None:
        start, body = await ask(app, list(headers))
        names = [
            value.partition(b"=")[0].decode() for name, value in start["headers"] if name == b"set-cookie"
        ]
        kept = {name for name in names if b"Max-Age=0" not in dict(_by_name(start["headers"]))[name]}
        expected = sorted(COOKIES[name] for name in granted)
        read = [name for name in CATEGORIES if name in granted]
        if (JSONResponse([read, read, expected]).body, kept) != (body["body"], set(expected)):
            wrong.append((granted, body["body"], names))

    async def everybody() -> None:
        random = Random(11)
        async with anyio.create_task_group() as group:
            for _ in range(2_000):
                group.start_soon(visit, *random.choice(people))

    run(everybody)
    assert wrong == []


def _by_name(headers: Headers) -> list[tuple[str, bytes]]:
    return [(value.partition(b"=")[0].decode(), value) for name, value in headers if name == b"set-cookie"]


async def endless(request: Request) -> Response:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"<!doctype html><html lang=en><title>Long</title><body>"
        for _ in range(CHUNKS):
            yield CHUNK
            await anyio.lowlevel.checkpoint()

    return StreamingResponse(chunks(), media_type="text/html")


def peak_of(app: Any, streams: int) -> int:
    """The most memory in bytes that so many streams of 5 MB took together, above what was there before."""

    async def drop(message: Message) -> None:
        await anyio.lowlevel.checkpoint()

    async def together() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(streams):
                group.start_soon(app, scope([(b"accept", b"text/html")]), nothing, drop)

    gc.collect()
    tracemalloc.start()
    run(together)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_streams_are_not_collected() -> None:
    """100 streams of 5 MB at once take less than 256 KiB each above the bare app (R38)."""
    bare = Starlette(routes=[Route("/", endless)])
    layered = ConsentMiddleware(Starlette(routes=[Route("/", endless)]), settings(), Memory(), Clock())
    peak_of(layered, 1)
    above = peak_of(layered, 100) - peak_of(bare, 100)
    assert above / 100 < 256 * 1024


@pytest.mark.parametrize(
    "cookie", [b"", b"__Host-consent=1.0.x", b"_ga=1; session=2"], ids=["none", "junk", "other"]
)
@pytest.mark.parametrize("path", ["/", "/read"])
def test_a_request_leaves_no_cycle(cookie: bytes, path: str) -> None:
    """Whatever a request made is gone with it, without the garbage collector having to look for it (R42)."""
    app = Starlette(routes=[Route("/", page), Route("/read", slow)])
    wrapped = ConsentMiddleware(app, settings(), records=Memory(), clock=Clock())
    headers = [(b"accept", b"text/html"), *([(b"cookie", cookie)] if cookie else [])]

    async def requests() -> int:
        await ask(wrapped, headers, path)
        gc.collect()
        gc.disable()
        try:
            for _ in range(20):
                await ask(wrapped, headers, path)
            return gc.collect()
        finally:
            gc.enable()

    async def bare() -> int:
        await ask(app, headers)
        gc.collect()
        for _ in range(20):
            await ask(app, headers)
        return gc.collect()

    assert run(requests) <= run(bare)
