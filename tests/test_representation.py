"""What a response says of itself, through the whole middleware and around real apps: `docs/reference/http.md`."""

import gzip
import logging
import os
import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import zstandard
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Message

from consent import ConsentMiddleware, get_consent, render_link, render_script
from tests.sites import NOW, PAGE, Clock, browser, decide, run, settings, site
from tests.test_middleware import exchange, wrapped

FORM = 'method="post" action="/consent"'
MARKED = re.compile(r'(W/)?"(.*)-cst[0-9a-f]{10}"')
AS_FETCH = {"accept": "*/*", "sec-fetch-dest": "empty"}
PERSONAL = {"private", "no-cache"}
HTML: Message = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]}


def controls(response: Any) -> set[str]:
    return set(response.headers.get("cache-control", "").split(", ")) - {""}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "page.html").write_text(PAGE)
    (tmp_path / "style.css").write_text("a{}")
    return tmp_path


async def tagged(request: Request) -> Response:
    """A view that knows its tag, as a framework's ETag middleware does."""
    headers = {"etag": 'W/"v1"'}
    if request.headers.get("if-none-match") == 'W/"v1"':
        return Response(status_code=304, headers=headers)
    return HTMLResponse(PAGE, headers=headers)


# --- validators ---------------------------------------------------------------------------------


def test_a_page_that_has_not_changed_is_not_sent_again(folder: Path) -> None:
    """The tag of a rewritten page comes back to the app as its own, and its 304 leaves marked (R35)."""
    client = browser(site(Mount("/s", StaticFiles(directory=folder)), Route("/v", tagged)))
    for path in ("/s/page.html", "/v"):
        first = client.get(path)
        assert FORM in first.text
        match = MARKED.fullmatch(first.headers["etag"])
        assert match
        assert bool(match[1]) is (path == "/v")
        assert "last-modified" not in first.headers
        again = client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        for name in ("etag", "cache-control", "vary"):
            assert again.headers[name] == first.headers[name]
        assert controls(again) == PERSONAL


@pytest.mark.parametrize("action", ["accept", "reject"])
@pytest.mark.parametrize("control", ["inject", "template"])
def test_after_a_decision_never_a_304_to_the_old_page(folder: Path, action: str, control: str) -> None:
    """Accepting, refusing, the end of the confirmation and a withdrawal each make another page (R35)."""
    clock = Clock()
    client = browser(site(Mount("/s", StaticFiles(directory=folder)), clock=clock, control=control))
    seen: list[str] = []

    def look() -> None:
        for old in seen:
            got = client.get("/s/page.html", headers={"if-none-match": old})
            assert got.status_code == 200
        seen.append(client.get("/s/page.html").headers["etag"])

    look()
    decide(client, action)
    look()
    clock.now += 61
    look()
    if action == "accept":
        decide(client, "withdraw")
        look()
    assert client.get("/s/page.html", headers={"if-none-match": seen[-1]}).status_code == 304
    assert len(set(seen)) == len(seen)


def test_a_tag_or_a_date_from_before_us_is_never_confirmed(folder: Path) -> None:
    """Who has the page of the time before the middleware gets the one that asks (R35)."""
    bare = browser(Starlette(routes=[Mount("/s", StaticFiles(directory=folder))])).get("/s/page.html")
    client = browser(site(Mount("/s", StaticFiles(directory=folder))))
    for conditions in (
        {"if-none-match": bare.headers["etag"]},
        {"if-modified-since": bare.headers["last-modified"]},
        {"if-none-match": "*"},
    ):
        got = client.get("/s/page.html", headers=conditions)
        assert (got.status_code, FORM in got.text) == (200, True)


def test_files_that_are_no_pages_keep_their_validators(folder: Path) -> None:
    """A stylesheet, a picture and a download are confirmed and continued as ever (R35, R36)."""
    client = browser(site(Mount("/s", StaticFiles(directory=folder))))
    first = client.get("/s/style.css", headers=AS_FETCH)
    assert not MARKED.fullmatch(first.headers["etag"])
    assert not {"vary", "cache-control"} & set(first.headers)
    for conditions in (
        {"if-none-match": first.headers["etag"]},
        {"if-modified-since": first.headers["last-modified"]},
    ):
        again = client.get("/s/style.css", headers={**AS_FETCH, **conditions})
        assert again.status_code == 304
        assert not {"vary", "cache-control"} & set(again.headers)
    part = client.get(
        "/s/style.css", headers={**AS_FETCH, "range": "bytes=1-", "if-range": first.headers["etag"]}
    )
    assert (part.status_code, part.text) == (206, "{}")


def test_a_part_is_never_cut_from_a_rewritten_page(folder: Path) -> None:
    """Range is not applied to a page, nor with a tag of ours to any body, and is not offered (R35)."""
    client = browser(site(Mount("/s", StaticFiles(directory=folder))))
    whole = client.get("/s/page.html")
    assert "accept-ranges" not in whole.headers
    for headers in (
        {"range": "bytes=0-9"},
        {"range": "bytes=0-9", "if-range": whole.headers["etag"]},
        {"range": "bytes=0-9", "if-range": whole.headers["etag"], **AS_FETCH},
    ):
        got = client.get("/s/page.html", headers=headers)
        assert (got.status_code, got.text.startswith("<!doctype")) == (200, True)


def test_a_page_and_its_fetched_twin_have_different_tags(folder: Path) -> None:
    """A script that fetches the page gets it without the banner, so that neither stands for the other (R35, R37)."""
    client = browser(site(Mount("/s", StaticFiles(directory=folder))))
    shown, fetched = client.get("/s/page.html"), client.get("/s/page.html", headers=AS_FETCH)
    assert fetched.text == PAGE
    assert "private" in controls(fetched)
    assert shown.headers["etag"] != fetched.headers["etag"]
    crossed = client.get("/s/page.html", headers={**AS_FETCH, "if-none-match": shown.headers["etag"]})
    assert (crossed.status_code, crossed.text) == (200, PAGE)
    again = client.get("/s/page.html", headers={**AS_FETCH, "if-none-match": fetched.headers["etag"]})
    assert again.status_code == 304


def test_a_malformed_tag_is_left_out() -> None:
    """What is no entity tag cannot be marked, so that a page does not carry it (R35)."""
    client = browser(site(Route("/x", HTMLResponse(PAGE, headers={"etag": "v1"}))))
    assert "etag" not in client.get("/x").headers


def test_a_change_under_a_condition_stays_one() -> None:
    """If-Match comes back to the app as the tag that it gave, and one of another standing fails (R35)."""

    async def document(request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse({"ads": get_consent(request).allows("ads")}, headers={"etag": '"v1"'})
        return Response(status_code=204 if request.headers["if-match"] == '"v1"' else 412)

    client = browser(site(Route("/d", document, methods=["GET", "PUT"])))
    tag = client.get("/d").headers["etag"]
    assert client.put("/d", headers={"if-match": tag}).status_code == 204
    decide(client, "accept")
    assert client.put("/d", headers={"if-match": tag}).status_code == 412


def test_every_process_marks_alike() -> None:
    """Two processes with the same settings, and a third with other words (R35, R42)."""
    route = Route("/x", HTMLResponse(PAGE, headers={"etag": '"v1"'}))
    others: dict[str, Any] = {"texts": {"en": {"heading": "Other words"}}}
    apps = (site(route), site(route), site(route, **others))
    one, two, three = (browser(app).get("/x").headers["etag"] for app in apps)
    assert one == two != three


def test_head_says_what_get_says(folder: Path) -> None:
    """The same headers for HEAD, before and after a decision; only the length may be left out (R35)."""
    client = browser(
        site(
            Mount("/s", StaticFiles(directory=folder)),
            Route("/x", HTMLResponse(PAGE, headers={"etag": '"a"', "cache-control": "public"})),
            Route("/part", HTMLResponse("<p>part</p>", headers={"cache-control": "public"})),
            Route("/json", lambda request: JSONResponse([get_consent(request).allows("ads")])),
        )
    )
    for _ in range(2):
        for path in ("/s/page.html", "/x", "/part", "/json", "/s/style.css"):
            got, head = dict(client.get(path).headers), dict(client.head(path).headers)
            assert head.pop("content-length", None) in (None, got["content-length"])
            del got["content-length"]
            assert head == got
        decide(client, "reject")


# --- who may keep it ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ask",
    [
        lambda request: get_consent(request).allows("ads"),
        lambda request: get_consent(request).verdict("ads").value,
        lambda request: sorted(get_consent(request).standing.granted),
        lambda request: str(render_script(request)),
    ],
)
def test_what_depends_on_consent_is_private(ask: Any) -> None:
    """JSON whose view asked is one visitor's, under a tag of that standing (R36)."""
    headers = {
        "etag": '"a"',
        "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT",
        "cache-control": "public, max-age=60",
        "cdn-cache-control": "max-age=600",
        "x-accel-expires": "600",
        "vary": "Accept",
    }
    client = browser(site(Route("/x", lambda request: JSONResponse([ask(request)], headers=headers))))
    got = client.get("/x", headers=AS_FETCH)
    assert controls(got) == {"max-age=60", *PERSONAL}
    assert got.headers["vary"] == "Accept, Cookie, Sec-GPC"
    assert MARKED.fullmatch(got.headers["etag"])
    assert not {"last-modified", "cdn-cache-control", "x-accel-expires"} & set(got.headers)


def test_what_does_not_depend_on_consent_is_left_alone() -> None:
    """A view that only writes our link, or peeks, and a fragment that nobody asked us for, stay public (R36)."""

    async def link(request: Request) -> Response:
        assert get_consent(request).peek.allows("necessary")
        return PlainTextResponse(render_link(request), headers={"cache-control": "public", "etag": '"a"'})

    part = HTMLResponse("<p>part</p>", headers={"cache-control": "public", "etag": '"a"'})
    client = browser(site(Route("/link", link), Route("/part", part)))
    for path in ("/link", "/part"):
        for headers in ({}, AS_FETCH):
            got = client.get(path, headers=headers)
            assert (got.headers["cache-control"], got.headers["etag"]) == ("public", '"a"')
            assert "vary" not in got.headers


def test_where_cookies_were_withheld_no_shared_cache_keeps_the_answer() -> None:
    """A response whose cookie was stopped, or whose view was not shown one, is one visitor's (R36)."""
    routes = [
        Route("/set", PlainTextResponse("", headers={"set-cookie": "_ga=1", "cache-control": "public"})),
        Route("/plain", PlainTextResponse("")),
        Route("/public", PlainTextResponse("", headers={"cache-control": "public"})),
    ]
    client = browser(site(*routes))
    assert "vary" not in client.get("/plain").headers
    assert client.get("/set").headers["vary"] == "Cookie, Sec-GPC"
    assert controls(client.get("/set")) == {"private"}
    client.cookies.set("_ga", "1", domain="site.example")
    assert controls(client.get("/plain")) == {"private"}
    assert controls(client.get("/public")) == {"public"}


@pytest.mark.parametrize("purpose", [{"sec-purpose": "prefetch;prerender"}, {"purpose": "prefetch"}])
def test_a_prefetch_changes_nothing(purpose: dict[str, str]) -> None:
    """Nothing is deleted for a page that nobody looks at yet; it is gated all the same (R41)."""
    client = browser(site(Route("/x", PlainTextResponse("", headers={"set-cookie": "IDE=1"}))))
    client.cookies.set("_ga", "1", domain="site.example")
    assert "set-cookie" not in client.get("/x", headers=purpose).headers
    assert "set-cookie" in client.get("/x").headers


# --- codings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [True, False])
def test_a_compressor_inside_is_opened(stream: bool, caplog: pytest.LogCaptureFixture) -> None:
    """GZipMiddleware inside: the banner is in the page, in one gzip member, and the log warns once (R37)."""

    async def view(request: Request) -> Response:
        async def chunks() -> AsyncIterator[str]:
            yield PAGE[:100]
            yield PAGE[100:] + "<p>more</p>" * 99

        text = PAGE + "<p>more</p>" * 99
        return StreamingResponse(chunks(), media_type="text/html") if stream else HTMLResponse(text)

    middleware = [Middleware(ConsentMiddleware, settings=settings()), Middleware(GZipMiddleware)]
    client = browser(Starlette(routes=[Route("/", view)], middleware=middleware))
    with caplog.at_level(logging.WARNING, "consent"):
        for _ in range(2):
            got = client.get("/", headers={"accept-encoding": "gzip"})
            assert got.headers["content-encoding"] == "gzip"
            assert got.text.count(FORM) == 1
            assert got.text.endswith("<p>more</p>")
            assert "content-length" not in got.headers
    assert sum("Put the compressor outside" in line for line in caplog.messages) == 1


def test_zstandard_is_opened_too() -> None:
    """A page in zstd gets its banner where the codec is installed (R37)."""
    page = Response(
        zstandard.compress(PAGE.encode()), media_type="text/html", headers={"content-encoding": "zstd"}
    )
    got = browser(site(Route("/x", page))).get("/x")
    assert FORM in got.text


@pytest.mark.parametrize("coding", ["x-own", "gzip, br", "dcb"])
def test_a_coding_that_nobody_reads_passes(coding: str, caplog: pytest.LogCaptureFixture) -> None:
    """Its bytes are untouched, its cookies are gated, it is private, and the log says so once (R37)."""
    page = Response(
        b"\x00\x01", media_type="text/html", headers={"content-encoding": coding, "set-cookie": "_ga=1"}
    )
    sent: list[Message] = []
    app = site(Mount("/", page))
    with caplog.at_level(logging.INFO, "consent"):
        for _ in range(2):
            sent = run(exchange, lambda inner: app, [])
    assert sent[1]["body"] == b"\x00\x01"
    headers = dict(sent[0]["headers"])
    assert b"set-cookie" not in headers
    assert headers[b"cache-control"] == b"private"
    assert sum(repr(coding) in line for line in caplog.messages) == 1


# --- charsets and documents ---------------------------------------------------------------------


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be"])
def test_a_page_in_utf_16_asks(charset: str, named: bool) -> None:
    """Named by its header or by its first bytes, it is read and written as what it is (R35)."""
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}[charset]
    kind = "text/html" + (f"; charset={charset.replace('-le', 'le').replace('-be', 'be')}" if named else "")
    body = (b"" if named else mark) + PAGE.encode(charset)
    got = browser(site(Route("/x", Response(body, headers={"content-type": kind})))).get("/x")
    assert int(got.headers["content-length"]) == len(got.content)
    text = got.content.removeprefix(mark).decode(charset)
    assert text.count(FORM) == 1
    assert text.startswith(PAGE.partition("<p>")[0])


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<!doctype html><html amp><body>", "text/html"),
        ("<!doctype html><html \u26a1 lang=en><body>", "text/html; charset=utf-8"),
        ("<!doctype html><html \u26a1\ufe0f4ads><body>", "text/html; charset=utf-8"),
        ("<!doctype html><html lang=en amp4email=''><body>", "text/html"),
        (
            '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
            "application/xhtml+xml",
        ),
        ("<!doctype html><frameset></frameset>", "text/html"),
    ],
)
def test_documents_that_cannot_ask_are_left_alone(body: str, kind: str) -> None:
    """AMP allows no form of ours, XHTML no HTML: bytes and headers stay, but for the cookies (R35)."""
    if "frameset" in body:
        body = body.replace("html>", 'html public "-//W3C//DTD HTML 4.01 Frameset//EN">')
    page = Response(
        body,
        headers={"content-type": kind, "etag": '"a"', "set-cookie": "_ga=1", "cache-control": "no-store"},
    )
    got = browser(site(Route("/x", page))).get("/x")
    assert got.content == body.encode()
    assert got.headers["etag"] == '"a"'
    assert "set-cookie" not in got.headers


def test_only_an_attribute_makes_amp() -> None:
    """A page that merely speaks of amps is a page (R35)."""
    text = PAGE.replace("<html", '<html data-of="rock amp roll" id=amp')
    assert FORM in browser(site(Route("/x", HTMLResponse(text)))).get("/x").text


def test_a_head_of_64_kib_does_not_hide_the_body() -> None:
    """The place is found behind inlined styles and data (R35)."""
    text = PAGE.replace("</head>", f"<style>{'a{}' * 22_000}</style></head>")
    got = browser(site(Route("/x", HTMLResponse(text)))).get("/x").text
    assert got.index("<body class=page>") < got.index(FORM) < got.index("<p>Hello</p>")


@pytest.mark.parametrize(
    "text", ["<title>a</title><p>x", "<!doctype html>x", "<head></head>x", "<body>x", "<html>x"]
)
def test_tags_may_be_left_out(text: str) -> None:
    """A page needs no html, head or body tag, as long as something says that it is one (R35)."""
    got = browser(site(Route("/x", HTMLResponse(text)))).get("/x").text
    assert (FORM in got) is not text.startswith("<title>")


# --- the server's extensions --------------------------------------------------------------------


def sent_by(messages: list[Message], **scope: Any) -> list[Message]:
    return run(partial(exchange, wrapped, messages, **scope))


def whole(messages: list[Message]) -> bytes:
    bodies = [message for message in messages if message["type"] == "http.response.body"]
    assert [message.get("more_body", False) for message in bodies] == [True] * (len(bodies) - 1) + [False]
    return b"".join(message["body"] for message in bodies)


@pytest.mark.parametrize("length", [b"x", b" 10", b"-1"])
def test_a_length_that_is_no_number_does_not_stay_on_a_page_that_grew(length: bytes) -> None:
    """A server then says where the page ends (R35)."""
    start = {**HTML, "headers": [*HTML["headers"], (b"content-length", length)]}
    sent = sent_by([start, {"type": "http.response.body", "body": PAGE.encode()}])
    assert FORM.encode() in whole(sent)
    assert b"content-length" not in dict(sent[0]["headers"])


@pytest.mark.parametrize("size", [10, 64 * 1024, 200_000])
def test_a_page_sent_as_a_path_is_read_in_pieces(tmp_path: Path, size: int) -> None:
    """It gets its start, its banner and its right length, whatever its size (R35, R38)."""
    path = tmp_path / "page.html"
    path.write_bytes(PAGE.encode().ljust(size))
    start = {**HTML, "headers": [*HTML["headers"], (b"content-length", b"%d" % path.stat().st_size)]}
    sent = sent_by([start, {"type": "http.response.pathsend", "path": str(path)}])
    body = whole(sent)
    assert sent[0]["type"] == "http.response.start"
    assert dict(sent[0]["headers"])[b"content-length"] == b"%d" % len(body)
    assert FORM.encode() in body
    assert max(len(message["body"]) for message in sent[1:]) < 80_000


@pytest.mark.parametrize("offset", [None, 0, 3])
@pytest.mark.parametrize("count", [None, 20, len(PAGE)])
def test_a_page_sent_as_a_descriptor_is_read(tmp_path: Path, offset: int | None, count: int | None) -> None:
    """What the server would have copied goes through us, to the byte (R35)."""
    path = tmp_path / "page.html"
    path.write_bytes(b"xyz" + PAGE.encode())
    start = {**HTML, "headers": [*HTML["headers"], (b"content-length", b"%d" % len(PAGE))]}
    with path.open("rb") as file:
        os.lseek(file.fileno(), 3, os.SEEK_SET)
        message: Message = {
            "type": "http.response.zerocopysend",
            "file": file,
            "offset": offset,
            "count": count,
        }
        more: Message = {**message, "file": file.fileno(), "more_body": True}
        single = whole(sent_by([start, message]))
        os.lseek(file.fileno(), 3, os.SEEK_SET)
        split = sent_by([start, more, {"type": "http.response.body", "body": b"<p>end"}])
    plain = (b"xyz" + PAGE.encode())[3 if offset is None else offset :][:count]
    assert re.sub(rb"<link rel=\"stylesheet\".*?</script>", b"", single) == plain
    assert whole(split) == single.removesuffix(b"") + b"<p>end"
    assert (FORM.encode() in single) is (offset != 0)


def test_a_page_that_a_descriptor_goes_on_with_is_read_too(tmp_path: Path) -> None:
    """What comes before ``<body>`` may be sent, and the rest copied: nothing overtakes what is held (R35)."""
    path = tmp_path / "rest.html"
    path.write_bytes(PAGE.encode()[40:])
    begun: Message = {"type": "http.response.body", "body": PAGE.encode()[:40], "more_body": True}
    with path.open("rb") as file:
        rest: Message = {"type": "http.response.zerocopysend", "file": file.fileno()}
        body = whole(sent_by([HTML, begun, rest]))
    assert FORM.encode() in body
    assert re.sub(rb"<link rel=\"stylesheet\".*?</script>", b"", body) == PAGE.encode()


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_letters_that_are_no_utf_16_get_what_is_no_ascii(codec: str) -> None:
    """A header that is wrong about a page's characters costs none of them (R35)."""
    start = {**HTML, "headers": [(b"content-type", f"text/html; charset={codec}".encode())]}
    page = PAGE.encode() + b" " * (len(PAGE) % 2)
    assert whole(sent_by([start, {"type": "http.response.body", "body": page}])) == page


def test_files_that_are_no_pages_stay_with_the_server(tmp_path: Path) -> None:
    """Pathsend and zerocopysend of anything else are never read by us (R35)."""
    start: Message = {"type": "http.response.start", "status": 200, "headers": []}
    messages: list[Message] = [
        {"type": "http.response.pathsend", "path": "/nowhere"},
        {"type": "http.response.zerocopysend", "file": 99},
    ]
    for message in messages:
        assert sent_by([start, message]) == [start, message]


def test_trailers_arrive_without_stale_digests() -> None:
    """Trailers follow the page; a digest of the bytes as they were is taken out of them (R35)."""
    start = {**HTML, "trailers": True}
    digest, timing = (b"Repr-Digest", b"sha-256=:x:"), (b"server-timing", b"db;dur=1")
    trailers = {"type": "http.response.trailers", "headers": [digest, timing]}
    body = {"type": "http.response.body", "body": PAGE.encode()}
    sent = sent_by([start, body, trailers])
    assert [message["type"].rpartition(".")[2] for message in sent] == ["start", "body", "trailers"]
    assert sent[0]["trailers"] is True
    assert sent[2]["headers"] == [timing]
    plain = {**body, "body": b"<p>part"}
    assert sent_by([start, plain, trailers])[2] == trailers


def test_hints_and_pushes_pass_at_once() -> None:
    """What has nothing to do with the body waits for nothing, and costs the page no banner (R35, R38)."""
    hint: Message = {"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]}
    push: Message = {"type": "http.response.push", "path": "/a.css", "headers": []}
    sent = sent_by([hint, HTML, push, {"type": "http.response.body", "body": PAGE.encode()}])
    assert [message["type"].rpartition(".")[2] for message in sent] == ["early_hint", "push", "start", "body"]
    assert sent[:2] == [hint, push]
    assert FORM.encode() in sent[3]["body"]


def test_a_head_with_a_body_has_its_length() -> None:
    """An app that answers HEAD as it answers GET tells the length that GET would have (R35)."""
    start = {**HTML, "headers": [*HTML["headers"], (b"content-length", b"%d" % len(PAGE))]}
    messages: list[Message] = [start, {"type": "http.response.body", "body": PAGE.encode()}]
    assert sent_by(messages, method="HEAD")[0] == sent_by(messages)[0]


# --- faults that others have had ----------------------------------------------------------------


def test_nothing_stale_is_left() -> None:
    """Length, tag, ranges and digests never speak of the page as it was (R35)."""
    stale = {"etag": '"a"', "accept-ranges": "bytes", "content-md5": "x", "digest": "x", "repr-digest": "x"}
    got = browser(site(Route("/x", HTMLResponse(PAGE, headers=stale)))).get("/x")
    assert int(got.headers["content-length"]) == len(got.content) > len(PAGE)
    assert got.headers["etag"] != '"a"'
    assert not set(stale) - {"etag"} & set(got.headers)


def test_a_file_never_comes_without_a_start(folder: Path) -> None:
    """A held start is sent before whatever the server is to send itself (R35)."""
    for name in ("page.html", "style.css"):
        kind = b"text/html" if name == "page.html" else b"text/css"
        start: Message = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]}
        sent = sent_by([start, {"type": "http.response.pathsend", "path": str(folder / name)}])
        assert sent[0]["type"] == "http.response.start"


def test_a_stream_is_never_gathered() -> None:
    """A hundred chunks leave as a hundred chunks (R38)."""
    chunks = [b"<!doctype html><body>", *[b"<p>%d" % number for number in range(98)], b""]
    bodies: list[Message] = [
        {"type": "http.response.body", "body": chunk, "more_body": bool(chunk)} for chunk in chunks
    ]
    sent = sent_by([HTML, *bodies])
    assert [message["body"] for message in sent[2:]] == chunks[1:]


@pytest.mark.parametrize(
    "before",
    [
        "<script>document.write('</body>')</script>",
        "<script>'<body>'</script>",
        "<title><body></title>",
        "<!-- <body> </body> -->",
    ],
)
def test_a_body_tag_in_a_script_is_none(before: str) -> None:
    """Cut at every place, the banner stands where a browser begins the body (R38)."""
    text = f"<!doctype html><html><head>{before}</head><body>".encode()
    middleware = wrapped(None)

    def around(app: Any) -> Any:
        middleware.app = app
        return middleware

    async def cut_everywhere() -> list[list[Message]]:
        return [await exchange(around, cut(text, place)) for place in range(1, len(text))]

    for sent in run(cut_everywhere):
        out = whole(sent)
        assert out.startswith(text)
        assert out.count(FORM.encode()) == 1


def cut(text: bytes, place: int) -> list[Message]:
    chunks = [text[:place], text[place:], b"end"]
    return [
        HTML,
        *({"type": "http.response.body", "body": chunk, "more_body": chunk != b"end"} for chunk in chunks),
    ]


def test_a_backslash_is_a_backslash() -> None:
    """The site's own words are never a pattern (R35)."""
    words = r"C:\1\g<0>\n"
    got = browser(site(Route("/x", HTMLResponse(PAGE)), texts={"en": {"heading": words}})).get("/x")
    assert words.replace("<", "&lt;").replace(">", "&gt;") in got.text


def test_a_fragment_stays_a_fragment() -> None:
    """What a script swaps into a page carries no banner, whichever way it says so (R37)."""
    client = browser(site(Route("/x", HTMLResponse("<tr><td>1</td></tr>"))))
    assert client.get("/x").text == "<tr><td>1</td></tr>"


def test_a_page_asks_once_under_two_middlewares() -> None:
    """A site that is mounted under another, each with the middleware, has one banner a page (R8, R37)."""
    app = Starlette(
        routes=[Mount("/shop", site())], middleware=[Middleware(ConsentMiddleware, settings=settings())]
    )
    assert browser(app).get("/shop/").text.count(FORM) == 1


def test_a_file_response_is_a_page_too(folder: Path) -> None:
    """FileResponse with its tag, date and length: asked about, whole, and confirmed when unchanged (R35)."""
    client = browser(site(Route("/f", lambda request: FileResponse(folder / "page.html"))))
    got = client.get("/f")
    assert int(got.headers["content-length"]) == len(got.content)
    assert FORM in got.text
    assert MARKED.fullmatch(got.headers["etag"])


def test_a_compressor_outside_is_left_alone() -> None:
    """The order that we ask for: one compression, of the page with its banner."""
    middleware = [
        Middleware(GZipMiddleware),
        Middleware(ConsentMiddleware, settings=settings(), clock=lambda: NOW),
    ]
    app = Starlette(routes=[Route("/", HTMLResponse(PAGE * 9))], middleware=middleware)
    with browser(app).stream("GET", "/", headers={"accept-encoding": "gzip"}) as got:
        assert FORM in gzip.decompress(b"".join(got.iter_raw())).decode()


def test_a_site_that_asks_nothing_is_left_alone() -> None:
    """Where every cookie is necessary no page depends on consent, and no header says so (R36)."""
    headers = {"etag": '"a"', "last-modified": "Thu, 01 Jan 1970 00:00:00 GMT", "cache-control": "public"}
    page = HTMLResponse(PAGE, headers=headers)
    got = browser(site(Route("/x", page), categories=())).get("/x")
    assert (got.text, dict(got.headers)) == (PAGE, dict(page.headers))
