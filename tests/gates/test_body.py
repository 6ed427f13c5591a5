"""A page's body in any charset and coding: the fragment in its place, everything else as it was."""

import gzip
import tracemalloc
import zlib
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import brotli
import pytest
import zstandard
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from consent.gates import codings
from consent.gates.body import CodedBody, PageBody
from consent.gates.charsets import codec_of, is_wide
from consent.gates.codings import CODINGS, Coding, CodingError

FRAGMENT = "<b>ü✓\U0001f600</b>"
HEAD, REST = '<!doctype html><html lang="de"><title>ä</title><body>', "<p>grüße \U0001f600</p>" * 20
PAGE, GROWN = HEAD + REST, HEAD + FRAGMENT + REST
MARKS = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff", "utf-8": b"\xef\xbb\xbf"}

ZSTD = codings.load("zstandard", codings._sliced)
BACKPORT = codings.load("backports.zstd", codings._standard)
ALL: dict[str, tuple[Coding | None, Any, Any]] = {
    # how a body is opened and closed here, and by somebody else
    "gzip": (CODINGS["gzip"], gzip.compress, gzip.decompress),
    "deflate": (CODINGS["deflate"], zlib.compress, zlib.decompress),
    "br": (CODINGS["br"], brotli.compress, brotli.decompress),
    "zstd": (BACKPORT, zstd.compress, zstd.decompress),
    "zstandard": (
        ZSTD,
        zstandard.compress,
        lambda data: zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read(),
    ),
}


def fragment(language: str | None) -> str:
    assert language in (None, "de")
    return FRAGMENT


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    marks = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(marks)] or [b""]


def fed(body: PageBody | CodedBody, chunks: list[bytes]) -> bytes:
    out = [body.feed(chunk) for chunk in chunks]
    return b"".join([*out, body.feed(b"", final=True)])


# --- charsets -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "codec"),
    [
        ("text/html", "ascii"),
        ("text/html; charset=utf-8", "utf_8"),
        ('text/html; Charset="UTF-8"', "utf_8"),
        ("text/html;charset=latin1", "iso8859_1"),
        ("text/html; charset=windows-1252", "cp1252"),
        ("text/html; charset=Shift_JIS", "shift_jis"),
        ("text/html; charset=big5", "big5"),
        ("text/html; charset=utf-16", "utf_16_le"),
        ("text/html; charset=UTF-16LE", "utf_16_le"),
        ("text/html; charset=utf-16be", "utf_16_be"),
        ("text/html; charset=utf-7", None),
        ("text/html; charset=iso-2022-jp", None),
        ("text/html; charset=x-unknown", "ascii"),
    ],
)
def test_a_type_tells_how_to_write(kind: str, codec: str | None) -> None:
    """A label that browsers know is read as browsers read it; UTF-16 without more is little-endian (R35)."""
    assert codec_of(kind.encode()) == codec


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-8"])
@given(places=st.lists(st.integers(0, 5_000), max_size=6))
def test_wide_characters_are_written_wide(codec: str, marked: bool, places: list[int]) -> None:
    """UTF-16 of either order, named by the header or by its first bytes, cut anywhere, grows by just that (R35, R38)."""
    mark = MARKS[codec] if marked else b""
    body = PageBody(fragment, "ascii" if marked else codec.replace("-", "_"))
    chunks = cut(mark + PAGE.encode(codec), places)
    out = fed(body, chunks)
    assert out == mark + GROWN.encode(codec)
    assert body.added == len(FRAGMENT.encode(codec))


def test_a_byte_order_mark_wins_over_the_header() -> None:
    """Browsers believe the first bytes (WHATWG Encoding, 6.1), and so do we."""
    for codec, mark in MARKS.items():
        body = PageBody(fragment, "iso8859_1")
        assert fed(body, [mark + PAGE.encode(codec)]) == mark + GROWN.encode(codec)


@given(
    st.binary(max_size=60),
    st.lists(st.integers(0, 60), max_size=4),
    st.sampled_from(["utf_16_le", "utf_16_be"]),
)
def test_what_is_no_page_keeps_its_bytes_in_any_charset(data: bytes, places: list[int], codec: str) -> None:
    """Lone surrogates and odd bytes come out as they came in (R35)."""
    body = PageBody(fragment, codec)
    assert fed(body, cut(data, places)) == data
    assert not body.is_page


@given(
    st.binary(max_size=60).filter(lambda junk: b"\xff" not in junk[:1]),
    st.lists(st.integers(0, 300), max_size=4),
)
def test_whatever_follows_the_place_keeps_its_bytes(junk: bytes, places: list[int]) -> None:
    """After the place nothing is decoded any more (R35)."""
    head = "<!doctype html><body>".encode("utf-16-le")
    body = PageBody(lambda _: FRAGMENT, "utf_16_le")
    assert fed(body, cut(head + junk, places)) == head + FRAGMENT.encode("utf-16-le") + junk


def test_a_byte_order_mark_alone_is_no_page() -> None:
    """A body that ends where it began is given back."""
    assert fed(PageBody(fragment, "utf_8"), [b"\xef", b"\xbb"]) == b"\xef\xbb"
    assert fed(PageBody(fragment, "utf_8"), []) == b""
    assert is_wide("utf_16_be")


# --- codings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
@given(places=st.lists(st.integers(0, 2_000), max_size=6))
def test_an_encoded_page_is_opened_and_closed(name: str, places: list[int]) -> None:
    """The fragment goes into the page, whatever coding it came in, and it is still one stream (R35, R38)."""
    coding, close, open_ = ALL[name]
    assert coding is not None
    body = CodedBody(fragment, "utf_8", coding)
    out = fed(body, cut(close(PAGE.encode()), places))
    assert open_(out).decode() == GROWN
    assert body.is_page


@pytest.mark.parametrize("name", ALL)
def test_what_is_no_page_keeps_its_encoded_bytes(name: str) -> None:
    """A fragment that an app compressed is sent just as the app compressed it (R37)."""
    coding, close, _ = ALL[name]
    assert coding is not None
    for data in (close(b"<p>a fragment"), b"not encoded at all", b"", close(PAGE.encode())[:9]):
        for places in (range(0), range(0, 40, 3)):
            body = CodedBody(fragment, "utf_8", coding)
            assert fed(body, cut(data, places)) == data
            assert not body.is_page
            assert body.done


@pytest.mark.parametrize("name", ALL)
def test_an_encoded_stream_is_readable_as_it_comes(name: str) -> None:
    """What the app flushes, the browser can read: nothing waits for the end (R38)."""
    coding, _, _ = ALL[name]
    assert coding is not None
    source, reader = coding.encoder(), coding.decoder()
    body, seen = CodedBody(fragment, "utf_8", coding), []
    for text in (HEAD, "<p>one", "<p>two"):
        out = body.feed(source.compress(text.encode(), final=False))
        seen.append(b"".join(reader.pieces(out)).decode())
    assert seen == [HEAD + FRAGMENT, "<p>one", "<p>two"] or "".join(seen) == HEAD + FRAGMENT + "<p>one<p>two"
    assert seen[1] == "<p>one"


@pytest.mark.parametrize("name", ALL)
def test_a_stream_that_breaks_halfway_is_an_error(name: str) -> None:
    """A page of which half has gone out cannot be mended: the connection has to end (R38)."""
    coding, _, _ = ALL[name]
    assert coding is not None
    body = CodedBody(fragment, "utf_8", coding)
    assert body.feed(coding.encoder().compress(PAGE.encode(), final=False))
    with pytest.raises(CodingError):
        body.feed(b"\xff\xff\xff\xff\x00\x00junk" * 2_000)


@pytest.mark.parametrize("name", ["gzip", "zstd", "zstandard"])
def test_several_members_leave_as_one(name: str) -> None:
    """Chromium drops a second gzip member in silence, so that none ever leaves (R35)."""
    coding, close, open_ = ALL[name]
    assert coding is not None
    out = fed(CodedBody(fragment, "utf_8", coding), [close(HEAD.encode()) + close(REST.encode())])
    assert open_(out).decode() == GROWN
    if name == "gzip":
        member = zlib.decompressobj(31)
        assert member.decompress(out).decode() == GROWN
        assert member.unused_data == b""


def test_bare_deflate_is_read_too() -> None:
    """Some servers send deflate without zlib's frame, and browsers read it (RFC 9110, 8.4.1.2)."""
    bare = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = bare.compress(PAGE.encode()) + bare.flush()
    assert zlib.decompress(fed(CodedBody(fragment, "utf_8", CODINGS["deflate"]), [data])).decode() == GROWN


@pytest.mark.parametrize("name", ALL)
def test_a_bomb_is_defused(name: str) -> None:
    """A small body that holds a very large page is never held whole (R38)."""
    coding, close, _ = ALL[name]
    assert coding is not None
    data = close(PAGE.encode() + bytes(64 * 1024 * 1024))
    body = CodedBody(fragment, "utf_8", coding)
    tracemalloc.start()
    fed(body, [data])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 24 * 1024 * 1024


def test_what_is_not_installed_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A codec that is missing, or too old to be bounded, leaves its bodies alone (R37)."""
    assert codings.load("no.such.module", codings._standard) is None

    class Old:
        class Decompressor: ...

    assert codings._brotli(Old) is None
    assert {"gzip", "deflate", "br", "zstd"} <= set(CODINGS)
    monkeypatch.setattr(codings, "_OPTIONAL", {"br": (("no.such.module", codings._brotli),)})
    assert set(codings.available()) == {"gzip", "x-gzip", "deflate"}


@pytest.mark.parametrize("more", range(1, 300, 23))
def test_what_can_be_read_is_read_at_once(more: int) -> None:
    """Where a piece is full just as its input ends, the rest is not forgotten inside (R38)."""
    data = zlib.compress(bytes(codings.PIECE + more))
    for end in range(len(data) - 12, len(data) + 1):
        read = b"".join(CODINGS["deflate"].decoder().pieces(data[:end]))
        assert read == zlib.decompressobj().decompress(data[:end])
