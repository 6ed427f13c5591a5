"""The markup gate around real apps: pages, fragments, streams, headers and the way back to an embed."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from consent import ConfigurationError, ConsentMiddleware, ConsentSettings, get_consent
from consent.gates.transcoding import charset_of
from tests.sites import SECRET, Clock, Memory, browser, decide, run, settings, site

IMAGE = "<img src=//stats.example/p.gif>"
FILM = "<iframe src='https://ads.example/film' width=640 height=360 title='A \u201cfilm\u201d'></iframe>"
PAGE = f"<!doctype html><title>x</title><body><p>Hello {IMAGE}</body>"
CLEAN = "<!doctype html><title>x</title><body><p>Hello</body>"
HX = {"hx-request": "true", "accept": "*/*"}
TAGGED = {"etag": '"1"', "accept-ranges": "bytes"}


def visitor(response: Any, **values: Any) -> Any:
    return browser(site(Route("/x", response), **{"gate_markup": True, "control": "template", **values}))


def answered(body: str, **headers: str) -> Response:
    return HTMLResponse(body, headers=headers)


def test_a_page_leaves_without_what_nobody_agreed_to() -> None:
    """The image's address is taken off, and the lengths are right (R2, R35)."""
    got = visitor(answered(PAGE, **TAGGED)).get("/x")
    assert '<img data-consent="counter" data-cst-src=//stats.example/p.gif>' in got.text
    assert int(got.headers["content-length"]) == len(got.content)
    assert not {"etag", "accept-ranges"} & {*got.headers}
    assert "private" in got.headers["cache-control"]
    assert got.headers["vary"] == "Cookie, Sec-GPC"


def test_with_consent_the_page_is_as_it_was() -> None:
    """Who has agreed gets every byte; shared caches keep no copy (R2, R36)."""
    client = visitor(answered(PAGE, **TAGGED))
    decide(client, "accept")
    got = client.get("/x", headers=HX)
    assert got.text == PAGE
    assert got.headers["etag"].startswith('"1')
    assert got.headers["content-length"] == str(len(PAGE))
    assert "private" in got.headers["cache-control"]


@pytest.mark.parametrize(("action", "verb"), [("accept", "withdraw"), ("reject", "grant")])
def test_what_a_view_decides_counts_for_its_own_page(action: str, verb: str) -> None:
    """Markup is withheld as the visitor stands when the page leaves, not when it was asked for (R2)."""

    async def view(request: Request) -> Response:
        await getattr(get_consent(request), verb)("counter")
        return answered(PAGE)

    client = visitor(view)
    decide(client, action)
    assert (" src=//stats.example" in client.get("/x").text) is (verb == "grant")


def test_pages_for_all_are_gated_for_all_and_stay_public() -> None:
    """Where every visitor gets the same bytes, an objection or a consent changes none of them (R2, R36)."""
    client = visitor(answered(PAGE, **{"cache-control": "public"}), cache="shared")
    first = client.get("/x")
    decide(client, "accept")
    for got in (first, client.get("/x"), client.get("/x", headers={"sec-gpc": "1"})):
        assert '<img data-consent="counter" data-cst-src=//stats.example/p.gif>' in got.text
        assert (got.text, got.headers["cache-control"]) == (first.text, "public")
        assert "vary" not in got.headers


def test_without_the_setting_nothing_is_looked_at() -> None:
    """The gate stands where the owner puts it."""
    assert IMAGE in visitor(answered(PAGE), gate_markup=False).get("/x").text


@pytest.mark.parametrize("headers", [HX, {"turbo-frame": "a"}, {"x-requested-with": "XMLHttpRequest"}])
def test_fragments_are_gated_and_get_no_banner(headers: dict[str, str]) -> None:
    """What a script puts into the page later is withheld all the same (R33)."""
    got = visitor(answered(IMAGE)).get("/x", headers=headers)
    assert got.text == '<img data-consent="counter" data-cst-src=//stats.example/p.gif>'
    assert got.headers["content-length"] == str(len(got.content))


def test_a_fragment_that_names_nobody_is_left_alone() -> None:
    """The quick way touches neither body nor headers (R35)."""
    got = visitor(answered("<p>x", **TAGGED)).get("/x", headers=HX)
    assert got.text == "<p>x"
    assert (got.headers["etag"], got.headers["content-length"]) == ('"1"', "4")
    assert "vary" not in got.headers


def test_a_page_is_asked_for_whole_while_something_is_withheld() -> None:
    """Neither a range nor an old copy of the page comes back around the gate (R35)."""

    async def seen(request: Request) -> Response:
        return PlainTextResponse(" ".join(sorted({"range", "if-none-match"} & {*request.headers})))

    client = visitor(seen)
    asked = {"range": "bytes=0-9", "if-none-match": '"1"'}
    assert client.get("/x", headers={**HX, **asked}).text == ""
    assert client.get("/x", headers={"accept": "image/png", **asked}).text == "if-none-match range"
    decide(client, "accept")
    assert client.get("/x", headers={**HX, **asked}).text == "if-none-match range"


@pytest.mark.parametrize(
    "response",
    [
        PlainTextResponse(PAGE),
        Response(PAGE, media_type="application/json"),
        HTMLResponse(PAGE, headers={"content-disposition": "attachment; filename=a.html"}),
        Response(status_code=304, media_type="text/html"),
    ],
)
def test_what_is_not_shown_is_left_alone(response: Response) -> None:
    """Other types and downloads keep their bytes (R37)."""
    got = visitor(response).get("/x")
    assert got.content == response.body
    assert got.headers.get("content-length") == response.headers.get("content-length")


@pytest.mark.parametrize(
    "more",
    [
        {"content-type": ""},
        {"content-type": "*/*"},
        {"content-encoding": "identity", "Content-Encoding": "identity"},
        {"content-encoding": "identity, identity"},
    ],
)
def test_headers_that_browsers_pass_over_open_nothing(more: dict[str, str]) -> None:
    """What comes twice counts as browsers count it (R2, R33)."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"text/html")]
        headers += [(name.encode(), value.encode()) for name, value in more.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": PAGE.encode()})

    got = browser(ConsentMiddleware(app, settings=settings(gate_markup=True))).get("/x")
    assert IMAGE in PAGE
    assert "<img src" not in got.text
    assert "data-cst-src" in got.text


def test_an_encoded_page_is_told_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """What the gate cannot read passes, and the owner hears of it (R37)."""
    encoded = Response(b"x", media_type="text/html", headers={"content-encoding": "x-own"})
    with caplog.at_level(logging.WARNING, "consent"):
        assert visitor(encoded).get("/x").content == b"x"
    assert "without the markup gate" in caplog.text


def test_xhtml_is_gated_by_its_own_rules() -> None:
    """No placeholder breaks a page that must be well-formed (R33)."""
    page = '<html><script src="/a"/><iframe src="//ads.example"/></html>'
    got = visitor(Response(page, media_type="application/xhtml+xml")).get("/x")
    assert got.text == page.replace("<iframe src", '<iframe data-consent="ads" data-cst-src')


@pytest.mark.parametrize("consented", [True, False])
def test_a_stream_is_gated_as_it_comes(*, consented: bool) -> None:
    """A page in pieces loses what speaks of its bytes before the first of them leaves (R35, R38)."""

    async def pieces() -> AsyncIterator[str]:
        for piece in (PAGE[:70], PAGE[70:80], "", PAGE[80:]):
            yield piece

    async def streamed(request: Request) -> Response:
        headers = {"content-length": str(len(PAGE)), **TAGGED}
        return StreamingResponse(pieces(), media_type="text/html", headers=headers)

    client = visitor(streamed)
    if consented:
        decide(client, "accept")
    got = client.get("/x", headers=HX)
    assert (IMAGE in got.text) is consented
    assert ("etag" in got.headers) is ("content-length" in got.headers) is consented
    assert "private" in got.headers["cache-control"]


def test_a_file_is_read_and_gated(tmp_path: Path) -> None:
    """A page that the server would send by itself passes the gate too; a file of another kind does not wait."""
    page, text = tmp_path / "a.html", tmp_path / "a.txt"
    page.write_text(PAGE)
    text.write_text(PAGE)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await FileResponse(page if scope["path"] == "/a" else text)(scope, receive, send)

    middleware: Any = ConsentMiddleware(app, settings(gate_markup=True, control="template"))
    for path in ("/a", "/b"):
        scope: Scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"hx-request", b"true")], "extensions": {"http.response.pathsend": {}}}  # fmt: skip
        run(middleware, scope, None, send)
    bodies = b"".join(message.get("body", b"") for message in sent)
    assert bodies.count(b"data-cst-src") == 1
    assert sent[-1]["type"] == "http.response.pathsend"


def test_a_head_request_promises_nothing_of_the_body() -> None:
    """What a GET would hold is not known without it (R35)."""
    got = visitor(answered(PAGE, **TAGGED)).head("/x")
    assert not {"etag", "content-length"} & {*got.headers}


def test_links_leave_without_withheld_hosts() -> None:
    """Headers of any response, and early hints, name only who may be contacted (R33)."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        own, theirs = b"</a>; rel=preload", b"<//stats.example>; rel=preconnect"
        await send({"type": "http.response.early_hint", "links": [own, theirs]})
        await send({"type": "http.response.early_hint", "links": [theirs]})
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"link", own + b"," + theirs)]}
        )
        await send({"type": "http.response.body", "body": b""})

    middleware: Any = ConsentMiddleware(app, settings(gate_markup=True))
    run(middleware, {"type": "http", "method": "GET", "path": "/", "headers": []}, None, send)
    assert [message["links"] for message in sent if "links" in message] == [[b"</a>; rel=preload"]]
    assert sent[1]["headers"] == [(b"link", b"</a>; rel=preload")]
    run(middleware, {"type": "websocket", "path": "/", "headers": []}, None, send)
    assert sent[-1]["type"] == "http.response.body"


def test_headers_may_come_as_any_sequence() -> None:
    """A tuple of headers, in whatever case, is read as a list is, and stays the app's own (R33)."""
    sent: list[Message] = []
    headers = ((b"Content-Type", b"text/html"), (b"Link", b"<//stats.example>; rel=preconnect"))
    start: Message = {"type": "http.response.start", "status": 200, "headers": headers}

    async def send(message: Message) -> None:
        sent.append(message)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start)
        await send({"type": "http.response.body", "body": IMAGE.encode()})

    middleware: Any = ConsentMiddleware(app, settings(gate_markup=True))
    run(middleware, {"type": "http", "method": "GET", "path": "/", "headers": []}, None, send)
    assert b"link" not in {name.lower() for name, _ in sent[0]["headers"]}
    assert b"data-cst-src" in sent[1]["body"]
    assert start["headers"] is headers


def test_utf_16_is_no_way_around() -> None:
    """The charset that the headers name is the one that is read (R33)."""
    page = Response(IMAGE.encode("utf-16-le"), headers={"content-type": "text/html; charset=utf-16"})
    assert "data-cst-src" in visitor(page).get("/x", headers=HX).content.decode("utf-16-le")


@pytest.mark.parametrize(
    ("content_type", "codec"),
    [(b"text/html", "utf-8"), (b"text/html; charset='Windows-1251'", "cp1251"), (b"a;charset=utf-16", "utf-16-le"),
     (b"a;charset=utf-16be", "utf-16-be"), (b"a;charset=nonsense", None), (b"a;charset=hex", None), (b"a;charset=undefined", None)],
)  # fmt: skip
def test_charsets_are_read_from_the_content_type(content_type: bytes, codec: str | None) -> None:
    """Names of codecs that read no text are none."""
    assert charset_of(content_type) == codec


# --- embeds -------------------------------------------------------------------------------------


def test_an_embed_is_replaced_by_a_way_to_allow_it() -> None:
    """Size, name and reason, a form that works without scripts, and a plain link (R40, R56)."""
    html = visitor(answered(FILM)).get("/x", headers=HX).text
    for part in (
        '<svg class="cst-embed__room" width="640" height="360"',
        'aria-label="A &#8220;film&#8221;"',
        "Does what ads does.",
        'name="asked" value="ads"',
        'name="granted" value="ads"',
        'name="next" value="/x"',
        'href="https://ads.example/film"',
        "Always allow Ads",
        f'<template data-cst-embed data-consent="ads">{FILM.encode("ascii", "xmlcharrefreplace").decode()[:20]}',
    ):
        assert part in html


def test_an_embed_in_an_unknown_size_gets_the_usual_one() -> None:
    """A width that is none cannot break out, and an embed without address has no link (R56)."""
    page = "<iframe srcdoc='<img src=//ads.example>' width='100%;x' lang=de></iframe>"
    html = visitor(answered(page), language="de").get("/x", headers=HX).text
    assert 'width="300" height="150"' in html
    assert "Ads immer erlauben" in html
    assert "rel=" not in html.partition("<form")[2].partition("<template")[0]


def test_placeholders_are_kept_apart() -> None:
    """What is kept of one embed never stands for another, nor in another page or language, however long (R56)."""
    pages = iter([FILM, FILM.replace("640", "320"), FILM.replace("film'", f"{'long' * 500}'")])
    client = visitor(lambda request: HTMLResponse(next(pages)))
    first, second, third = (client.get(f"/x?{number}", headers=HX).text for number in range(3))
    assert 'width="640"' in first
    assert 'value="/x?0"' in first
    assert 'width="320"' in second
    assert 'value="/x?1"' in second
    assert "longlong" in third


def test_allowing_one_service_leaves_the_rest_undecided() -> None:
    """The button in an embed's place grants that service and is recorded; all else is asked as before (R9, R56)."""
    records = Memory()
    client = browser(site(Route("/x", answered(FILM)), records=records, gate_markup=True))
    sent = {"action": "save", "method": "embed", "asked": "ads", "granted": "ads", "next": "/x"}
    assert client.post("/consent", data=sent).headers["location"] == "/x#cst-saved"
    page = client.get("/x", headers=HX)
    assert page.text == FILM
    standing = client.get("/consent/state", headers={"accept": "application/json"}).json()
    assert standing["granted"] == ["ads", "login", "necessary"]
    assert standing["denied"] == []
    assert [record.method for record in records.records] == ["embed"]
    assert 'value="accept"' in client.get("/").text


@pytest.mark.parametrize("value", ["yes", 1.5, None])
def test_switches_are_true_or_false(value: Any) -> None:
    """Another value is refused in one sentence."""
    with pytest.raises(ConfigurationError, match="gate_markup: came as"):
        settings(gate_markup=value)


def test_the_environment_switches_the_gate(tmp_path: Path) -> None:
    """`CONSENT_GATE_MARKUP` decides for a deployment."""
    path = tmp_path / "consent.toml"
    path.write_text("controller = 'The Post'")
    environ = {"CONSENT_SECRET_KEYS": SECRET, "CONSENT_GATE_MARKUP": "true"}
    assert ConsentSettings.from_toml(path, environ=environ).gate_markup


@pytest.mark.parametrize("action", ["reject", "accept"])
def test_a_compressor_further_in_hides_nothing(action: str) -> None:
    """While something is withheld the app is not told that the browser would take it compressed (R2)."""
    app = GZipMiddleware(Starlette(routes=[Route("/x", answered(PAGE * 40))]), minimum_size=1)
    layered = ConsentMiddleware(app, settings(gate_markup=True, control="template"), Memory(), Clock())
    client = browser(layered)
    decide(client, action)
    got = client.get("/x", headers={"accept-encoding": "gzip"})
    assert (" src=//stats.example" in got.text) is (action == "accept")
    assert ("content-encoding" in got.headers) is (action == "accept")
