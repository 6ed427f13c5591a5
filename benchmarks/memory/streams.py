"""Many long pages at once, held in their middle by visitors who read slowly."""

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncIterator
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message

from benchmarks.driving import NAVIGATION, nothing, request_scope
from benchmarks.wire.site import layered

CHUNK: Final = 50_000
CHUNKS: Final = 100
"""Chunks of a page: together 5 MB."""


async def _page(request: Request) -> Response:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"<!doctype html><html lang=en><title>Long</title><body>"
        for _ in range(CHUNKS):
            yield b"<p>" + bytes(CHUNK)

    return StreamingResponse(chunks(), media_type="text/html")


def held_by(streams: int, *, ours: bool) -> int:
    """Bytes that so many streams hold while all are in their middle. For a process of its own."""
    bare = Starlette(routes=[Route("/", _page)])
    return asyncio.run(_measure(layered(bare) if ours else bare, streams))


async def _measure(app: ASGIApp, streams: int) -> int:
    await _held(app, 1)  # whatever is made once is made now
    gc.collect()
    tracemalloc.start()
    held = await _held(app, streams)
    tracemalloc.stop()
    return held


async def _held(app: ASGIApp, streams: int) -> int:
    arrived, released = asyncio.Semaphore(0), asyncio.Event()

    async def visit() -> None:
        chunks = 0

        async def send(message: Message) -> None:
            nonlocal chunks
            chunks += bool(message.get("body"))
            if chunks == CHUNKS // 2 and not released.is_set():
                arrived.release()
                await released.wait()

        await app(request_scope(NAVIGATION), nothing, send)

    async with asyncio.TaskGroup() as group:
        for _ in range(streams):
            group.create_task(visit())
        for _ in range(streams):
            await arrived.acquire()
        held = tracemalloc.get_traced_memory()[0] if tracemalloc.is_tracing() else 0
        released.set()
    return held
