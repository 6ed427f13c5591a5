"""What is measured is what it is called: pages of that size, visitors with cookies that count or do not."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from benchmarks.server.driver import Answer, Driver, Errand
from benchmarks.server.rounds import Samples, ratio
from benchmarks.server.site import COOKIES, SIZES, bare, page
from benchmarks.server.visitors import an_hour_ago, decided, garbage
from consent import ConsentMiddleware
from tests.sites import Memory, run, settings

T = TypeVar("T")


def layer(**values: Any) -> ConsentMiddleware:
    return ConsentMiddleware(bare(), settings(control="template"), Memory(), **values)


def apart(function: Callable[..., T], *arguments: Any, **values: Any) -> T:
    """In a thread of its own: a browser's loop may be running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(function, *arguments, **values).result()


@pytest.fixture(scope="module")
def accepted() -> bytes:
    return apart(decided, layer(clock=an_hour_ago), action="accept")[0]


def answer(path: str, *cookies: bytes) -> Answer:
    return run(Driver(layer(), Errand(path=path, cookies=cookies or (b"",))).answer)


@pytest.mark.parametrize("size", SIZES)
def test_pages_are_as_large_as_they_are_called(size: int) -> None:
    """To the byte or nearly: sizes are compared."""
    assert size * 1000 - 10 < len(page(size)) <= size * 1000


def test_visitors_are_who_they_are_called(accepted: bytes) -> None:
    """Whoever accepted gets the page as it is, and all cookies; others the banner, and the necessary ones."""
    assert answer("/html/10", accepted).body == page(10)
    for cookie in (b"", garbage(accepted)):
        assert b"cst-ask" in answer("/html/10", cookie).body
        assert set(answer("/cookies", cookie).cookies) == {"session", "csrf"}
    assert set(answer("/cookies", accepted).cookies) == set(COOKIES)


def test_visitors_in_turn_are_different() -> None:
    """Each has an answer of their own, so that none helps the next."""
    assert len(set(apart(decided, layer(clock=an_hour_ago), 5, action="accept"))) == 5


@pytest.mark.parametrize("path", ["/html/10", "/json", "/stream", "/cookies"])
def test_no_visitor_leaves_anything_to_the_collector(path: str, accepted: bytes) -> None:
    """Whatever the cookie is, a request leaves no reference cycle behind (R42)."""
    for cookie in (b"", accepted, garbage(accepted)):
        assert run(Driver(layer(), Errand(path=path, cookies=[cookie])).left_behind, 5) == 0


def test_costs_are_what_stands_above_the_bare_app() -> None:
    """Round by round, since the machine is another one in each."""
    samples = Samples(seconds={"bare": [1, 2], "ours": [3, 5]}, first={}, cycles={})
    assert samples.costs("ours", "bare") == [2, 3]
    assert ratio([1, 6, 4], [2, 2, 2]) == 2
