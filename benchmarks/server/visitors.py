"""The cookies of visitors, as the middleware that is measured has set them itself."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.types import ASGIApp

from benchmarks.server.driver import BROWSER, FORM, Driver, Errand, post

STRANGERS: Final = 6_000
"""Different visitors in turn: more than the layer keeps verified values of, so that each is new to it."""


def an_hour_ago() -> float:
    """The clock of the layer where visitors decided: long enough ago that nothing is confirmed any more."""
    return time.time() - 3_600


def decided(app: ASGIApp, count: int = 1, **decision: str) -> Sequence[bytes]:
    """What ``count`` visitors hold who have sent this decision; each has an answer of their own."""
    return asyncio.run(_decided(app, count, urlencode({"method": "api", **decision}).encode()))


async def _decided(app: ASGIApp, count: int, body: bytes) -> list[bytes]:
    errand = Errand(path="/consent", headers=(*BROWSER, FORM))
    return [_header((await post(app, errand, body)).cookies) for _ in range(count)]


def set_by(app: ASGIApp, path: str) -> bytes:
    """What a visitor holds who has asked for ``path`` once."""
    return _header(asyncio.run(Driver(app, Errand(path=path)).answer()).cookies)


def _header(cookies: Mapping[str, str]) -> bytes:
    return "; ".join(f"{name}={value}" for name, value in cookies.items()).encode("latin-1")


def garbage(cookie: bytes) -> bytes:
    """The same with another signature: of the right shape, and signed by nobody."""
    head, dot, signature = cookie.rpartition(b".")
    return head + dot + signature[::-1]
