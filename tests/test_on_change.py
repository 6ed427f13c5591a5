"""`on_change`: the site hears of each changed standing, once it is recorded, and can lose no decision."""

import functools
import threading
import time
from collections.abc import Awaitable, Sequence
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from consent import Consent, ConsentError, Service, changes, get_consent
from tests.sites import Memory, browser, decide, site


class Heard:
    """A hook that keeps what it is told."""

    def __init__(self, records: Memory | None = None) -> None:
        self.records = records
        self.told: list[tuple[Consent, Consent, list[str]]] = []
        self.recorded: list[int] = []
        self.threads = set[int]()

    def __call__(self, before: Consent, after: Consent, services: Sequence[Service]) -> None:
        self.threads.add(threading.get_ident())
        self.told.append((before, after, [service.id for service in services]))
        self.recorded.append(len(self.records.records) if self.records else 0)


def test_every_change_is_told_once_it_is_recorded() -> None:
    """Before, after, and which services gained or lost; the record is there already (R18, R25)."""
    records = Memory()
    hook = Heard(records)
    client = browser(site(on_change=hook, records=records))
    decide(client, "accept")
    decide(client, "withdraw")
    (before, after, gained), (_, last, lost) = hook.told
    assert not before.allows("analytics")
    assert after.allows("analytics")
    assert not last.allows("analytics")
    assert gained == lost == ["edition", "counter", "heatmap", "ads"]
    assert hook.recorded == [1, 2]


def test_what_changes_nothing_is_not_told() -> None:
    """The same answer again is recorded, and is no change."""
    hook = Heard()
    client = browser(site(on_change=hook))
    decide(client, "reject")
    decide(client, "reject")
    assert [services for _, _, services in hook.told] == [[]]


def test_what_is_refused_is_not_told() -> None:
    """Another origin, an unknown category, an outdated notice: nothing happened (R39)."""
    hook = Heard()
    client = browser(site(on_change=hook))
    assert decide(client, "ok").status_code == 400
    assert decide(client, "accept", notice="old").status_code == 409
    foreign = {"sec-fetch-site": "cross-site"}
    assert client.post("/consent", data={"action": "accept"}, headers=foreign).status_code == 403
    assert hook.told == []


def test_without_a_store_only_what_takes_effect_is_told() -> None:
    """A lost grant is no change; a refusal is, also where it could only be logged (R25)."""
    records = Memory()
    hook = Heard()
    client = browser(site(on_change=hook, records=records))
    decide(client, "accept")
    records.failing = True
    assert decide(client, "save", granted=["analytics"]).status_code == 303
    assert decide(client, "accept").status_code == 503
    assert [services for _, _, services in hook.told][1:] == [["edition", "ads"]]


async def grants(request: Request) -> Response:
    try:
        await get_consent(request).grant("ads")
        await get_consent(request).withdraw("ads")
    except ConsentError:
        return PlainTextResponse("failed")
    return PlainTextResponse("done")


def test_views_are_told_of_like_buttons() -> None:
    """Whoever decides by a form of the site's own is heard of in the same way (R18)."""
    hook = Heard()
    client = browser(site(Route("/", grants, methods=["POST"]), on_change=hook))
    assert client.post("/").text == "done"
    assert [services for _, _, services in hook.told] == [["ads"], ["ads"]]


def test_a_signal_alone_is_no_decision() -> None:
    """What the browser says with every request is heard, not told; a decision under it is (R43)."""
    hook = Heard()
    client = browser(site(on_change=hook), headers={"sec-gpc": "1"})
    client.get("/")
    assert hook.told == []
    decide(client, "accept")
    [(before, after, services)] = hook.told
    assert before.signals == after.signals == ("gpc",)
    assert "ads" in services


def test_plain_functions_run_in_a_thread_and_coroutines_in_the_loop() -> None:
    """A slow hook holds up its own visitor and nobody else."""
    loops: list[int] = []
    hook = Heard()

    async def awaited(*_: Any) -> None:
        await anyio.lowlevel.checkpoint()
        loops.append(threading.get_ident())

    async def view(request: Request) -> Response:
        loops.append(threading.get_ident())
        await get_consent(request).grant("ads")
        return PlainTextResponse("")

    browser(site(Route("/", view), on_change=hook)).get("/")
    assert len(hook.threads) == 1
    assert hook.threads.isdisjoint(loops)
    loops.clear()
    browser(site(Route("/", view), on_change=awaited)).get("/")
    assert len(loops) == 2
    assert len({*loops}) == 1


def test_a_callable_that_gives_an_awaitable_is_awaited() -> None:
    """A partial, a lambda or an object may stand for a coroutine function."""
    done: list[str] = []

    async def awaited(name: str, *_: Any) -> None:
        await anyio.lowlevel.checkpoint()
        done.append(name)

    class Called:
        async def __call__(self, *_: Any) -> None:
            done.append("object")

    def called(*arguments: Any) -> Awaitable[None]:
        return awaited("function", *arguments)

    for hook in (functools.partial(awaited, "partial"), called, Called()):
        decide(browser(site(on_change=hook)), "accept")
    assert done == ["partial", "function", "object"]


@pytest.mark.parametrize("kind", ["plain", "coroutine"])
def test_a_hook_that_fails_loses_no_decision(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """The decision was recorded and takes effect; the failure is in the log."""

    def plain(*_: Any) -> None:
        raise LookupError("x")

    async def coroutine(*_: Any) -> None:
        raise LookupError("x")

    client = browser(site(on_change={"plain": plain, "coroutine": coroutine}[kind]))
    assert decide(client, "accept").status_code == 303
    assert "marketing" in client.get("/consent/state").json()["granted"]
    assert "on_change failed; the decision stands." in caplog.text


@pytest.mark.parametrize("kind", ["plain", "coroutine"])
def test_a_hook_that_hangs_loses_no_decision(
    kind: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The visitor does not wait for ever."""
    monkeypatch.setattr(changes, "HOOK_TIMEOUT", 0.05)

    def plain(*_: Any) -> None:
        time.sleep(0.5)

    async def coroutine(*_: Any) -> None:
        await anyio.sleep_forever()

    client = browser(site(on_change={"plain": plain, "coroutine": coroutine}[kind]))
    assert decide(client, "accept").status_code == 303
    assert "on_change took longer than 0.05 seconds; the decision stands." in caplog.text
