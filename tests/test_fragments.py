"""What goes into pages is kept for the next who asks the same, and for nobody else."""

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from consent.fragments import MAX_KEPT
from tests.sites import PAGE, Clock, browser, decide, site

GPC = {"sec-gpc": "1"}
GERMAN = {"accept-language": "de"}
REQUESTS: list[dict[str, Any]] = [
    {},
    {"url": "/other"},
    {"url": "/other?page=2"},
    {"url": "/other%3Fpage=2"},
    {"url": "/de"},
    {"url": "/latin"},
    {"url": "/marked"},
    {"url": "/open"},
    {"url": "/open", "headers": GERMAN},
    {"headers": GPC},
    {"url": "/open", "headers": GERMAN | GPC},
    {"method": "POST", "headers": {"referer": "https://site.example/form"}},
    {"method": "POST", "headers": {"referer": "https://site.example/another"}},
    {"root": "/mounted"},
    {"url": "/" + "long/" * 60},
    {"decision": "accept"},
    {"decision": "accept", "later": 61},
    {"decision": "reject", "later": 61},
]
"""Each in one thing different from the others."""


async def anything(request: Request) -> Response:
    text = PAGE.replace(" lang=en", {"/de": " lang=de", "/open": ""}.get(request.url.path, " lang=en"))
    if request.url.path == "/latin":
        return HTMLResponse(text.encode("latin-1"), headers={"content-type": "text/html; charset=latin-1"})
    return HTMLResponse("\ufeff" + text if request.url.path == "/marked" else text)


def fresh(**values: Any) -> tuple[Any, Clock]:
    clock = Clock()
    return site(Route("/{path:path}", anything, methods=["GET", "POST"]), clock=clock, **values), clock


def asked(app: Any, clock: Clock, request: dict[str, Any]) -> bytes:
    """The page that one visitor gets, who is new to the site."""
    began, client = clock.now, browser(app, root_path=request.get("root", ""))
    if "decision" in request:
        decide(client, request["decision"])
    clock.now += request.get("later", 0)
    answer = client.request(
        request.get("method", "GET"), request.get("url", "/"), headers=request.get("headers")
    )
    clock.now = began
    return answer.content


def test_nobody_gets_what_was_kept_for_somebody_else() -> None:
    """Whatever two requests differ in, each page is the one that a site makes which kept nothing yet."""
    alone = [asked(*fresh(signals=("gpc",)), request) for request in REQUESTS]
    app, clock = fresh(signals=("gpc",))
    for _ in range(2):
        assert [asked(app, clock, request) for request in REQUESTS] == alone
    assert len({*alone}) == len(REQUESTS)  # or they would prove nothing


def test_no_more_is_kept_than_there_is_room_for() -> None:
    """Visitors who ask for ever other addresses push out what was kept, and get their own page all the same."""
    app, clock = fresh()
    first = asked(app, clock, {"url": "/?0"})
    for number in range(1, MAX_KEPT + 2):
        assert f'?{number}"'.encode() in asked(app, clock, {"url": f"/?{number}"})
    assert asked(app, clock, {"url": "/?0"}) == first
