"""What the owner can read of what was seen and not declared, around real apps (R48)."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from litestar import Litestar, get
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from consent import ConsentError, ConsentMiddleware, consent_report
from tests.sites import NOW, Clock, Memory, browser, categories, cookie, decide, page, service, settings
from tests.test_csp import KIND, REPORT
from tests.ui.markup import read

OWNER = {"accept": "application/json", "x-owner": "yes"}
ROOT = {"since": "2027-01-15T08:00:00.000Z", "hosts": None, "complete": True}


def is_owner(connection: HTTPConnection) -> bool:
    return connection.headers.get("x-owner") == "yes"


def watched(
    app: Any, may_report: Callable[..., Any] | None = is_owner, clock: Clock | None = None, **values: Any
) -> Any:
    """The app with the middleware around it, which watches."""
    return ConsentMiddleware(
        app, settings(**values), records=Memory(), clock=clock or Clock(), may_report=may_report
    )


def sets(*cookies: str) -> Callable[[Request], Any]:
    async def view(request: Request) -> Response:
        response = JSONResponse({})
        response.raw_headers += [(b"Set-Cookie", value.encode()) for value in cookies]
        return response

    return view


def report(client: TestClient, **headers: str) -> Any:
    return client.get("/consent/report", headers=OWNER | headers).json()


def visitor(*routes: BaseRoute, **values: Any) -> TestClient:
    return browser(watched(Starlette(routes=[*routes, Route("/", page)]), **values))


# --- what is listed -------------------------------------------------------------------------------


def test_undeclared_cookies_are_listed_with_route_times_and_count() -> None:
    """Set by the app or sent by a browser: name, the route's pattern, first, last and how often (R48)."""
    clock = Clock()
    client = visitor(
        Route("/articles/{number:int}", sets("seen=9; Path=/", "session=1; Max-Age=60")), clock=clock
    )
    client.get("/articles/7?token=abc", headers={"cookie": "utm=secret; session=1"})
    clock.now += 60
    client.get("/articles/8", headers={"cookie": "utm=other"})
    client.get("/", headers={"cookie": "utm=other"})
    found = report(client)
    times = {"first": "2027-01-15T08:00:00.000Z", "last": "2027-01-15T08:01:00.000Z"}
    assert found["cookies"] == [
        {"name": "seen", "how": "set", "route": "/articles/{number:int}", "count": 2, **times},
        {"name": "utm", "how": "sent", "route": "/articles/{number:int}", "count": 3, **times},
    ]
    assert {name: found[name] for name in ROOT} == ROOT


def test_declared_cookies_leave_the_list_of_unseen_ones_when_they_are_met() -> None:
    """Whether they were set, withheld or sent; a pattern by any of its names (R48)."""
    client = visitor(Route("/set", sets("_hm=1", "edition=2")))
    assert names(report(client)) == ["session", "csrf", "edition", "_ga", "_ga_*", "_hm", "IDE"]
    client.get("/set", headers={"cookie": "_ga_X12=1"})
    assert names(report(client)) == ["session", "csrf", "_ga", "IDE"]
    assert report(client)["unseen"][-1] == {"name": "IDE", "service": "ads", "category": "marketing"}


def names(found: Any, entries: str = "unseen") -> list[str]:
    return [entry["name"] for entry in found[entries]]


def test_a_deletion_is_no_sighting() -> None:
    """What the app only deletes, it does not set (R20, R48)."""
    client = visitor(Route("/out", sets("session=; Max-Age=0", "old=; Max-Age=0")))
    client.get("/out")
    found = report(client)
    assert "session" in names(found)
    assert found["cookies"] == []


def test_the_layers_own_cookies_are_nobodys_discovery() -> None:
    """What we set after a decision is neither undeclared nor unseen (R48)."""
    client = visitor()
    decide(client, "accept")
    client.get("/")
    assert report(client)["cookies"] == []


def test_cookies_of_other_domains_are_not_expected() -> None:
    """A partner's cookie never comes to this site; one for the whole of it does (R48)."""
    partner = service("partner", cookie("uid", domain="ads.example"), cookie("all", domain="site.example"))
    group = categories()[-1]
    client = visitor(
        Route("/set", sets("uid=1")), categories=[type(group)(id="marketing", services=[partner])]
    )
    assert names(report(client)) == ["all"]
    client.get("/set", headers={"cookie": "all=1"})
    found = report(client)
    assert names(found) == []
    assert names(found, "cookies") == ["uid"]
    client.get("/set", headers={"host": "www.ads.example"})
    assert report(client)["cookies"][0]["count"] == 1


def test_a_value_is_never_a_name() -> None:
    """A cookie without a name is told as one: what came of it is its value (R48)."""
    client = visitor(Route("/set", sets("secret1", "=secret2; Path=/", "a=secret3")))
    client.get("/set", headers={"cookie": "secret4; =secret5; ; b=secret6;"})
    found = report(client)
    assert [(entry["name"], entry["how"], entry["count"]) for entry in found["cookies"]] == [
        ("", "set", 2),
        ("a", "set", 1),
        ("", "sent", 2),
        ("b", "sent", 1),
    ]
    assert "secret" not in json.dumps(found)
    assert "secret" not in client.get("/consent/report", headers={"x-owner": "yes"}).text


def test_undeclared_hosts_are_listed_where_a_policy_collects_them() -> None:
    """Host, directive, times and count, and nothing of the page (R48)."""
    clock = Clock()
    client = visitor(csp="report", clock=clock)
    assert report(client)["hosts"] == []
    for _ in range(2):
        client.post("/consent/csp", json=REPORT, headers=KIND)
        clock.now += 1
    [host] = report(client)["hosts"]
    assert host == {
        "host": "new.example",
        "directive": "script-src",
        "first": "2027-01-15T08:00:00.000Z",
        "last": "2027-01-15T08:00:01.000Z",
        "count": 2,
    }


def test_pages_without_gates_and_websockets_are_watched_too() -> None:
    """What leaves by an excluded path leaves unseen by the gates, and not by the owner (R22, R48)."""

    async def socket(websocket: WebSocket) -> None:
        await websocket.accept(headers=[(b"set-cookie", b"live=1")])
        await websocket.close()

    client = visitor(
        Route("/out", sets("free=1")),
        WebSocketRoute("/live/{room}", socket),
        exclude=["/out"],
        gate_excluded=False,
    )
    assert "set-cookie" in client.get("/out").headers
    with client.websocket_connect("/live/7"):
        pass
    found = report(client)["cookies"]
    assert [(entry["name"], entry["route"]) for entry in found] == [
        ("free", "/out"),
        ("live", "/live/{room}"),
    ]


# --- the route ------------------------------------------------------------------------------------


def starlette() -> Any:
    return Starlette(
        routes=[
            Mount("/shop", routes=[Route("/{item}", sets("cart=1"))]),
            Mount("/files", app=StaticFiles(directory="docs")),
        ]
    )


def fastapi() -> Any:
    app = FastAPI()

    @app.get("/shop/{item}")
    async def item(response: Response) -> str:
        response.set_cookie("cart", "1")
        return "one"

    return app


def litestar() -> Any:
    @get("/shop/{item:str}")
    async def item() -> str:
        return "one"

    return Litestar([item], logging_config=None)  # its default one is the whole process's


@pytest.mark.parametrize(
    ("app", "path", "route"),
    [
        (starlette, "/shop/7", "/shop/{item}"),
        (starlette, "/files/index.md", "/files/{path}"),
        (starlette, "/nowhere/7?x=1", "/nowhere/7"),
        (fastapi, "/shop/7", "/shop/{item}"),
        (litestar, "/shop/7", "/shop/{item}"),
    ],
)
@pytest.mark.parametrize("root", ["", "/base"])
def test_the_route_is_the_routers_pattern_or_else_the_path(
    app: Callable[[], Any], path: str, route: str, root: str
) -> None:
    """As far as the framework tells; the query is never part of it (R48)."""
    with TestClient(watched(app()), root_path=root) as client:
        client.get(root + path, headers={"cookie": "odd=1"})
        entries = client.get(f"{root}/consent/report", headers=OWNER).json()["cookies"]
    assert {entry["route"] for entry in entries} == {route}
    assert "odd" in {entry["name"] for entry in entries}


# --- who may see it -------------------------------------------------------------------------------


async def is_owner_async(connection: HTTPConnection) -> bool:
    return is_owner(connection)


def fails(connection: HTTPConnection) -> bool:
    raise LookupError(connection.headers.get("x-owner"))


@pytest.mark.parametrize("may_report", [is_owner, is_owner_async, fails])
def test_whoever_may_not_read_it_learns_of_nothing(may_report: Callable[..., Any]) -> None:
    """The answer is that of an address which does not exist, whichever way the guard says no (R48)."""
    client = visitor(may_report=may_report)
    for headers in ({}, {"accept": "application/json"}):
        refused = client.get("/consent/report", headers=headers)
        missing = client.get("/consent/nothing", headers=headers)
        assert (refused.status_code, refused.headers, refused.text) == (404, missing.headers, missing.text)
    assert client.post("/consent/report").status_code == client.post("/consent/nothing").status_code == 405


@pytest.mark.parametrize("may_report", [is_owner, is_owner_async])
def test_the_owner_reads_it(may_report: Callable[..., Any]) -> None:
    """A guard may answer at once or be awaited (R48)."""
    assert visitor(may_report=may_report).get("/consent/report", headers=OWNER).status_code == 200


def test_a_guard_that_fails_refuses_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody gets in by breaking it (R48)."""
    with caplog.at_level(logging.ERROR, "consent"):
        assert visitor(may_report=fails).get("/consent/report", headers=OWNER).status_code == 404
    assert "may_report failed" in caplog.text


def test_by_default_there_is_no_report() -> None:
    """Without a guard there is neither the address nor anything to show (R48)."""
    client = visitor(may_report=None)
    assert client.get("/consent/report", headers=OWNER).status_code == 404


def test_a_view_of_the_sites_own_shows_it() -> None:
    """Behind the site's own login, whatever the guard of our address says (R48)."""

    async def admin(request: Request) -> Response:
        found = consent_report(request)
        return JSONResponse([found.as_dict(), found.since == datetime.fromtimestamp(NOW, UTC)])

    client = visitor(Route("/admin", admin), may_report=lambda _: False)
    client.get("/", headers={"cookie": "odd=1"})
    found, timed = client.get("/admin").json()
    assert names(found, "cookies") == ["odd"]
    assert timed
    blind = visitor(Route("/admin", admin), may_report=None)
    with pytest.raises(ConsentError, match="no 'may_report'"):
        blind.get("/admin")


# --- how it looks ---------------------------------------------------------------------------------


def test_a_browser_gets_a_page() -> None:
    """Three tables, readable without our stylesheets or any script, kept by nobody and found by no search (R48)."""
    client = visitor(Route("/set", sets("seen=1")), csp="report")
    client.post("/consent/csp", json=REPORT, headers=KIND)
    client.get("/set")
    response = client.get("/consent/report", headers={"x-owner": "yes"})
    root = read(response.text)
    tables = {table["aria-labelledby"]: table for table in root.all("table")}
    assert [cell.text for cell in tables["cookies"].all("td")][:2] == ["set by the app", "/set"]
    assert tables["hosts"].all("th", scope="row")[0].text == "new.example"
    assert len(tables["unseen"].all("tr")) == 8
    assert root.one("meta", name="robots")["content"] == "noindex"
    assert root.all("script") == []
    headers = response.headers
    assert headers["content-type"].startswith("text/html")
    assert headers["x-robots-tag"] == "noindex"
    assert headers["cache-control"] == report_headers(client)["cache-control"] == "no-store"
    assert report_headers(client)["x-robots-tag"] == "noindex"
    assert "style-src 'sha256-" in headers["content-security-policy"]


def report_headers(client: TestClient) -> Any:
    return client.get("/consent/report", headers=OWNER).headers


def test_what_is_not_there_is_said() -> None:
    """Empty lists are sentences, and so is a list that had no more room (R48)."""
    client = visitor(csp="report", categories=[])
    text = client.get("/consent/report", headers={"x-owner": "yes"}).text
    for sentence in ("None was met.", "None was reported.", "All were met."):
        assert sentence in text
    assert "not complete" not in text
    client.get("/", headers={"cookie": "; ".join(f"n{number}=1" for number in range(201))})
    assert "not complete" in client.get("/consent/report", headers={"x-owner": "yes"}).text
    assert "set <code>csp</code>" in visitor().get("/consent/report", headers={"x-owner": "yes"}).text


def test_names_and_paths_are_only_ever_text() -> None:
    """Visitors choose both, and neither becomes markup (R48)."""
    client = visitor()
    client.get("/%3Cscript%3Ealert(1)%3C/script%3E", headers={"cookie": '<img src=x onerror="alert(1)">=1'})
    response = client.get("/consent/report", headers={"x-owner": "yes"})
    assert "<script" not in response.text
    assert "<img" not in response.text
    assert "&lt;img src" in response.text
    [row] = read(response.text).all("table", **{"aria-labelledby": "cookies"})[0].all("th", scope="row")
    assert row.text == "<img src"


def test_headers_that_can_be_read_once_only_are_read_once() -> None:
    """ASGI allows any iterable; whoever looks on leaves all of it to the gates and to the browser (R32)."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = iter(
            [(b"content-type", b"text/html"), (b"set-cookie", b"_ga=1"), (b"set-cookie", b"session=1")]
        )
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"<!doctype html><p>x"})

    got = browser(watched(app)).get("/")
    assert got.headers["content-type"] == "text/html"
    assert got.headers.get_list("set-cookie") == ["session=1"]
    assert 'id="cst-ask"' in got.text
