"""Very many requests of many visitors to one app, with looks at the memory of this process."""

import asyncio
import gc
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from starlette.types import ASGIApp, Message

from benchmarks.driving import NAVIGATION, Visitors, nothing, request_scope
from benchmarks.wire.site import bare, layered
from consent import ConsentSettings
from tests.sites import settings

SEED: Final = 7
LOOKS: Final = 20
"""Times that the memory is looked at after the warm-up, evenly spread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """``warm_up`` requests, then ``count`` more, by so many visitors."""

    count: int
    visitors: int
    warm_up: int


def rss() -> int:
    """Bytes that this process holds."""
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def held_over(visits: Visits, *, ours: bool) -> Sequence[int]:
    """Bytes held after the warm-up and at each look thereafter. For a process of its own."""
    site = settings()
    app = layered(bare, site) if ours else bare
    return asyncio.run(_visit(app, cookies(site, visits.visitors), visits))


def cookies(site: ConsentSettings, count: int) -> Sequence[bytes]:
    """What so many visitors send: most have decided, some have not, and some send rubbish."""
    random, visitors = Random(SEED), Visitors(site)
    return [_cookie(random, visitors, number) for number in range(count)]


def _cookie(random: Random, visitors: Visitors, number: int) -> bytes:
    drawn = random.random()
    if drawn < 0.3:
        return f"theme_{number}=dark".encode()
    cookie = visitors.who() if drawn < 0.6 else visitors.who("analytics")
    if drawn > 0.9:
        cookie = cookie[:-5] + f"{number:05}"
    return f"{cookie}; session=s{number}; _ga=GA1.{number}".encode()


async def _visit(app: ASGIApp, cookies: Sequence[bytes], visits: Visits) -> list[int]:
    random = Random(SEED)

    async def drop(message: Message) -> None:
        pass

    async def ask(count: int) -> None:
        for _ in range(count):
            headers = [*NAVIGATION, (b"cookie", random.choice(cookies))]
            await app(request_scope(headers), nothing, drop)

    await ask(visits.warm_up)
    gc.collect()
    looks = [rss()]
    for _ in range(LOOKS):
        await ask(visits.count // LOOKS)
        looks.append(rss())
    return looks
