"""Every framework keeps the same promises: each is tried on a site of its own, at the framework's current release."""

import gzip
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fastapi import FastAPI
from litestar import Litestar, get
from litestar.di import NamedDependency, Provide
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from consent import ConsentError, ConsentMiddleware, RequestConsent, get_consent
from consent.integrations.fastapi import VisitorConsent, document_endpoints
from consent.integrations.litestar import provide_consent
from tests.integrations.apps import SITES, START
from tests.sites import Clock, Memory, browser, decide, settings

BANNER = 'id="cst-ask"'


class Closing(Memory):
    """A store that knows whether it was closed."""

    closed = False

    async def aclose(self) -> None:
        self.closed = True


def as_served(app: ASGIApp) -> ASGIApp:
    """What servers say of themselves, and the test client does not."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        scope["asgi"] = {"version": "3.0", "spec_version": "2.4"}
        await app(scope, receive, send)

    return served


@pytest.fixture(params=SITES)
def framework(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def static(tmp_path: Path) -> Path:
    (tmp_path / "style.css").write_text("p { color: green }")
    return tmp_path


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def app(framework: str, static: Path, done: list[str]) -> Any:
    return SITES[framework](settings(), static, done, {"records": Memory(), "clock": Clock()})


@pytest.fixture
def client(app: Any) -> Iterator[TestClient]:
    with browser(as_served(app), raises=False) as client:
        yield client


def names(response: Any) -> list[str]:
    """The cookies that an answer sets."""
    return [value.partition("=")[0] for value in response.headers.get_list("set-cookie")]


def test_a_page_asks_and_withholds(client: TestClient) -> None:
    """On arrival the page carries the banner, and only the necessary cookie leaves (R1)."""
    page = client.get("/")
    assert page.status_code == 200
    assert page.text.count(BANNER) == 1
    assert int(page.headers["content-length"]) == len(page.content)
    assert "analytics=False" in page.text
    assert names(page) == ["session"]


def test_a_choice_is_obeyed_until_it_is_taken_back(client: TestClient) -> None:
    """Agreed to, the cookie is set and read; withdrawn, it is deleted and shown to the app no more (R1, R16, R18)."""
    assert decide(client, "accept").status_code == 303
    page = client.get("/")
    assert BANNER not in page.text
    assert "analytics=True" in page.text
    assert sorted(names(page)) == ["_ga", "session"]
    assert "cookies=__Host-consent,_ga,session" in client.get("/").text
    assert "_ga" in names(decide(client, "withdraw"))
    client.cookies.set("_ga", "back", domain="site.example")
    page = client.get("/")
    assert "analytics=False cookies=__Host-consent,session" in page.text
    assert any(value.startswith("_ga=;") for value in page.headers.get_list("set-cookie"))


@pytest.mark.parametrize(("path", "status"), [("/boom", 500), ("/stream", 200), ("/sub/", 200)])
def test_every_page_is_gated_and_asks(client: TestClient, path: str, status: int) -> None:
    """Error pages, streams, and what is mounted, routed or registered further in (R17, R32, R38)."""
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.text.count(BANNER) == 1
    assert answer.text.startswith(START[:30])
    assert names(answer) == ["session"]


def test_what_is_no_page_is_gated(client: TestClient) -> None:
    """A redirect carries no cookie that nobody agreed to, and what is not there is a 404 (R32)."""
    answer = client.get("/go")
    assert answer.status_code == 303
    assert names(answer) == ["session"]
    assert client.get("/nowhere").status_code == 404


def test_head_is_as_get(framework: str, client: TestClient) -> None:
    """A HEAD has the headers of the GET, and no body (R35)."""
    client.get("/")
    got, head = client.get("/"), client.head("/")
    if framework in ("fastapi", "litestar", "blacksheep"):  # they answer HEAD where a view says so
        assert head.status_code in (404, 405)
        return
    assert head.content == b""
    assert head.headers.get("content-length") in (None, got.headers["content-length"])
    assert head.headers["vary"] == got.headers["vary"]


def test_files_come_as_they_are(client: TestClient) -> None:
    """A static file is left alone, and is not made private (R36, R37)."""
    file = client.get("/static/style.css")
    assert file.text == "p { color: green }"
    assert "private" not in file.headers.get("cache-control", "")


def test_a_web_socket_is_gated_and_asks(client: TestClient) -> None:
    """What accepts a WebSocket sets no cookie without consent, and its view reads the standing (R32)."""

    def opened() -> tuple[list[bytes], str]:
        with client.websocket_connect("wss://site.example/ws") as socket:
            fields: list[tuple[bytes, bytes]] = [*(socket.extra_headers or ())]
            return [value for name, value in fields if name == b"set-cookie"], socket.receive_text()

    cookies, told = opened()
    assert not any(value.startswith(b"_ga") for value in cookies)
    assert told == "False"
    decide(client, "accept")
    cookies, told = opened()
    assert any(value.startswith(b"_ga=1") for value in cookies)
    assert told == "True"


@pytest.mark.parametrize("path", ["/paper/", "/"])
def test_a_site_under_a_path_keeps_it(framework: str, app: Any, path: str) -> None:
    """Under ``root_path`` our addresses have it, whether the proxy in front cuts it off or leaves it there."""
    if framework == "quart" and path == "/":
        pytest.skip("Quart has no page outside its root path.")
    client = browser(as_served(app), root_path="/paper")
    assert 'action="/paper/consent"' in client.get(path).text
    taken = client.post(f"{path}consent", data={"action": "accept", "next": "/paper/"})
    assert taken.headers["location"].startswith("/paper/#")
    assert "analytics=True" in client.get(path).text


def test_compressors_stand_outside(app: Any) -> None:
    """Inside a compressor, the banner is in what is compressed, and the page can be read."""
    with browser(GZipMiddleware(app)).stream("GET", "/", headers={"accept-encoding": "gzip"}) as answer:
        body = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body).decode().count(BANNER) == 1


def test_two_of_us_ask_once(app: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A second one further in leaves everything to the first, and the log names it once (R8)."""
    client = browser(ConsentMiddleware(app, settings(path="/cookies"), clock=Clock()))
    with caplog.at_level(logging.WARNING, logger="consent"):
        page = [client.get("/") for _ in range(2)][-1]
    assert page.text.count(BANNER) == 1
    assert 'action="/cookies"' in page.text
    assert names(page) == ["session"]
    [told] = [record.message for record in caplog.records if "second ConsentMiddleware" in record.message]
    assert "settings (path '/consent') count for nothing. Remove it." in told


def test_the_store_is_closed_with_the_app(framework: str, static: Path, done: list[str]) -> None:
    """When the server stops the app, the store finishes what it has begun (R25)."""
    store = Closing()
    with browser(SITES[framework](settings(), static, done, {"records": store})):
        assert not store.closed
    assert store.closed


def test_background_work_goes_on(framework: str, app: Any, done: list[str]) -> None:
    """What an app does after its answer is done as without us."""
    if framework == "blacksheep":
        pytest.skip("BlackSheep has no work that belongs to an answer.")
    with browser(app) as client:
        assert client.get("/work").text.count(BANNER) == 1
    assert done == ["worked"]


# --- where else it can stand ----------------------------------------------------------------------


async def home(request: Request) -> Response:
    request.session["seen"] = request.session.get("seen", 0) + 1
    return HTMLResponse(
        f"{START}<p>seen={request.session['seen']} {get_consent(request).allows('analytics')}"
    )


def listed(app: Any) -> Any:
    """An app whose own list holds several middlewares; the last one added stands outermost."""
    app.add_middleware(SessionMiddleware, secret_key="x", session_cookie="session")
    app.add_middleware(ConsentMiddleware, settings=settings(), clock=Clock())
    app.add_middleware(CORSMiddleware, allow_origins=["*"])
    app.add_middleware(GZipMiddleware, minimum_size=0)
    return app


@pytest.mark.parametrize("make", [Starlette, FastAPI])
def test_it_stands_among_others_in_a_list(make: Any) -> None:
    """Sessions go on inside it, the compressor compresses what it puts in, and nothing is lost on the way (R1)."""
    app = listed(make())
    app.router.routes.append(Route("/", home))
    with browser(app, headers={"origin": "https://other.example"}) as client:
        first = client.get("/")
        assert "seen=1 False" in first.text
        assert first.text.count(BANNER) == 1
        assert first.headers["content-encoding"] == "gzip"
        assert first.headers["access-control-allow-origin"] == "*"
        decide(client, "accept")
        assert "seen=2 True" in client.get("/").text


def test_a_state_of_the_site_does_not_turn_it_off() -> None:
    """Whatever a site keeps under our name in its lifespan's state, cookies wait for consent (R1)."""

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, str]]:
        yield {"consent": "the site's own"}

    async def page(request: Request) -> Response:
        return HTMLResponse(START, headers={"set-cookie": "_ga=1"})

    app = Starlette(routes=[Route("/", page)], lifespan=lifespan)
    with browser(ConsentMiddleware(app, settings(), clock=Clock())) as client:
        answer = client.get("/")
    assert "set-cookie" not in answer.headers
    assert BANNER in answer.text


# --- what is each framework's own -----------------------------------------------------------------


@pytest.fixture
def documented() -> TestClient:
    """A FastAPI app whose document tells of our addresses, and a client that speaks JSON."""
    app = FastAPI()
    app.get("/")(lambda: "a page of the site's own")
    document_endpoints(app, settings())
    return browser(ConsentMiddleware(app, settings(), clock=Clock()), headers={"accept": "application/json"})


def schema(operation: Any, status: str) -> Any:
    [content] = operation["responses"][status]["content"].values()
    return content["schema"]


def test_openapi_tells_of_decisions(documented: TestClient) -> None:
    """What is sent, and what comes back, taken or refused, keeps the schemas of FastAPI's document."""
    post = documented.get("/openapi.json").json()["paths"]["/consent"]["post"]
    said = {"action": "save", "granted": ["analytics"], "asked": ["analytics"], "method": "api"}
    jsonschema.validate(said, post["requestBody"]["content"]["application/json"]["schema"])
    taken = documented.post("/consent", json=said)
    jsonschema.validate(taken.json(), schema(post, "200"))
    assert "analytics" in taken.json()["granted"]
    assert taken.json()["undecided"] == ["ads", "edition", "marketing", "preferences"]
    refused = documented.post("/consent", json={"action": "no"})
    assert refused.status_code == 400
    jsonschema.validate(refused.json(), schema(post, "400"))


def test_openapi_tells_of_what_can_be_read(documented: TestClient) -> None:
    """Every address that it names is answered as it says, before a decision and after it."""
    paths = documented.get("/openapi.json").json()["paths"]
    assert documented.get("/openapi.json").json()["paths"] == paths
    reads = {path: item["get"] for path, item in paths.items() if "get" in item and path != "/"}
    assert set(reads) > {"/consent/state", "/consent/receipt", "/.well-known/gpc.json"}
    for _ in range(2):
        for path, operation in reads.items():
            answer = documented.get(path)
            status = str(answer.status_code)
            assert answer.headers["content-type"] in operation["responses"][status]["content"], path
            jsonschema.validate(answer.json(), schema(operation, status))
        decide(documented, "accept")


def test_openapi_names_what_is_there() -> None:
    """With another path, and without a signal, the document has the addresses that there are."""
    app = FastAPI()
    document_endpoints(app, settings(path="/cookies", signals=[]))
    paths = app.openapi()["paths"]
    assert "/cookies/state" in paths
    assert "/.well-known/gpc.json" not in paths


def test_fastapi_without_the_middleware_says_so() -> None:
    """A view that asks where nobody stands outside gets an error that says what is missing."""
    app = FastAPI()

    @app.get("/")
    async def view(visitor: VisitorConsent) -> None: ...

    with pytest.raises(ConsentError, match="ConsentMiddleware does not stand outside"):
        browser(app).get("/")


def test_litestar_without_the_middleware_says_so(caplog: pytest.LogCaptureFixture) -> None:
    """So does Litestar's dependency."""

    @get("/", dependencies={"consent": Provide(provide_consent)})
    async def view(consent: NamedDependency[RequestConsent]) -> None: ...

    app = Litestar([view], openapi_config=None, debug=True)
    assert "ConsentMiddleware does not stand outside" in browser(app).get("/").text
