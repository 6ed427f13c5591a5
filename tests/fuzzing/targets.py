"""Inputs by the hundred thousand: no exception leaves the package, and what it promises holds (`scripts/fuzz`)."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse
from starlette.types import Message

from consent import ConsentMiddleware
from consent.gatekeeper import Gatekeeper
from consent.gates.cookies import cookie_name, cookie_pairs, is_deletion
from consent.state import Consent
from tests import sites
from tests.gates.test_insertion import PUT, inserted
from tests.gates.test_markup import gated

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "1000"))
RAN: Counter[str] = Counter()

many = settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
gatekeeper = Gatekeeper(sites.settings())
EVERYBODY = Consent(granted=gatekeeper.catalogue.ids, denied=frozenset(), undecided=frozenset())

words = st.sampled_from(
    [
        b"session",
        b"_ga",
        b"_ga_1",
        b"__Host-consent",
        b"consent",
        b"IDE",
        b"=",
        b";",
        b" ",
        b"\t",
        b'"',
        b",",
        b"1.0...x",
        b"; Max-Age=0",
        b"; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        b"; Path=/",
        b"\x00",
        b"\xff",
        b"%",
        b"\\",
        b"\r",
        b"\n",
    ]
)
headers = st.lists(words | st.binary(max_size=6), max_size=10).map(b"".join)
markup = st.lists(
    st.sampled_from(
        b"<!doctype html>|<html lang=en>|<html|<head>|</head>|<body>|<body a='>'>|<title>|</title>|<script>|</script>"
        b"|<!--|-->|--!>|<!-->|<style>|</style>|<template>|</template>|<noscript>|</noscript>|<p>|x| |\n|<|>|<!|</|<?|"
        b"\xef\xbb\xbf|'|\"|=|/|-".split(b"|")
    )
    | st.binary(max_size=3),
    max_size=20,
).map(b"".join)
kinds = st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain", ""])
fields = st.sampled_from(
    [
        b"action=",
        b"accept",
        b"reject",
        b"save",
        b"withdraw",
        b"&granted=",
        b"analytics",
        b"ads",
        b"&asked=",
        b"&next=/",
        b"//evil",
        b"&notice=",
        b"&language=",
        b"de",
        b"&method=banner",
        b"%",
        b"%00",
        b"&",
        b"=",
        b'{"action": "accept"}',
    ]
)
bodies = st.lists(fields | st.binary(max_size=4), max_size=8).map(b"".join)


@pytest.fixture(scope="module", autouse=True)
def tell() -> Iterator[None]:
    yield
    print("\n" + "\n".join(f"{name}: {number:,} inputs" for name, number in RAN.items()))  # noqa: T201


@many
@given(st.lists(headers, max_size=3), st.lists(headers, max_size=3))
def test_cookies(sent: list[bytes], answered: list[bytes]) -> None:
    """Whatever cookies come and go: nothing unconsented passes, and nothing raises (R30, R32)."""
    RAN["cookie headers"] += 1
    raw = [(b"cookie", value) for value in sent]
    consent = gatekeeper.readers[True].standing(raw, sites.NOW)
    assert consent.granted == {"necessary", "login"}
    kept, _ = gatekeeper.cookies.filter_request(raw, consent, own=("__Host-consent",))
    allowed = {"session", "csrf", "__Host-consent"}
    assert {cookie_name(pair) for pair in cookie_pairs(kept) if pair.strip(b" \t")} <= allowed
    left, _ = gatekeeper.cookies.filter_response(
        [(b"set-cookie", value) for value in answered], consent, sites.NOW, own=("__Host-consent",)
    )
    for _, value in left:
        assert cookie_name(value) in {"session", "csrf"} or is_deletion(value, sites.NOW)


@many
@given(markup, st.data())
def test_documents(document: bytes, data: st.DataObject) -> None:
    """Whatever the markup and wherever it is cut: the same bytes, and the fragment at most once (R38)."""
    RAN["documents"] += 1
    cuts = data.draw(st.lists(st.integers(0, len(document)), max_size=5).map(sorted))
    whole = inserted(document)
    assert inserted(document, cuts) == whole
    assert whole.replace(PUT, b"", 1) == document


tags = st.lists(
    st.sampled_from(
        b"<script src=//stats.example/a.js>|</script>|<img src='https://ads.example/p'>|<img srcset=|<iframe |src=|>|//ads.example"
        b"|&#47;&#47;ads.example|<style>|url(//stats.example)|</style>|<noscript>|</noscript>|<template>|</template>|<svg>|</svg>"
        b"|<!--|-->|<meta http-equiv=refresh content='0;url=//ads.example'>|<a ping=//ads.example>|<p>|x|\"|'|<|/|=| |\xef\xbb\xbf"
        b"|<title>|</title>|<link rel=preload href=//ads.example>|<math>|<![CDATA[|]]>|\x00|\xff".split(b"|")
    )
    | st.binary(max_size=3),
    max_size=14,
).map(b"".join)


@many
@given(tags, st.data())
def test_markup(document: bytes, data: st.DataObject) -> None:
    """Whatever the markup and wherever it is cut: the same bytes, and with consent the app's own (R2, R38)."""
    RAN["markup"] += 1
    cuts = data.draw(st.lists(st.integers(0, len(document)), max_size=5).map(sorted))
    assert gated(document, cuts) == gated(document)
    assert gated(document, cuts, consent=EVERYBODY) == document


@many
@given(kinds, bodies, st.sampled_from(["same-origin", "cross-site"]), headers)
def test_decisions(kind: str, body: bytes, site: str, cookie: bytes) -> None:
    """Whatever is posted is a decision or a 4xx, and nothing is set on a 4xx (R39)."""
    RAN["decisions"] += 1
    raw = [(b"content-type", kind.encode()), (b"sec-fetch-site", site.encode()), (b"host", b"site.example")]
    start = RUNNER.run(post([*raw, (b"cookie", cookie)], body))
    assert start["status"] in (200, 303, 400, 403, 409, 413, 415)
    answers = [
        value for name, value in start["headers"] if name == b"set-cookie" and b"__Host-consent=1." in value
    ]
    assert bool(answers) is (start["status"] in (200, 303))


RUNNER = asyncio.Runner()
APP = ConsentMiddleware(PlainTextResponse("x"), sites.settings(), sites.Memory(), sites.Clock())


async def post(raw: list[tuple[bytes, bytes]], body: bytes) -> Message:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "scheme": "https",
        "path": "/consent",
        "query_string": b"",
        "headers": raw,
    }
    await APP(scope, receive, send)
    return sent[0]
