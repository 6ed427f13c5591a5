"""The markup gate: what would contact a withheld host is withheld, the rest stays byte for byte."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import html5lib
import pytest
import turbohtml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from consent.catalogue import Catalogue
from consent.gates.elements import Embed
from consent.gates.markup import HELD_LIMIT, MarkupGate
from consent.gates.tokens import HTML
from consent.state import Consent
from tests.sites import categories

CATALOGUE = Catalogue(categories())
GATE = MarkupGate(CATALOGUE)
NOBODY = CATALOGUE.standing(None)
EVERYTHING = Consent(granted=CATALOGUE.ids, denied=frozenset(), undecided=frozenset())
C = 'data-consent="counter"'

WITHHELD = [
    # what a page holds, and what is left of it
    ('<script src="//stats.example/a.js" async></script>', f'<script type="text/plain" {C} src="//stats.example/a.js" async></script>'),
    ("<script type=module nonce=n>import('https://stats.example')</script>", f'<script type="text/plain" {C} data-cst-type=module nonce=n>import(\'https://stats.example\')</script>'),
    ("<script type=importmap>{'a':'//stats.example'}</script>", f'<script type="text/plain" {C} data-cst-type=importmap>{{\'a\':\'//stats.example\'}}</script>'),
    ("<SCRIPT>'<!--<script>stats.example</script>-->'</SCRIPT>", f'<SCRIPT type="text/plain" {C}>\'<!--<script>stats.example</script>-->\'</SCRIPT>'),
    ("<script src=//stats.example>", f'<script type="text/plain" {C} src=//stats.example>'),
    ('<script src=//stats.example data-consent="ads"></script>', '<script type="text/plain" data-consent="ads counter" src=//stats.example data-cst-data-consent="ads"></script>'),
    ("<img src=//stats.example/p.gif>", f"<img {C} data-cst-src=//stats.example/p.gif>"),
    ("<img src='&#x2f;&#47;stats.example'>", f"<img {C} data-cst-src='&#x2f;&#47;stats.example'>"),
    ("<img src='&sol;&#92st&#97;ts.example'>", f"<img {C} data-cst-src='&sol;&#92st&#97;ts.example'>"),
    ("<img src=/a src=//stats.example>", f"<img {C} data-cst-src=/a data-cst-src=//stats.example>"),
    ('<img src=/a srcset="/b 1x,//stats.example/c 2x">', f'<img {C} src=/a data-cst-srcset="/b 1x,//stats.example/c 2x">'),
    ("<img src=/a onerror=\"this.src='//stats.example'\">", f"<img {C} src=/a data-cst-onerror=\"this.src='//stats.example'\">"),
    ("<picture><source srcset=//stats.example/a><img src=/b></picture>", f"<picture><source {C} data-cst-srcset=//stats.example/a><img src=/b></picture>"),
    ("<link rel=stylesheet href=//stats.example/a>", f"<link {C} rel=stylesheet data-cst-href=//stats.example/a>"),
    ("<link rel='dns-prefetch' href=//stats.example>", f"<link {C} rel='dns-prefetch' data-cst-href=//stats.example>"),
    ("<link rel='alternate stylesheet' href=//stats.example>", f"<link {C} rel='alternate stylesheet' data-cst-href=//stats.example>"),
    ("<link rel=preload as=image imagesrcset='//stats.example/1 1x'>", f"<link {C} rel=preload as=image data-cst-imagesrcset='//stats.example/1 1x'>"),
    ("<base href=//stats.example/>", f"<base {C} data-cst-href=//stats.example/>"),
    ("<meta http-equiv=Refresh content='3; url=\"//stats.example\"'>", f"<meta {C} http-equiv=Refresh data-cst-content='3; url=\"//stats.example\"'>"),
    ("<a href=//stats.example ping='/own //stats.example'>", f"<a {C} href=//stats.example data-cst-ping='/own //stats.example'>"),
    ("<body background=//stats.example/b>", f"<body {C} data-cst-background=//stats.example/b>"),
    ("<input type=image src=//stats.example>", f"<input {C} type=image data-cst-src=//stats.example>"),
    ("<video controls poster=//stats.example/p><source src=/f></video>", f"<video {C} controls data-cst-poster=//stats.example/p><source src=/f></video>"),
    ("<video src=/f><track src=//stats.example/t></video>", f"<video src=/f><track {C} data-cst-src=//stats.example/t></video>"),
    ("<svg><image xlink:href='//stats.example/i'/></svg>", f"<svg><image {C} data-cst-xlink:href='//stats.example/i'/></svg>"),
    ("<svg><style/><use href=//stats.example/#a /></svg>", f"<svg><style/><use {C} data-cst-href=//stats.example/#a /></svg>"),
    ("<svg><![CDATA[<image href=//stats.example>]]><image href=//stats.example /></svg>", f"<svg><![CDATA[<image href=//stats.example>]]><image {C} data-cst-href=//stats.example /></svg>"),
    ("<svg><iframe data=x><img src=//stats.example></iframe></svg>", f"<svg><iframe data=x><img {C} data-cst-src=//stats.example></iframe></svg>"),
    ("<svg><iframe data=x><img src=//stats.example></svg>", f"<svg><iframe data=x><img {C} data-cst-src=//stats.example></svg>"),
    ("<svg><iframe><img src=//stats.example>", f"<svg><iframe><img {C} data-cst-src=//stats.example>"),
    ("<svg><style>@import '//stats.example'<img src=//stats.example></style></svg>", f"<svg><style>@import 'data:,'<img {C} data-cst-src=//stats.example></style></svg>"),
    (
        "<svg><script src=//stats.example><p background=//stats.example></script></svg>",
        f'<svg><script type="text/plain" {C} src=//stats.example><p {C} data-cst-background=//stats.example></script></svg>',
    ),
    ("<svg><script type=text/x><img src=//stats.example></script></svg>", f"<svg><script type=text/x><img {C} data-cst-src=//stats.example></script></svg>"),
    ("<svg/><image href=//stats.example>", f"<svg/><image {C} data-cst-href=//stats.example>"),
    ("<svg><set attributeName=href to=//stats.example /></svg>", f"<svg><set {C} attributeName=href data-cst-to=//stats.example /></svg>"),
    ("<rect fill='url(//stats.example/#a)'>", f"<rect {C} data-cst-fill='url(//stats.example/#a)'>"),
    ("<p style=\"color:red;background:url('//stats.example')\">", f"<p style=\"color:red;background:url('data:,')\" {C} data-cst-style=\"color:red;background:url('//stats.example')\">"),
    ("<style>@import '//stats.example';a{b:c}</style>", "<style>@import 'data:,';a{b:c}</style>"),
    ("<style>@import '//stats.example'", "<style>@import 'data:,'"),
    ("<noscript><img src=//stats.example></noscript>", f"<noscript><img {C} data-cst-src=//stats.example></noscript>"),
    ("<noscript><iframe src=//stats.example></iframe></noscript>", f"<noscript><iframe {C} data-cst-src=//stats.example></iframe></noscript>"),
    ("<template><img src=//stats.example></template>", f"<template><img {C} data-cst-src=//stats.example></template>"),
    ("<iframe src=//stats.example width=0></iframe>", f"<iframe {C} data-cst-src=//stats.example width=0></iframe>"),
    ("<iframe src=//stats.example style='display: none'></iframe>", f"<iframe {C} data-cst-src=//stats.example style='display: none'></iframe>"),
    ("<textarea style='background:url(//stats.example)'>//stats.example</textarea>", f"<textarea style=\"background:url(data:,)\" {C} data-cst-style='background:url(//stats.example)'>//stats.example</textarea>"),
    ("<object data=//stats.example>", f"<object {C} data-cst-data=//stats.example>"),
    ("a < b <img src=//stats.example>", f"a < b <img {C} data-cst-src=//stats.example>"),
    ("//stats.example<!-- //stats.example --><img src=//stats.example>", f"//stats.example<!-- //stats.example --><img {C} data-cst-src=//stats.example>"),
]  # fmt: skip
EMBEDS = [
    ("<iframe src=https://stats.example/film width=640 height=360 title=Film></iframe>", ("iframe", "https://stats.example/film")),
    ("<iframe src=//stats.example>never closed", ("iframe", "//stats.example")),
    ("<iframe srcdoc='&lt;img src=//stats.example>'></iframe>", ("iframe", "")),
    ("<embed src=//stats.example/f>", ("embed", "//stats.example/f")),
    ("<object data=//stats.example/f><p>Sorry</p></object>", ("object", "//stats.example/f")),
    ("<object><embed src=//stats.example/f></object>", ("object", "//stats.example/f")),
    ("<video src=//stats.example/f></video>", ("video", "//stats.example/f")),
    ("<audio controls><source src=/a><source src=//stats.example/f></audio>", ("audio", "//stats.example/f")),
]  # fmt: skip
UNTOUCHED = [
    "<p>stats.example and https://stats.example/</p>",
    "<a href=https://stats.example/ title='//stats.example' onclick=\"go('//stats.example')\">x</a>",
    "<form action=//stats.example><button formaction=//stats.example></button></form>",
    "<blockquote cite=//stats.example>x</blockquote>",
    "<meta property=og:image content=//stats.example/i>",
    "<meta http-equiv=content-security-policy content='img-src stats.example'>",
    "<meta http-equiv=refresh content='5'><!--//stats.example-->",
    "<link rel=canonical href=//stats.example><link href=//stats.example>",
    "<script type=application/ld+json>{'url': 'https://stats.example'}</script>",
    "<script type='text/plain' data-consent=counter src=//stats.example></script>",
    "<title>//stats.example <img src=//stats.example></title>",
    "<textarea><img src=//stats.example></textarea>",
    "<xmp><img src=//stats.example></xmp>",
    "<style>/* //stats.example */</style>",
    "<svg><title>stats.example</title></svg>",
    "<noscript>See stats.example</noscript>",
    "<video><p>See stats.example</p></video>",
    "<iframe src=/own title=stats.example></iframe>",
    "<iframe srcdoc='stats.example'></iframe>",
    "<!-- <img src=//stats.example>",
    "<!doctype html 'stats.example'><?xml stats.example?></ stats.example>",
    "<img alt='//stats.example",
    "</p title=//stats.example>",
    "<img src=//other.example/?u=//stats.example>",
    "<",
]


def told(embed: Embed) -> str:
    return f"[{embed.kind}|{embed.address}]"


def gated(document: bytes, cuts: list[int] | None = None, consent: Consent = NOBODY, charset: str | None = None, *, xml: bool = False) -> bytes:  # fmt: skip
    stream = GATE.stream(consent, charset=charset, placeholder=None if xml else told, xml=xml)
    edges = [0, *sorted(min(cut, len(document)) for cut in cuts or []), len(document)]
    chunks = [document[start:end] for start, end in pairwise(edges)]
    return b"".join(stream.feed(chunk) for chunk in chunks) + stream.feed(b"", final=True)


@pytest.mark.parametrize(("document", "left"), WITHHELD)
def test_what_would_contact_a_withheld_host_is_withheld(document: str, left: str) -> None:
    """Each element and attribute that browsers fetch for is taken off, marked with what it needs (R2, R14)."""
    assert gated(document.encode()).decode() == left
    assert gated(f"<p>x</p>{document}".encode()).decode() == f"<p>x</p>{left}"


@pytest.mark.parametrize(("document", "embed"), EMBEDS)
def test_embeds_become_placeholders(document: str, embed: tuple[str, str]) -> None:
    """A placeholder stands for the embed, which is kept inert behind it (R56)."""
    kind, address = embed
    inert = document + ("</iframe>" if "never" in document else "")
    expected = f"[{kind}|{address}]<template data-cst-embed {C}>{inert}</template>"
    assert gated(document.encode()).decode() == expected


def test_an_embed_that_holds_a_template_is_not_kept() -> None:
    """What would end the template that keeps it goes altogether: nothing of it may run (R2)."""
    document = b"<object data=//stats.example><template></template></object>"
    assert gated(document) == b"[object|//stats.example]"


@pytest.mark.parametrize("document", [document for document, _ in [*WITHHELD, *EMBEDS]] + UNTOUCHED)
def test_with_consent_every_byte_stays(document: str) -> None:
    """Who has agreed gets the page as it is (R2)."""
    assert gated(document.encode(), consent=EVERYTHING).decode() == document


@pytest.mark.parametrize("document", UNTOUCHED)
def test_what_contacts_nobody_stays(document: str) -> None:
    """Links, forms, texts, comments, data and descriptions may name whom they like (R2)."""
    assert gated(document.encode()).decode() == document


PIECES = (
    [piece for piece, _ in [*WITHHELD, *EMBEDS]] + UNTOUCHED + ["x" * 50, "<p class='a'>", "</p>", "\u00e9"]
)
documents = st.lists(st.sampled_from(PIECES), max_size=6).map(lambda pieces: "".join(pieces).encode())


@pytest.mark.parametrize("document", [document for document, _ in [*WITHHELD, *EMBEDS]] + UNTOUCHED)
def test_every_cut_gives_the_same_bytes(document: str) -> None:
    """Whatever two chunks an element comes in, the same is left of it (R38)."""
    data = document.encode()
    whole = gated(data)
    assert {gated(data, [cut]) for cut in range(len(data))} <= {whole}


@settings(deadline=None)
@given(documents, st.lists(st.integers(0, 800), max_size=8))
def test_every_split_of_a_page_gives_the_same_bytes(document: bytes, cuts: list[int]) -> None:
    """Many elements in many chunks leave as the whole page would (R38)."""
    assert gated(document, cuts) == gated(document)


FRAGMENTS = [b"<", b">", b"/", b"=", b'"', b"'", b"<!--", b"-->", b"<script", b"</script>", b"<svg>", b"</svg>", b"<img src=",
             b"//stats.example", b"<iframe ", b"<style>", b"</style>", b"<noscript>", b"</noscript>", b"<video>", b" ", b"&", b"\x00",
             b"\xff", b"<![CDATA[", b"]]>", b"srcset=", b"style=", b"url(", b"\\", b"%2", b"\n", b"data-consent"]  # fmt: skip
garbage = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=4)), max_size=25).map(b"".join)


@settings(deadline=None)
@given(garbage, st.lists(st.integers(0, 200), max_size=5))
@example(b"\xff\xfe<\x00", [1])
def test_no_bytes_are_an_error(data: bytes, cuts: list[int]) -> None:
    """Any bytes in any chunks pass the gate without an error, and always the same way (R38)."""
    assert gated(data, cuts) == gated(data)
    gated(data, cuts, xml=True)
    for charset in ("shift_jis", "utf-16-le", "latin-1"):
        gated(data, cuts, charset=charset)


@settings(deadline=None)
@given(garbage)
def test_a_page_the_search_passes_would_stay_as_it_is(data: bytes) -> None:
    """The quick way and the long way never differ: what names nobody keeps every byte (R2, R38)."""
    assert gated(data, consent=EVERYTHING) == data
    if not GATE.names_gated_host(data):
        assert gated(data) == data


FETCHING = {"src", "poster", "background", "srcset", "imagesrcset", "ping", "xlink:href"}
SPELLINGS = [
    "//stats.example/x",
    "https://STATS.example",
    "&#47;&#47;stats.example",
    "//st%61ts.example",
    "//st&#97;ts.example",
    "/\\stats.example",
]
tags = st.builds(
    lambda name, attribute, quote, value: f"<{name} {attribute}={quote}{value}{quote}>",
    st.sampled_from(["img", "iframe", "script", "input", "embed", "source", "track", "audio", "object", "p"]),
    st.sampled_from(["src", "SRC", "data", "poster", "srcset", "ping", "background", "title"]),
    st.sampled_from(["'", '"', ""]),
    st.sampled_from(SPELLINGS),
)
soup = st.lists(st.one_of(tags, st.sampled_from(["<p>", "</p>", "<!-- -->", "<!-->", "<b title='>'>", "</script>", "</iframe>", "<svg>", "</svg>", "<noscript>", "</noscript>", "<textarea>", "</textarea>", "<title>", "</title>", " x "])), max_size=12)  # fmt: skip


@settings(deadline=None)
@given(soup)
def test_what_is_left_contacts_nobody_by_a_reference_parser(pieces: list[str]) -> None:
    """A whole parser of its own finds no element in the gated page that would contact the host (R2)."""
    held = GATE.withholding(NOBODY)
    stream = GATE.stream(NOBODY, charset=None, placeholder=lambda embed: "<div></div>")
    left = stream.feed("".join(pieces).encode(), final=True).decode()
    tree = html5lib.parse(left, namespaceHTMLElements=False)
    for element in _outside_templates(tree):
        for name, value in element.attrib.items():
            fetched = name in FETCHING or (name == "data" and element.tag == "object")
            fetched = fetched and element.get("type") != "text/plain"
            assert not (fetched and held.addresses(value)), left


def _outside_templates(element: Any) -> Iterator[Any]:
    if element.tag != "template" and isinstance(element.tag, str):
        yield element
        for child in element:
            yield from _outside_templates(child)


@settings(deadline=None)
@given(st.lists(st.sampled_from([piece for piece in PIECES if "svg" not in piece]), max_size=6))
def test_tags_end_where_a_reference_tokenizer_ends_them(pieces: list[str]) -> None:
    """The patterns cut pages as turbohtml does, outside of what they take as a whole (R38)."""
    document = "".join(piece for piece in pieces if not _held_whole(piece)).lower()
    ours, position = [], 0
    data = document.encode()
    while position < len(data):
        if match := HTML.token.match(data, position):
            ours.append(data[position : match.end()].decode())
        position = match.end() if match else position + 1
    theirs = [token.source for token in turbohtml.tokenize(document, capture_source=True) if token.tag]
    assert [token for token in theirs if token and token not in "".join(ours)] == []


def _held_whole(piece: str) -> bool:
    wholes = ("noscript", "video", "audio", "object", "iframe", "!--", "svg")
    unclosed = "<script" in piece.lower() and "</script>" not in piece.lower()
    return any(f"<{name}" in piece.lower() for name in wholes) or unclosed or not piece.endswith((">", "x"))


@pytest.mark.parametrize("charset", ["utf-8", "latin-1", "windows-1251", "shift_jis", "big5", "gb18030"])
def test_any_superset_of_ascii_keeps_its_text(charset: str) -> None:
    """Text in the page's own encoding stays; its second bytes are no markup (R38)."""
    words = {"utf-8": "\u00e9\u4e16", "latin-1": "\u00e9", "windows-1251": "\u043c\u0438\u0440"}.get(
        charset, "\u30bd\u8868\u4e16"
    )
    if charset in ("big5",):
        words = "\u529f\u4e16"
    text = f"<p>{words}</p><img alt='{words}' src=//stats.example>{words}".encode(charset)
    assert gated(text, charset=charset) == text.replace(b"<img ", f"<img {C} ".encode()).replace(
        b"src=", b"data-cst-src="
    )


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("marked", [True, False])
def test_utf_16_is_gated_too(charset: str, *, marked: bool) -> None:
    """A page in UTF-16, told by its mark or its headers, is no way around the gate (R2)."""
    mark = "\ufeff" if marked else ""
    page = f"{mark}<p>\u4e16\U0001f600<img src=//stats.example>"
    data = page.encode(charset) + b"x"
    left = page.replace("<img ", f"<img {C} ").replace("src=", "data-cst-src=").encode(charset) + b"x"
    told = None if marked else charset
    assert {gated(data, [cut, cut + 1], charset=told) for cut in range(len(data))} == {left}
    assert GATE.names_gated_host(data, told)


@settings(deadline=None)
@given(st.binary(), st.lists(st.integers(0, 40), max_size=3))
def test_utf_16_that_is_none_stays_as_it_is(data: bytes, cuts: list[int]) -> None:
    """Lone surrogates and odd bytes come out as they went in (R38)."""
    assert gated(data, cuts, EVERYTHING, "utf-16-le") == data


def test_xhtml_is_read_by_the_rules_of_xml() -> None:
    """A slash closes a script, CDATA is text, and an embed loses its address only (R2)."""
    page = b'<script src="/a"/><![CDATA[<img src="//stats.example"/>]]><iframe src="//stats.example"/><img src="//stats.example"/>'
    assert gated(page, xml=True).decode() == (
        '<script src="/a"/><![CDATA[<img src="//stats.example"/>]]>'
        f'<iframe {C} data-cst-src="//stats.example"/><img {C} data-cst-src="//stats.example"/>'
    )


# --- streams ------------------------------------------------------------------------------------


def test_only_what_is_not_complete_is_held() -> None:
    """The first bytes leave at once; a tag waits for its end and nothing else does (R38)."""
    stream = GATE.stream(NOBODY, charset=None)
    assert stream.feed(b"<p>one</p><p cl") == b"<p>one</p>"
    assert stream.feed(b"ass=a") == b""
    assert stream.feed(b">two<script>a") == b"<p class=a>two"
    assert stream.feed(b"b > c") == b""
    assert stream.feed(b"</script") == b""
    assert stream.feed(b">!") == b"<script>ab > c</script>!"
    assert stream.feed(b"<!--") == b""
    assert stream.feed(b"a>") == b""
    assert stream.feed(b"-->.") == b"<!--a>-->."


@pytest.mark.parametrize(
    ("start", "end", "left"),
    [(b"<script src=//stats.example>", b"</script>", b"</script>"), (b"<!--", b"-->", b""), (b"<img src=//stats.example alt='", b"'>", b"")],
)  # fmt: skip
def test_what_is_too_long_to_wait_for_is_left_out(start: bytes, end: bytes, left: bytes) -> None:
    """Memory is bounded, and nothing that nobody looked at leaves (R2, R38)."""
    stream = GATE.stream(NOBODY, charset=None)
    out = stream.feed(b"a" + start)
    for _ in range(HELD_LIMIT // 65536 + 2):
        out += stream.feed(b"x" * 65536)
    out += stream.feed(b"y" + end[:3]) + stream.feed(end[3:] + b"b<i>") + stream.feed(b"c", final=True)
    assert out == b"a" + left + b"b<i>c"


def test_a_long_drawing_goes_on_without_being_one() -> None:
    """An element with markup inside is too long to wait for: what it holds is looked at one by one (R38)."""
    stream = GATE.stream(NOBODY, charset=None)
    out = stream.feed(b"<svg style='fill:url(//stats.example)'>") + stream.feed(
        b"<a>" * (HELD_LIMIT // 3 + 1)
    )
    out += stream.feed(b"<image href=//stats.example></svg>", final=True)
    assert out.startswith(f'<svg style="fill:url(data:,)" {C} data-cst-style='.encode())
    assert out.endswith(f"<a><image {C} data-cst-href=//stats.example></svg>".encode())
    assert b"data-consent" not in b"".join(
        [GATE.stream(NOBODY, charset=None).feed(b"<svg>" + b"x" * HELD_LIMIT)]
    )


def test_what_is_left_out_may_never_end() -> None:
    """A page that ends inside of what is left out just ends (R38)."""
    stream = GATE.stream(NOBODY, charset=None)
    assert stream.feed(b"<!--" + b"x" * HELD_LIMIT) + stream.feed(b"y", final=True) == b""


def test_a_new_standing_compiles_no_search() -> None:
    """However many sets of services visitors choose, none of their pages waits for patterns (R42)."""
    some, other = (
        GATE.withholding(NOBODY._replace(granted=NOBODY.granted | {name})) for name in ("ads", "counter")
    )
    assert some is not other
    assert some.search is other.search
