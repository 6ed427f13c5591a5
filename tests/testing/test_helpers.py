"""The helpers for tests of sites: a visitor's standing, what left and what did not, who asks."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from litestar import Litestar, MediaType, get
from litestar.response import Response as LitestarResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

import consent.testing
from consent import ConsentError, ConsentMiddleware
from consent.testing import (
    assert_asks,
    assert_expired,
    assert_left,
    assert_silent,
    assert_withheld,
    consent_client,
)
from tests.sites import PAGE, Memory, settings

COOKIES = ["session", "_ga", "IDE", "nobody"]


def eager(body: str = PAGE) -> Response:
    response = HTMLResponse(body)
    for name in COOKIES:
        response.set_cookie(name, "1")
    return response


async def starlette_page(request: Request) -> Response:
    return eager()


def on_starlette() -> Any:
    return Starlette(routes=[Route("/", starlette_page)])


def on_fastapi() -> Any:
    app = FastAPI()

    @app.get("/")
    def page() -> Response:
        return eager()

    return app


def on_litestar() -> Any:
    @get("/", media_type=MediaType.HTML, sync_to_thread=False)
    def page() -> LitestarResponse[str]:
        response = LitestarResponse(PAGE)
        for name in COOKIES:
            response.set_cookie(name, "1")
        return response

    return Litestar([page])


@pytest.fixture(params=[on_starlette, on_fastapi, on_litestar])
def app(request: pytest.FixtureRequest) -> ConsentMiddleware:
    make: Callable[[], Any] = request.param
    return ConsentMiddleware(make(), settings=settings(), records=Memory())


def test_a_visitor_who_has_not_decided(app: Any) -> None:
    """Without ``granted`` the page asks, and only what is necessary leaves (R1)."""
    page = consent_client(app).get("/")
    assert_asks(page)
    assert_left(page, "session")
    assert_withheld(page, "_ga", "IDE", "nobody")


@pytest.mark.parametrize(
    ("granted", "left"),
    [((), set()), ({"analytics"}, {"_ga"}), (["ads"], {"IDE"}), ("all", {"_ga", "IDE"})],
)
def test_a_visitor_who_has_decided(app: Any, granted: Any, left: set[str]) -> None:
    """What is granted leaves, all else is refused, and nobody is asked again."""
    page = consent_client(app, granted=granted).get("/")
    assert_silent(page)
    assert_left(page, "session", *left)
    assert_withheld(page, *({"_ga", "IDE", "nobody"} - left))


def test_a_browser_that_objects(app: Any) -> None:
    """``gpc`` denies advertising and nothing else (R43)."""
    state = consent_client(app, gpc=True).get("/consent/state").json()
    assert "marketing" in state["denied"]
    assert "analytics" in state["undecided"]


def test_a_client_keeps_what_it_is_given(app: Any) -> None:
    """Host, headers and whatever Starlette's client takes can be said."""
    client = consent_client(app, host="www.site.example", headers={"x-a": "b"}, follow_redirects=False)
    assert (client.base_url.host, client.headers["x-a"], client.follow_redirects) == (
        "www.site.example",
        "b",
        False,
    )


def test_a_deletion_is_told_from_a_cookie(app: Any) -> None:
    """What is deleted did not leave (R18)."""
    client = consent_client(app, granted=())
    page = client.get("/", headers={"cookie": f"_ga=1; {cookie_of(client)}"})
    assert_expired(page, "_ga")
    assert_withheld(page, "_ga")


def cookie_of(client: Any) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (lambda page: assert_left(page, "_ga"), r"'_ga' did not leave: the response sets 'session'; grant "),
        (lambda page: assert_withheld(page, "session"), r"'session' left: the response sets 'session'; "),
        (lambda page: assert_expired(page, "_ga"), r"'_ga' was not deleted: the response deletes none; "),
        (assert_silent, r"The page asks in 1 places; decide first"),
    ],
)
def test_a_failed_assertion_says_what_came_and_what_to_do(
    app: Any, check: Callable[[Any], None], message: str
) -> None:
    """Each message names the cookie, the cookies that came, and the next step."""
    page = consent_client(app).get("/")
    with pytest.raises(AssertionError, match=message):
        check(page)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<p>nobody asks</p>", "The page does not ask"),
        ('<form><button name=action value=accept></form><form><button name=action value=accept></form>', "asks in 2"),
        ('<div hidden><form><button name=action value=accept>A</button></form></div>', "does not ask"),
    ],
)  # fmt: skip
def test_a_page_that_does_not_ask_in_one_place(body: str, message: str) -> None:
    """None, two and a hidden form are no page that asks (R8)."""

    class Said:
        headers: Any = None
        text = body

    with pytest.raises(AssertionError, match=message):
        assert_asks(Said())


def test_an_unknown_id_is_refused(app: Any) -> None:
    """It names what came and what is allowed."""
    with pytest.raises(ConsentError, match=re.escape("'granted' came with 'analytic'; allowed are ads, ")):
        consent_client(app, granted={"analytic"})


def test_an_app_without_the_layer_is_refused() -> None:
    """One sentence says what is missing."""
    with pytest.raises(ConsentError, match="without a consent layer"):
        consent_client(on_starlette(), granted=())


def test_a_decision_that_is_not_taken_is_told() -> None:
    """A store that fails keeps a grant from counting, and the client says so (R25)."""
    records = Memory()
    records.failing = True
    app = ConsentMiddleware(on_starlette(), settings=settings(), records=records)
    with pytest.raises(ConsentError, match="answered with 503"):
        consent_client(app, granted="all")


def test_the_public_names_are_few() -> None:
    """The package exports what it says, and nothing else by accident."""
    assert sorted(consent.testing.__all__) == [
        "RecordsContract",
        "assert_asks",
        "assert_expired",
        "assert_left",
        "assert_silent",
        "assert_withheld",
        "consent_client",
    ]
    assert all(getattr(consent.testing, name).__doc__ for name in consent.testing.__all__)
    with pytest.raises(AttributeError, match="no attribute 'client'"):
        consent.testing.client  # noqa: B018
