"""The wire and memory benchmarks compare what they say, and see what they should."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks.driving import NAVIGATION, Visitors, body_of
from benchmarks.growth.axes import AXES, grown
from benchmarks.memory.streams import CHUNK, CHUNKS, held_by
from benchmarks.memory.visits import LOOKS, Visits, cookies, held_over
from benchmarks.wire import site
from benchmarks.wire.command import BARE, VARIANTS, ratio, rows_of, visitors
from benchmarks.wire.load import Block, load
from benchmarks.wire.servers import Server, children, cpu_of, running
from consent.gatekeeper import Gatekeeper
from tests.sites import settings

T = TypeVar("T")


def test_the_apps_differ_by_the_layer_alone() -> None:
    """An undecided visitor gets the very bytes of the page with the banner, a decided one those of the bare page."""
    headers = visitors()
    plain = body_of(site.bare)
    assert len(plain) == site.PAGE_SIZE
    assert body_of(site.again) == plain
    assert body_of(site.templated, headers["decided"]) == plain
    assert body_of(site.session, headers["session"]) == plain
    with_banner = body_of(site.ours)
    assert with_banner.count(b'id="cst-ask"') == 1
    assert body_of(site.static) == body_of(site.replacing) == with_banner
    assert len(plain) < len(body_of(site.ours, headers["decided"])) < len(with_banner)


def test_the_session_is_read() -> None:
    """The cookie of the rival is one that it believes."""
    seen: list[object] = []

    async def view(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["session"]["user"])

    site.session.app, before = view, site.session.app
    try:
        body_of(site.session, visitors()["session"])
    finally:
        site.session.app = before
    assert seen == [4711]


def test_every_variant_is_measured_against_another_that_is_there() -> None:
    """Each ratio has its base in the same run."""
    names = [variant.name for variant in VARIANTS]
    assert {variant.against for variant in VARIANTS} <= {*names}
    assert all(hasattr(site, variant.app) and variant.visitor in visitors() for variant in VARIANTS)


def block(cpu: float) -> Block:
    return Block(rate=1_000, cpu=cpu, p50=1, p99=2)


def test_ratios_are_taken_round_by_round() -> None:
    """A slow round is slow for both, and changes nothing."""
    samples = {variant.name: [block(10), block(90), block(11)] for variant in VARIANTS}
    samples["ours, undecided"] = [block(11), block(99), block(12.1)]
    [ours] = [variant for variant in VARIANTS if variant.name == "ours, undecided"]
    assert ratio(ours, samples) == pytest.approx(1.1)
    rows = rows_of("uvicorn", samples)
    assert len(rows) == 4 * len(VARIANTS)
    assert [row.ratio for row in rows if row.variant == BARE and row.unit == "us CPU/request"] == [1.0]


def test_a_block_is_what_wrk_said() -> None:
    """Microseconds of CPU a request, milliseconds of waiting; a failed request ends the run."""
    said = 'noise\n{"requests": 2000, "microseconds": 500000, "failed": 0, "p50": 1500, "p99": 9000}'
    assert Block.of(said, 0.25) == Block(rate=4_000, cpu=125, p50=1.5, p99=9)
    with pytest.raises(SystemExit, match="3 failed"):
        Block.of(said.replace('"failed": 0', '"failed": 3'), 0.25)


def test_the_cpu_of_children_counts() -> None:
    """A server that works in a child (as granian does) is not taken for idle."""
    code = "sum(range(1_000_000)); print('done', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert child.pid in children(os.getpid())
        assert 0 < cpu_of(child.pid) < Server(port=0, pid=os.getpid()).cpu()
        child.communicate("\n")


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_a_server_is_measured_on_its_socket() -> None:
    """A uvicorn serves the page to wrk, without a failure, and its CPU is counted."""
    with running("uvicorn", ["ours"]) as servers:
        found = load(servers["ours"], NAVIGATION, 1)
    assert found.cpu > 0
    assert found.p50 <= found.p99


def test_the_many_visitors_are_of_every_kind() -> None:
    """Most have decided, each with a cookie of their own; some have not, and some send what nobody signed."""
    config = settings()
    found = cookies(config, 300)
    assert len({*found}) == 300
    gatekeeper = Gatekeeper(config)
    now = Visitors(config)._now  # when they decided
    kinds = [gatekeeper.readers[False].standing([(b"cookie", one)], now).answer is not None for one in found]
    assert 0.5 < sum(kinds) / 300 < 0.75
    assert sum(b"consent=" in one and not kind for one, kind in zip(found, kinds, strict=True)) > 10


def apart(function: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """In a thread, because a browser's loop may be running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(function, *arguments, **named).result()


def test_memory_is_looked_at_again_and_again() -> None:
    """Once after the warm-up, and twenty times on the way."""
    looks = apart(held_over, Visits(count=60, visitors=20, warm_up=20), ours=True)
    assert len(looks) == LOOKS + 1
    assert min(looks) > 2**20


def test_a_layer_that_collects_streams_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Held streams cost ours next to nothing, and a layer that keeps what it is given its size (R38)."""
    streams = 3
    bare, ours = (apart(held_by, streams, ours=layer) for layer in (False, True))
    assert ours - bare < streams * 64 * 1024

    monkeypatch.setattr("benchmarks.memory.streams.layered", Collecting)
    assert apart(held_by, streams, ours=True) - bare > streams * CHUNK * CHUNKS / 3


class Collecting:
    """Keeps every chunk until the last."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)
            await send(message)

        await self.app(scope, receive, keep)


def test_sites_grow_along_their_axes() -> None:
    """So many categories, services, bytes and cookies as the axis says, and half of the cookies withheld."""
    assert [len(category.services) for category in grown(3, 5)] == [5, 5, 5]
    by_name = {axis.name: axis for axis in AXES}
    assert len(body_of(by_name["size"].site(4).bare)) == 4_000
    assert len({*by_name["visitors"].site(10).decided}) == 10
    four = by_name["cookies"].site(4)
    assert (cookies_of(four.bare), cookies_of(four.ours)) == (4, 2)


def cookies_of(app: ASGIApp) -> int:
    names: list[bytes] = []

    async def spy(scope: Scope, receive: Receive, send: Send) -> None:
        async def count(message: Message) -> None:
            names.extend(name for name, _ in message.get("headers", ()) if name == b"set-cookie")
            await send(message)

        await app(scope, receive, count)

    body_of(spy)
    return len(names)
