"""The middleware around real apps: what goes into pages, what leaves, what the app sees."""

import logging
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from consent import (
    Category,
    ConsentError,
    ConsentMiddleware,
    CookieVerdict,
    gatekeeper,
    get_consent,
    reader,
    render_link,
    render_policy,
    render_script,
)
from consent.decision import Action, Decision
from consent.state import Answer
from tests.sites import NOW, PAGE, Clock, Memory, browser, decide, run, service, settings, site

FORM = 'method="post" action="/consent"'
HX = {"hx-request": "true"}
DAY = 86_400


async def greedy(request: Request) -> Response:
    """Sets a cookie of each kind, whatever the visitor said, and tells what it was shown."""
    response = JSONResponse(sorted(request.cookies))
    for name in ("session", "edition", "_ga", "_ga_1", "IDE", "unknown"):
        response.set_cookie(name, "1")
    return response


def names_set(response: Any) -> list[str]:
    return [value.partition("=")[0] for value in response.headers.get_list("set-cookie")]


# --- the banner ---------------------------------------------------------------------------------


def test_a_first_visit_is_asked_and_nothing_is_set() -> None:
    """The banner is in the page, first in the body, and no cookie comes with it (R1, R52)."""
    response = browser(site()).get("/")
    assert response.text.startswith(PAGE.partition("<p>")[0])
    assert response.text.count(FORM) == 1
    assert response.text.index(FORM) < response.text.index("<p>Hello</p></body></html>")
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("action", ["accept", "reject"])
def test_who_has_decided_is_not_asked_again(action: str) -> None:
    """Neither consent nor refusal is asked for a second time (R16)."""
    client = browser(site())
    decide(client, action)
    assert FORM not in client.get("/").text


def test_the_answer_ends_after_its_lifetime() -> None:
    """After 182 days everything is undecided again, and stays withheld (R16, R21)."""
    clock = Clock()
    client = browser(site(Route("/greedy", greedy), clock=clock))
    decide(client, "accept")
    clock.now += 182 * DAY - 1
    assert FORM not in client.get("/").text
    clock.now += 1
    client.cookies.set("_ga", "old", domain="site.example")
    assert FORM in client.get("/").text
    assert "_ga" not in client.get("/greedy").json()


@pytest.mark.parametrize(
    ("response", "headers"),
    [
        (HTMLResponse("<p>a fragment</p>"), {}),
        (HTMLResponse(PAGE), HX),
        (HTMLResponse(PAGE), {"turbo-frame": "a"}),
        (HTMLResponse(PAGE), {"x-requested-with": "XMLHttpRequest"}),
        (HTMLResponse(PAGE), {"sec-fetch-dest": "iframe"}),
        (HTMLResponse(PAGE, headers={"content-disposition": "attachment"}), {}),
        (HTMLResponse(PAGE, headers={"content-encoding": "x-own"}), {}),
        (HTMLResponse(PAGE, headers={"content-type": "text/html; charset=utf-7"}), {}),
        (HTMLResponse(PAGE, headers={"content-type": "application/xhtml+xml"}), {}),
        (HTMLResponse(PAGE.replace("<html", "<html amp")), {}),
        (HTMLResponse(PAGE, status_code=206), {}),
        (PlainTextResponse(PAGE), {}),
        (JSONResponse({"a": PAGE}), {}),
        (Response(b"", status_code=204), {}),
        (Response(b"", status_code=304, media_type="text/html"), {}),
        (HTMLResponse(""), {}),
    ],
)
def test_nothing_is_put_into_what_is_no_page(response: Response, headers: dict[str, str]) -> None:
    """Fragments, frames, downloads, encoded bodies and other types keep their bytes (R37)."""
    got = browser(site(Route("/x", response))).get("/x", headers=headers)
    assert (got.status_code, got.content) == (response.status_code, response.body)
    assert got.headers.get("content-length") == response.headers.get("content-length")


@pytest.mark.parametrize("headers", [{}, {**HX, "hx-boosted": "true"}])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_page_is_a_page_however_it_was_asked_for(method: str, headers: dict[str, str]) -> None:
    """A boosted link and a form's answer are pages like any other (R37)."""
    client = browser(site(Route("/x", HTMLResponse(PAGE), methods=["GET", "POST"])))
    assert FORM in client.request(method, "/x", headers=headers).text


def test_other_methods_have_no_page() -> None:
    """What answers a PUT is read by a script."""
    client = browser(site(Route("/x", HTMLResponse(PAGE), methods=["PUT"])))
    assert client.put("/x").text == PAGE


def test_error_pages_ask_too() -> None:
    """A visitor who starts at a missing page is asked there (R17)."""

    async def missing(request: Request, error: Exception) -> Response:
        return HTMLResponse(PAGE, status_code=404)

    app = Starlette(
        exception_handlers={404: missing}, middleware=[Middleware(ConsentMiddleware, settings=settings())]
    )
    response = browser(app).get("/none")
    assert (response.status_code, FORM in response.text) == (404, True)


def test_the_length_is_right_and_old_validators_are_gone() -> None:
    """A rewritten page says nothing about the bytes it had before (R35)."""
    stale = {
        "etag": '"a"',
        "last-modified": "Thu, 01 Jan 1970 00:00:00 GMT",
        "accept-ranges": "bytes",
        "content-digest": "sha-256=:x:",
        "cache-control": "public, max-age=60, s-maxage=600",
        "vary": "Accept-Encoding",
    }
    client = browser(site(Route("/x", HTMLResponse(PAGE, headers=stale), methods=["GET", "HEAD"])))
    got = client.get("/x")
    assert int(got.headers["content-length"]) == len(got.content)
    assert not {"last-modified", "accept-ranges", "content-digest"} & set(got.headers)
    assert re.fullmatch(r'"a-cst[0-9a-f]{10}"', got.headers["etag"])
    assert got.headers["cache-control"] == "max-age=60, private, no-cache"
    assert got.headers["vary"] == "Accept-Encoding, Cookie, Sec-GPC"
    head = client.head("/x")
    assert {**got.headers, "content-length": None} == {**head.headers, "content-length": None}


def test_a_decided_visitors_page_is_private_and_keeps_its_bytes() -> None:
    """Where nothing is put in, the page is the app's own; only shared caches are told to keep off (R36)."""
    page = HTMLResponse(PAGE, headers={"etag": '"a"', "cache-control": "no-store", "vary": "*"})
    clock = Clock()
    client = browser(site(Route("/x", page), clock=clock, control="template"))
    decide(client, "reject")
    clock.now += 61
    got = client.get("/x")
    assert (got.text, got.headers["vary"], got.headers["cache-control"]) == (PAGE, "*", "no-store")
    assert re.fullmatch(r'"a-cst[0-9a-f]{10}"', got.headers["etag"])


def test_other_responses_keep_their_headers() -> None:
    """What is no page and sets nothing is none of our business (R36)."""
    headers = {"cache-control": "public, max-age=60", "etag": '"a"', "x-y": "z"}
    got = browser(site(Route("/x", JSONResponse({}, headers=headers)))).get("/x")
    assert dict(got.headers) == {**headers, "content-length": "2", "content-type": "application/json"}


def test_a_page_is_asked_for_whole(tmp_path: Path) -> None:
    """A page that will be rewritten is never a range or a 304; a download that goes on is left alone (R35)."""
    (tmp_path / "page.html").write_text(PAGE)
    client = browser(site(Mount("/static", StaticFiles(directory=tmp_path))))
    first = client.get("/static/page.html", headers={"range": "bytes=0-9"})
    assert (first.status_code, FORM in first.text) == (200, True)
    seen = {"if-modified-since": "Thu, 01 Jan 2099 00:00:00 GMT"}
    assert client.get("/static/page.html", headers=seen).status_code == 200
    part = client.get("/static/page.html", headers={"range": "bytes=0-9", "accept": "*/*"})
    assert (part.status_code, part.content) == (206, PAGE.encode()[:10])


def test_the_banner_speaks_the_pages_language() -> None:
    """The page's own language counts, else the setting, else what the visitor reads (R15)."""
    german = HTMLResponse(PAGE.replace("lang=en", "lang=de-AT"))
    silent = HTMLResponse(PAGE.replace(" lang=en", ""))
    routes = [Route("/de", german), Route("/none", silent)]
    client = browser(site(*routes))
    assert 'lang="de"' in client.get("/de").text
    assert 'lang="en"' in client.get("/none").text
    assert 'lang="de"' in client.get("/none", headers={"accept-language": "xx, de;q=0.5"}).text
    assert 'lang="en"' in browser(site(*routes, language="en")).get("/de").text


@pytest.mark.parametrize(
    ("charset", "shown"),
    [
        ("utf-8", "ü".encode()),
        ("latin-1", b"\xfc"),
        ("us-ascii", b"&#252;"),
        (None, b"&#252;"),
        ("x-unknown", b"&#252;"),
    ],
)
def test_the_banner_is_written_in_the_pages_charset(charset: str | None, shown: bytes) -> None:
    """Letters arrive whatever the page's encoding; where it is unknown they are references (R35)."""
    kind = "text/html" + (f"; charset={charset}" if charset else "")
    body = PAGE.replace("lang=en", "lang=de").encode()
    page = Response(body, headers={"content-type": kind})
    got = browser(site(Route("/x", page), texts={"de": {"heading": "Drüben"}})).get("/x")
    assert b"Dr" + shown + b"ben" in got.content


def test_a_stream_is_not_held_back() -> None:
    """The banner goes into the first chunk; later ones pass, and nothing waits for the end (R38)."""
    reached: list[str] = []

    async def chunks() -> Any:
        for chunk in (" \n", "<!doctype html><html><bo", "dy>", "<p>one", "<p>two"):
            reached.append(chunk)
            yield chunk

    got = browser(site(Route("/x", lambda request: StreamingResponse(chunks(), media_type="text/html")))).get(
        "/x"
    )
    assert got.text.startswith(" \n<!doctype html><html><body>")
    assert got.text.endswith("<p>one<p>two")
    assert got.text.count(FORM) == 1


async def exchange(app: Any, messages: list[Message], **scope: Any) -> list[Message]:
    """Run the middleware around an app that sends these messages, and return what reached the server."""

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    given = {"type": "http", "method": "GET", "path": "/", "headers": [], "scheme": "https", **scope}
    await app(inner)(given, receive, send)
    return sent


def wrapped(inner: Any) -> ConsentMiddleware:
    return ConsentMiddleware(inner, settings())


HTML: Message = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]}


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_every_chunk_of_a_stream_is_given_on_at_once(backend: str) -> None:
    """What the app has sent, the server has, but for a start that waits for the first bytes (R38)."""
    chunks = [b"<!doctype html><html>", b"<bo", b"dy>", b"<p>", b""]
    bodies = [{"type": "http.response.body", "body": chunk, "more_body": bool(chunk)} for chunk in chunks]

    async def stream() -> list[Message]:
        return await exchange(wrapped, [HTML, *bodies])

    sent = run(stream, backend=backend)
    assert [message["type"] for message in sent] == ["http.response.start"] + ["http.response.body"] * 4
    assert sent[1]["body"] == chunks[0]
    assert sent[2]["body"].startswith(b"<body>")
    assert FORM.encode() in sent[2]["body"]
    assert [message["body"] for message in sent[3:]] == chunks[3:]


@pytest.mark.parametrize("body", [b"<!doctype html><p>x", b"<p>x"])
def test_a_file_sent_by_the_server_gets_its_banner_too(tmp_path: Path, body: bytes) -> None:
    """Pathsend stays offered; a page that comes by it is read then, what is no page is not (R35)."""
    path = tmp_path / "page.html"
    path.write_bytes(body)
    start = {**HTML, "headers": [*HTML["headers"], (b"content-length", b"%d" % len(body))]}
    sent = run(exchange, wrapped, [start, {"type": "http.response.pathsend", "path": str(path)}])
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert (FORM.encode() in sent[1]["body"]) is body.startswith(b"<!doctype")
    assert dict(sent[0]["headers"])[b"content-length"] == b"%d" % len(sent[1]["body"])


def test_a_start_without_headers_is_a_start() -> None:
    """ASGI lets an app leave the headers out."""
    sent = run(
        exchange, wrapped, [{"type": "http.response.start", "status": 200}, {"type": "http.response.body"}]
    )
    assert sent[0] == {"type": "http.response.start", "status": 200, "headers": []}


def test_the_apps_own_headers_are_not_touched() -> None:
    """A response that an app keeps and sends twice does not grow (R42)."""
    page = HTMLResponse(PAGE, headers={"set-cookie": "_ga=1"})
    before = list(page.raw_headers)
    client = browser(site(Route("/x", page)))
    first, second = client.get("/x"), client.get("/x")
    assert page.raw_headers == before
    assert first.headers == second.headers


def test_a_compressor_stands_outside() -> None:
    """What we put in is compressed with the page."""
    app = Starlette(
        routes=[Route("/", HTMLResponse(PAGE * 40))],
        middleware=[Middleware(GZipMiddleware), Middleware(ConsentMiddleware, settings=settings())],
    )
    response = browser(app).get("/", headers={"accept-encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert FORM in response.text


@pytest.mark.parametrize("gated", [True, False])
def test_excluded_pages_carry_no_banner(gated: bool) -> None:
    """Where no banner can be shown the owner says whether the gates stand too; they do by default (R22)."""
    cookies = HTMLResponse(PAGE, headers={"set-cookie": "_ga=1"})
    values: dict[str, Any] = {} if gated else {"gate_excluded": False}
    got = browser(site(Route("/embed/x", cookies), exclude=["/embed"], **values)).get("/embed/x")
    assert got.text == PAGE
    assert names_set(got) == ([] if gated else ["_ga"])


# --- the gates ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "fields", "names"),
    [
        (None, {}, ["session"]),
        ("reject", {}, ["session"]),
        ("save", {}, ["session"]),
        ("save", {"granted": ["analytics"]}, ["session", "_ga", "_ga_1"]),
        ("save", {"granted": ["heatmap", "ads"]}, ["session", "IDE"]),
        ("accept", {}, ["session", "edition", "_ga", "_ga_1", "IDE"]),
    ],
)
def test_only_consented_cookies_leave(action: str | None, fields: dict[str, Any], names: list[str]) -> None:
    """What leaves is exactly what was agreed to; the undeclared never does (R1, R32)."""
    client = browser(site(Route("/greedy", greedy)))
    if action:
        decide(client, action, **fields)
    assert names_set(client.get("/greedy")) == names
    assert [name for name in client.get("/greedy").json() if "consent" not in name] == sorted(names)


def bare_asgi(status: int, headers: list[tuple[bytes, bytes]]) -> Any:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    return app


async def failing(request: Request) -> Response:
    raise HTTPException(418, headers={"set-cookie": "_ga=1"})


@pytest.mark.parametrize(
    ("route", "status"),
    [
        (Route("/x", RedirectResponse("/", headers={"set-cookie": "_ga=1"})), 307),
        (Route("/x", HTMLResponse(PAGE, 404, {"set-cookie": "_ga=1"})), 404),
        (Route("/x", Response(status_code=304, headers={"set-cookie": "_ga=1"})), 304),
        (Route("/x", JSONResponse({}, headers={"set-cookie": "_ga=1"})), 200),
        (Route("/x", failing), 418),
        (Mount("/x", bare_asgi(200, [(b"SET-COOKIE", b"_ga=1"), (b"set-cookie", b" _ga =2")])), 200),
    ],
)
def test_every_kind_of_response_is_gated(route: Route | Mount, status: int) -> None:
    """Redirects, errors, JSON, 304 and mounted apps let nothing out either (R32)."""
    got = browser(site(route)).get("/x/" if isinstance(route, Mount) else "/x")
    assert (got.status_code, names_set(got)) == (status, [])


def test_files_are_gated_and_untouched(tmp_path: Path) -> None:
    """A static file keeps its bytes, its validators and its ranges (R32)."""
    path = tmp_path / "a.txt"
    path.write_text("hello")
    route = Route("/x", lambda request: FileResponse(path, headers={"set-cookie": "_ga=1"}))
    got = browser(site(route)).get("/x", headers={"range": "bytes=1-2", "accept": "*/*"})
    assert (got.status_code, got.content, names_set(got)) == (206, b"el", [])
    assert "etag" in got.headers


def test_the_bytes_of_kept_cookies_are_the_apps() -> None:
    """Attributes and values that no library knows arrive as they were set (R32)."""
    kept = 'session={"a": "b"}; Path=/; Secure; Partitioned; SameSite=None; Priority=High'
    got = browser(site(Route("/x", JSONResponse({}, headers={"set-cookie": kept})))).get("/x")
    assert got.headers.get_list("set-cookie") == [kept]


def test_deletions_by_the_app_pass() -> None:
    """An app may always delete, whatever was agreed to (R20)."""

    async def delete(request: Request) -> Response:
        response = PlainTextResponse("")
        response.delete_cookie("_ga")
        response.delete_cookie("unknown")
        return response

    client = browser(site(Route("/x", delete)))
    client.cookies.set("_ga", "1", domain="site.example")
    assert names_set(client.get("/x")) == ["_ga", "unknown"]


def test_websockets_are_gated() -> None:
    """A handshake sets and shows only consented cookies (R32)."""

    async def talk(socket: WebSocket) -> None:
        await socket.accept(headers=[(b"set-cookie", b"_ga=1"), (b"set-cookie", b"session=1")])
        await socket.send_json([sorted(socket.cookies), get_consent(socket).allows("analytics")])
        await socket.close()

    client = browser(site(WebSocketRoute("/ws", talk)))
    with client.websocket_connect("/ws", headers={"cookie": "session=1; _ga=1"}) as socket:
        assert socket.receive_json() == [["session"], False]
        sent: Any = socket.extra_headers
        headers = [value for name, value in sent if name == b"set-cookie"]
    assert headers[0] == b"session=1"
    assert headers[1].startswith(b"_ga=; ")


def test_a_websocket_asked_for_under_a_condition_opens() -> None:
    """Conditions belong to no handshake; one that comes all the same is no error of ours."""

    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()

    client = browser(site(WebSocketRoute("/ws", talk)))
    with client.websocket_connect("/ws", headers={"if-none-match": '"x"', "range": "bytes=5-"}) as socket:
        assert socket.receive()["type"] == "websocket.close"


def test_a_browser_that_still_holds_a_cookie_is_told_to_drop_it() -> None:
    """Whatever is declared and not agreed to is deleted on sight, HttpOnly or not (R18, R21)."""
    client = browser(site(Route("/greedy", greedy)))
    for name in ("_ga", "_ga_7", "unknown", "session"):
        client.cookies.set(name, "1", domain="site.example")
    got = client.get("/greedy")
    assert got.json() == ["session"]
    assert names_set(got) == ["session", "_ga", "_ga_7"]
    assert all("Max-Age=0" in value for value in got.headers.get_list("set-cookie")[1:])


def test_a_response_for_everybody_carries_no_deletion() -> None:
    """A response that shared caches keep never gets a cookie of one visitor (R36)."""
    client = browser(site(Route("/x", JSONResponse({}, headers={"cache-control": "public, max-age=60"}))))
    client.cookies.set("_ga", "1", domain="site.example")
    assert names_set(client.get("/x")) == []


def test_undeclared_cookies_are_logged_once_with_the_line_to_add(caplog: pytest.LogCaptureFixture) -> None:
    """The developer reads which cookie was withheld and what to write to let it out (R48)."""
    client = browser(site(Route("/greedy", greedy)))
    with caplog.at_level(logging.INFO, "consent"):
        client.get("/greedy")
        client.cookies.set("theirs", "1", domain="site.example")
        client.cookies.set('a"b', "1", domain="site.example")
        client.get("/greedy")
    told = [record.getMessage() for record in caplog.records if record.name == "consent"]
    assert told[0].startswith(
        "The cookie 'unknown' was withheld: no category declares it. To let it out, add at the end of the "
        "settings file:\n\n"
    )
    assert 'cookies = [{ name = "unknown", ' in told[0]
    [line] = [line for line in told if 'a"b' in line]
    assert line.endswith("was not shown to the app. No declaration can hold this name.")
    assert sum("'unknown'" in line for line in told) == 1
    assert any(line.startswith("The browser's cookie 'theirs' was not shown to the app.") for line in told)


@pytest.mark.parametrize("pair", ["s3cret", "=s3cret", "=s3cret=more", " ; s3cret", "s3cret; Path=/"])
def test_the_value_of_a_cookie_without_a_name_is_never_logged(
    pair: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a name all that came is the value: the log says only that there was such a cookie (R48)."""

    async def nameless(request: Request) -> Response:
        return Response(headers={"set-cookie": pair})

    def failing(verdict: CookieVerdict) -> bool:
        raise RuntimeError("the review is broken")

    for review in (None, failing):
        app = ConsentMiddleware(Starlette(routes=[Route("/", nameless)]), settings(), review_cookie=review)
        with caplog.at_level(logging.DEBUG), TestClient(app) as client:
            client.get("/", headers={"cookie": pair})
    assert "s3cret" not in caplog.text
    assert "A cookie without a name came from the browser and was not shown to the app" in caplog.text
    if not pair.startswith(" "):
        assert "A cookie without a name was withheld: it cannot be declared." in caplog.text
        assert "The review of a cookie without a name failed" in caplog.text


def test_the_log_is_not_flooded(caplog: pytest.LogCaptureFixture) -> None:
    """Names that visitors make up are told only so many times."""
    client = browser(site())
    with caplog.at_level(logging.INFO, "consent"):
        for number in range(30):
            pairs = "; ".join(f"made-up-{number}-{index}=1" for index in range(10))
            client.get("/", headers={"cookie": pairs})
    assert len([record for record in caplog.records if record.name == "consent"]) == 200


# --- the cookie ---------------------------------------------------------------------------------


def test_an_answer_that_ran_out_opens_nothing_however_often_it_comes() -> None:
    """Whoever decided too long ago is gated on the fifth page as on the first (R21)."""
    clock, seen = Clock(), list[list[str]]()

    async def view(request: Request) -> Response:
        seen.append(sorted(request.cookies))
        return Response()

    decide(before := browser(site(Route("/x", view), lifetime=365, clock=clock)), "accept")
    clock.now += 200 * 86_400
    client = browser(site(Route("/x", view), clock=clock))
    sent = {"cookie": f"__Host-consent={before.cookies['__Host-consent']}; _ga=1; IDE=1; unknown=1"}
    for _ in range(5):
        got = client.get("/x", headers=sent)
        assert sorted(value.partition("=")[0] for value in got.headers.get_list("set-cookie")) == [
            "IDE",
            "_ga",
        ]
    assert seen == [["__Host-consent"]] * 5


@pytest.mark.parametrize("https", [True, False])
@pytest.mark.parametrize("value", ["", "x", "1.0...x", '"', "{}", "\xff\xfe", "a" * 5_000])
def test_a_cookie_that_cannot_be_read_asks_again(https: bool, value: str) -> None:
    """Tampered, truncated, oversized: undecided, never an error, on error pages too (R30)."""
    name = "__Host-consent" if https else "consent"
    client = browser(site(), https=https)
    for path, status in (("/", 200), ("/none", 404)):
        got = client.get(path, headers=[(b"cookie", f"{name}={value}".encode("latin-1"))])
        assert got.status_code == status
    assert FORM in client.get("/", headers=[(b"cookie", f"{name}={value}".encode("latin-1"))]).text


def test_a_tampered_cookie_asks_again() -> None:
    """One changed letter voids the answer (R30)."""
    client = browser(site())
    value = decide(client, "accept").cookies["__Host-consent"]
    forged = value.replace("analytics", "analytict")
    client.cookies.clear()
    assert FORM in client.get("/", headers={"cookie": f"__Host-consent={forged}"}).text
    assert FORM not in client.get("/", headers={"cookie": f"__Host-consent={value}"}).text


def test_the_first_cookie_that_verifies_counts() -> None:
    """Of several cookies of the name, junk before the answer does no harm (R30)."""
    client = browser(site())
    value = decide(client, "reject").cookies["__Host-consent"]
    client.cookies.clear()
    sent = f'__Host-consent=junk; x__Host-consent=1; __Host-consent="{value}"'
    assert FORM not in client.get("/", headers={"cookie": sent}).text


@given(st.binary(max_size=60))
def test_no_cookie_header_is_an_error(junk: bytes) -> None:
    """Whatever bytes a browser sends, the page comes (R30)."""
    header = junk.replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"")
    assert CLIENT.get("/", headers=[(b"cookie", b"__Host-consent=" + header)]).status_code == 200


CLIENT = browser(site())


@pytest.mark.parametrize(
    ("spelled", "read"),
    [
        ("{name}={value}", True),
        ("a=1; {name}={value}; b=2", True),
        ("a=1;{name}={value};b=2", True),
        ("a=1; {name} = {value}", True),
        ('a=1; {name}="{value}"', True),
        ("{name}=junk; {name}={value}", True),
        ("x{name}=1; {name}={value}", True),
        ("a={name}={value}", False),
        ("a=1 {name}={value}", False),
        ("x{name}={value}", False),
        ("{name}x={value}", False),
        ("{name}; a=1", False),
    ],
)
def test_an_answer_is_read_where_the_cookie_has_its_name(spelled: str, read: bool) -> None:
    """Wherever it stands among others, however a browser spaces it; and in no other cookie (R30)."""
    made = gatekeeper.Gatekeeper(settings())
    answer = made.outcome(Decision(action=Action.REJECT), made.undecided, language="en", now=NOW).answer
    name, _, value = made.set_cookie(answer, secure=True).partition(";")[0].partition("=")
    cookie = spelled.format(name=name, value=value).encode()
    consent, _, _ = made.readers[True].read(cookie, NOW)
    assert bool(consent.denied) is read
    assert made.readers[True].standing([(b"cookie", cookie)], NOW) == consent


def test_a_visitors_third_page_costs_no_hash() -> None:
    """Values verified twice are remembered, only so many of them, and still expire (R42)."""
    made = gatekeeper.Gatekeeper(settings())
    decision = Decision(action=Action.REJECT)
    for second in range(reader.MAX_REMEMBERED + 10):
        before = made.readers[True].standing([], 0)
        answer = made.outcome(decision, before, language="en", now=second).answer
        header = (b"cookie", made.set_cookie(answer, secure=True).partition(";")[0].encode())
        assert made.readers[True].standing([header], second).denied
        assert len(made.readers[True]._remembered) == min(second, reader.MAX_REMEMBERED)
        assert made.readers[True].standing([header], second).denied
        assert made.readers[True].standing([header], second).denied
    assert len(made.readers[True]._remembered) == reader.MAX_REMEMBERED


def test_who_comes_once_leaves_little_behind() -> None:
    """Of visitors of one page only so many values are kept, and nothing that they said (R42)."""
    made = gatekeeper.Gatekeeper(settings())
    before = made.readers[True].standing([], 0)
    for second in range(reader.MAX_REMEMBERED + 10):
        answer = made.outcome(Decision(action=Action.REJECT), before, language="en", now=second).answer
        header = (b"cookie", made.set_cookie(answer, secure=True).partition(";")[0].encode())
        assert made.readers[True].standing([header], second).denied
    assert len(made.readers[True]._met) == reader.MAX_REMEMBERED
    assert not made.readers[True]._remembered


# --- views and templates ------------------------------------------------------------------------


def test_views_read_the_standing() -> None:
    """`get_consent` and `request.state.consent` are the same, per category and per service."""

    async def view(request: Request) -> Response:
        consent = get_consent(request)
        assert request.state.consent is consent
        return JSONResponse([consent.allows("analytics"), consent.verdict("ads").value, consent.settings_url])

    client = browser(site(Route("/x", view)))
    assert client.get("/x").json() == [False, "undecided", "/consent"]
    decide(client, "save", granted=["analytics"])
    assert client.get("/x").json() == [True, "denied", "/consent"]


def test_without_the_middleware_a_view_is_told() -> None:
    """Forgetting the middleware is an error that says so, with the line to add."""
    told = re.escape(
        "this app; add it with app.add_middleware(ConsentMiddleware, settings=settings), or wrap"
    )

    async def view(request: Request) -> Response:
        with pytest.raises(ConsentError, match=f"ConsentMiddleware does not stand outside {told}"):
            get_consent(request)
        return PlainTextResponse("told")

    assert browser(Starlette(routes=[Route("/", view)])).get("/").text == "told"


def test_templates_carry_link_and_script_themselves() -> None:
    """With `control = "template"` nothing is put into the pages of who has decided (R17)."""

    async def view(request: Request) -> Response:
        body = f"<!doctype html><body>{render_link(request)}{render_script(request, nonce='n')}"
        return HTMLResponse(body)

    clock = Clock()
    client = browser(site(Route("/x", view), clock=clock, control="template"))
    assert client.get("/x").text.count("<script") == 1
    decide(client, "accept")
    assert 'id="cst-saved"' in client.get("/x").text
    clock.now += 61
    text = client.get("/x").text
    assert text.startswith("<!doctype html><body><a ")
    assert 'href="/consent?next=%2Fx"' in text
    assert 'nonce="n"' in text
    assert "analytics" in text


def test_without_templates_every_page_has_the_way_back() -> None:
    """Who has decided finds the link on every page, with nothing done by the site (R17)."""
    clock = Clock()
    client = browser(site(clock=clock))
    decide(client, "accept")
    clock.now += 61
    text = client.get("/").text
    assert 'href="/consent?next=%2F"' in text
    assert text.count("<script") == 1


def test_a_page_with_the_policy_has_no_banner() -> None:
    """One consent surface a page: the site's own policy page holds the controls itself (R8)."""

    async def policy(request: Request) -> Response:
        return HTMLResponse(f"<!doctype html><body>{render_policy(request, language='de')}")

    text = browser(site(Route("/cookies", policy), policy_url="/cookies")).get("/cookies").text
    assert text.count("<form") == 1
    assert 'value="banner"' not in text
    assert 'value="policy"' in text


def test_a_mounted_site_keeps_its_addresses() -> None:
    """Under a root path all our addresses stand under it too."""
    app = Starlette(routes=[Mount("/shop", site())])
    client = browser(app)
    assert 'action="/shop/consent"' in client.get("/shop/").text
    assert client.get("/shop/consent").status_code == 200
    assert client.get("/consent").status_code == 404


def test_two_layers_are_one() -> None:
    """A mounted app that brings the middleware along is served by the outer one: one banner (R8)."""
    inner = site()
    text = browser(site(Mount("/shop", inner))).get("/shop/").text
    assert text.count(FORM) == 1


@pytest.mark.parametrize(
    ("https", "own", "others"),
    [
        (True, "__Host-consent", ["consent", "__Secure-consent"]),
        (False, "consent", ["__Host-consent", "__Secure-consent"]),
    ],
)
def test_the_layers_cookie_is_nobody_elses(https: bool, own: str, others: list[str]) -> None:
    """No app sets it, and what is only called alike is a cookie like any other (R1)."""

    async def impostor(request: Request) -> Response:
        response = JSONResponse(sorted(request.cookies))
        for name in (own, *others):
            response.set_cookie(name, "mine")
        return response

    client = browser(site(Route("/x", impostor)), https=https)
    got = client.get("/x", headers={"cookie": "; ".join(f"{name}=1" for name in (own, *others))})
    assert names_set(got) == []
    assert got.json() == [own]


@pytest.mark.parametrize("path", ["//evil.example/login", "/\\evil.example"])
def test_no_link_of_ours_leads_off_the_site(path: str) -> None:
    """An address that a browser would take for another host is not gone back to (R39)."""

    async def anything(scope: Scope, receive: Receive, send: Send) -> None:
        await HTMLResponse(PAGE)(scope, receive, send)

    ask = partial(exchange, path=path, raw_path=None, root_path=None)
    sent = run(ask, lambda inner: wrapped(anything), [])
    assert b'="//' not in sent[1]["body"]
    assert b'="/\\' not in sent[1]["body"]


def test_an_answer_to_a_form_leads_back_to_the_form() -> None:
    """Who decides on a page that a POST made goes back to the page before it (R40)."""
    client = browser(site(Route("/send", HTMLResponse(PAGE), methods=["POST"])))
    referer = {"referer": "https://site.example/form?a=b"}
    assert 'name="next" value="/form?a=b"' in client.post("/send", headers=referer).text
    assert 'name="next" value="/"' in client.post("/send").text


def test_an_old_answer_ends_by_category() -> None:
    """Each category is asked again when its own time is over, and no earlier (R16)."""
    clock = Clock()
    client = browser(site(clock=clock))
    decide(client, "accept")
    clock.now += 100 * DAY
    decide(client, "reject", asked=["marketing"])
    clock.now += 82 * DAY
    standing = client.get("/consent/state").json()
    assert standing["denied"] == ["ads", "marketing"]
    assert "analytics" in standing["undecided"]
    clock.now += 100 * DAY
    assert client.get("/consent/state").json()["denied"] == []


def test_a_lifespan_passes() -> None:
    """Start-up and shutdown are the app's."""
    started: list[str] = []

    async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        started.append(scope["type"])
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    with browser(wrapped(lifespan)):
        assert started == ["lifespan"]


# --- what views decide, and what sites overturn -------------------------------------------------


async def agree(request: Request) -> Response:
    """A form of the site's own: grants or withdraws, and sets a cookie in the same response."""
    consent = get_consent(request)
    change = consent.grant if request.method == "POST" else consent.withdraw
    await change(*request.query_params.getlist("name"))
    response = JSONResponse(
        {name: consent.verdict(name).value for name in ("analytics", "heatmap", "marketing")}
    )
    response.set_cookie("_ga", "1")
    return response


AGREE = Route("/agree", agree, methods=["POST", "DELETE"])


def test_a_view_grants_in_the_same_response() -> None:
    """What a visitor allows in a form of the site counts at once: recorded, set, and asked for no more (R18)."""
    store = Memory()
    client = browser(site(AGREE, records=store))
    got = client.post("/agree?name=analytics")
    assert got.json() == {"analytics": "granted", "heatmap": "granted", "marketing": "undecided"}
    assert names_set(got) == ["_ga", "__Host-consent"]
    assert got.headers["cache-control"] == "private, no-cache"
    assert [(record.action, record.method) for record in store.records] == [("save", "view")]
    assert client.get("/consent/state").json()["granted"] == [
        "analytics",
        "counter",
        "heatmap",
        "login",
        "necessary",
    ]


def test_granting_twice_is_nothing() -> None:
    """What is granted already needs no record and no cookie."""
    store = Memory()
    client = browser(site(AGREE, records=store))
    decide(client, "accept")
    assert names_set(client.post("/agree?name=analytics&name=ads")) == ["_ga"]
    assert len(store.records) == 1


def test_a_view_withdraws_in_the_same_response() -> None:
    """What is taken back expires in this very response, and the app's own cookie of it stays inside (R18)."""
    client = browser(site(AGREE))
    decide(client, "accept")
    client.cookies.set("_ga", "1", domain="site.example")
    got = client.delete("/agree?name=counter")
    assert got.json() == {"analytics": "denied", "heatmap": "granted", "marketing": "granted"}
    sent = got.headers.get_list("set-cookie")
    assert [value.partition("=")[0] for value in sent] == ["__Host-consent", "_ga"]
    assert "Max-Age=0" in sent[1]
    assert client.delete("/agree").json() == dict.fromkeys(("analytics", "heatmap", "marketing"), "denied")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_view_cannot_decide_on_what_nobody_declared(method: str) -> None:
    """A mistyped name is an error of the developer's, told at once."""
    with pytest.raises(ConsentError, match="'analitics' is neither a category nor a service"):
        browser(site(AGREE)).request(method, "/agree?name=analitics")


def test_a_view_is_told_if_its_grant_is_not_kept() -> None:
    """Without evidence no grant, whoever asked for it; what was granted before stays (R25)."""
    store = Memory()
    client = browser(site(AGREE, records=store))
    decide(client, "save", granted=["preferences"])
    store.failing = True
    with pytest.raises(ConsentError, match="could not be recorded"):
        client.post("/agree?name=analytics")
    assert client.delete("/agree?name=preferences").status_code == 200
    assert "preferences" in client.get("/consent/state").json()["denied"]


def test_after_the_response_has_started_nothing_can_be_decided() -> None:
    """A decision that could not reach the browser any more is an error, not a surprise."""
    caught: list[str] = []

    async def late(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("on its way")(scope, receive, send)
        try:
            await scope["state"]["consent"].grant("analytics")
        except ConsentError as error:
            caught.append(str(error))

    browser(site(Mount("/late", late))).get("/late/")
    assert caught == ["The response has started: consent can only be changed before it does."]


def test_a_site_may_overturn_a_single_verdict() -> None:
    """The last word on each cookie is the site's, which is told what the layer would do and why."""
    seen: list[CookieVerdict] = []

    def review(verdict: CookieVerdict) -> bool:
        seen.append(verdict)
        if verdict.name == "IDE":
            raise RuntimeError
        return verdict.withheld != (verdict.name in ("unknown", "session"))

    app = ConsentMiddleware(Starlette(routes=[Route("/", greedy)]), settings(), review_cookie=review)
    assert names_set(browser(app).get("/")) == ["unknown"]
    assert [(item.name, item.withheld, item.services) for item in seen[:3]] == [
        ("session", False, {"login"}),
        ("edition", True, {"edition"}),
        ("_ga", True, {"counter"}),
    ]


# --- faults seen elsewhere ----------------------------------------------------------------------


class Counting(Memory):
    """A store that counts what is asked of it, and looks empty."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def __len__(self) -> int:
        return 0

    async def append(self, record: Any, notice: str | None) -> None:
        self.asked += 1
        await super().append(record, notice)


def test_pages_ask_no_store_and_renew_no_cookie() -> None:
    """A page costs no query, and the answer is set once, when it is given (R42)."""
    store = Counting()
    client = browser(site(records=store))
    client.get("/")
    decide(client, "accept")
    assert store.asked == 1
    for _ in range(3):
        assert "set-cookie" not in client.get("/").headers
    assert store.asked == 1


def test_an_empty_store_is_used() -> None:
    """A store that is false because nothing is in it yet is not taken for none (R23)."""
    store = Counting()
    assert not store
    decide(browser(site(records=store)), "accept")
    assert len(store.records) == 1


@pytest.mark.parametrize("name", ["oidc.state.7f3a", "csrftoken", "sessionid", "__Host-session", "flash"])
def test_no_login_is_broken(name: str) -> None:
    """What a login needs is declared necessary, by its name or its prefix, and passes both ways untouched."""
    login = service(
        "sign-in",
        "oidc.state.*",
        "csrftoken",
        "sessionid",
        "__Host-session",
        "flash",
        justification="Logging in.",
    )
    sent = f"{name}=a=b|c; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"

    async def view(request: Request) -> Response:
        response = JSONResponse(sorted(request.cookies))
        response.headers.append("set-cookie", sent)
        return response

    client = browser(site(Route("/x", view), categories=[Category(id="necessary", services=[login])]))
    got = client.get("/x", headers={"cookie": f"{name}=a=b|c"})
    assert got.json() == [name]
    assert got.headers.get_list("set-cookie") == [sent]


def test_a_cookie_header_that_came_before_still_expires() -> None:
    """What is kept of a whole header counts as long as the answer in it, and not a second longer (R21)."""
    clock = Clock()
    client = browser(site(Route("/seen", seen), clock=clock))
    mine = decided(client, "accept")
    clock.now += 3_600
    for _ in range(4):
        assert client.get("/seen", headers={"cookie": f"{mine}; _ga=1"}).json() == ["_ga"]
    clock.now = NOW + 182 * 86_400 - 1
    assert client.get("/seen", headers={"cookie": f"{mine}; _ga=1"}).json() == ["_ga"]
    clock.now += 1
    assert client.get("/seen", headers={"cookie": f"{mine}; _ga=1"}).json() == []
    assert "cst-ask" in client.get("/", headers={"cookie": mine}).text


def test_an_answer_about_nothing_is_none() -> None:
    """Who was asked nothing, when a site declared nothing, has yet to decide on what it declares now (R21)."""
    made = gatekeeper.Gatekeeper(settings())
    value = made.signer.dumps(Answer(time=int(NOW), verdicts={}))
    header = (b"cookie", f"__Host-consent={value}".encode())
    for _ in range(3):
        assert made.readers[True].standing([header], NOW) is made.undecided


def test_what_is_withheld_is_withheld_at_every_visit() -> None:
    """Only a header out of which nothing is taken is known again (R18)."""
    client = browser(site(Route("/seen", seen)))
    mine = decided(client, "reject")
    for _ in range(5):
        assert client.get("/seen", headers={"cookie": f"{mine}; session=1; _ga=1"}).json() == ["session"]
        assert client.get("/seen", headers={"cookie": f"{mine}; session=1"}).json() == ["session"]
        two = [("cookie", f"{mine}; session=1"), ("cookie", "_ga=1")]
        assert client.get("/seen", headers=two).json() == ["session"]


def test_headers_kept_as_a_whole_are_few_and_short() -> None:
    """However long the headers are that visitors send, and however many (R42)."""
    made = gatekeeper.Gatekeeper(settings())
    for number in range(reader.MAX_REMEMBERED + 10):
        made.readers[True].let_pass(b"a=%d" % number, made.undecided, NOW)
    assert len(made.readers[True]._passed) == reader.MAX_REMEMBERED
    assert not made.readers[False]._passed
    made.readers[False].let_pass(b"a=" + b"x" * reader.MAX_PASSED, made.undecided, NOW)
    made.readers[False].let_pass(b"a=1", made.undecided, reader.NOT_KNOWN)
    assert not made.readers[False]._passed


async def seen(request: Request) -> Response:
    """The names of cookies that the app is shown, other than ours."""
    return JSONResponse(sorted(set(request.cookies) - {"__Host-consent"}))


def decided(client: TestClient, action: str) -> str:
    """The cookie that a decision left, which from now on is sent by hand."""
    decide(client, action)
    value = client.cookies["__Host-consent"]
    client.cookies.clear()
    return f"__Host-consent={value}"
