"""The place first in ``<body>``: the same whatever chunks a page comes in."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consent.gates.body import PageBody
from consent.gates.insertion import HEAD_LIMIT, Insertion
from consent.gates.recognition import known_page

PUT = b"[US]"
EARLY = b"[FIRST]"

PAGES = [
    # a document, with [US] where the fragment belongs
    b'<!doctype html><html lang="de"><head><title>a</title></head><body class="x>y">[US]Hi</body></html>',
    b"<!doctype html><title>a<body></title>[US]<p>x",
    b"<html><body>[US]x",
    b"<BODY\nid=a>[US]x",
    b"<head></head>[US]x",
    b"<!doctype html>[US]",
    b"<!doctype html>[US]text",
    b"<!doctype html><html><head></head> \n[US]text",
    b"<!doctype html><!-- <body> --><html><script>'<body>'</script><style>a<b</style><body\n>[US]x",
    b"<!doctype html><script>'<!--'; a </script><body>[US]x",
    b"<!doctype html><script><!-- <script> </script> <body> --></script><body>[US]x",
    b"<!doctype html><script><!-- <script> <b> - </script> <body> </script><body>[US]x",
    b"<!doctype html><script><!-- <script> --> '</script><body>[US]x",
    b"<!doctype html><script><!--> <script> </script><body>[US]x",
    b"<!doctype html><script><!-- a --b <i </script><body>[US]x",
    b"\xef\xbb\xbf <!-- c --><!DOCTYPE html>\n<HTML LANG='en'>\n<HEAD><meta charset=utf-8 /><link href=\"a>b\"></HEAD>\n<BODY>[US]z",
    b"<!doctype html>[US]<template><template></template></template><body>",
    b"<!doctype html><template><body></template><body a = \"x>y\" b=c/d e='>' >[US]q",
    b"<!doctype html>[US]<title>never closed <body>",
    b'<!doctype html>[US]<body a="never closed> x',
    b"<!doctype html><!--> <body>[US] -->z",
    b"<!doctype html><!---> <body>[US] -->z",
    b"<!doctype html><!-- a --!> <body>[US]z",
    b"<!doctype html><!-- a - -- b --> <body>[US]z",
    b'<!doctype html></p><body ="a>[US]b">z',
    b"<!doctype html><body a=>[US]z",
    b"<!doctype html><body a b/>[US]z",
    b"<?xml version='1.0'?><html><head/><body/>[US]x",
    b"<!doctype html>[US]< body>",
    b"<!doctype html></ x><body>[US]",
    b"<!doctype html><![CDATA[x]]><body>[US]",
    b"<!doctype html>[US]<br>",
    b"<!doctype html>[US]</body>x",
    b"<!doctype html></head></html2></x-y a=b><body>[US]",
    b"<!doctype html><noscript><img src=x></noscript><base href=x><basefont><bgsound><body>[US]",
    b"<!doctype html>[US]<header>x</header>",
    b"<!doctype html>[US]<bodyguard>x",
    b"<!doctype html>[US]<i",
    b"<!doctype html>[US]<",
]
NO_PAGES = [
    b"",
    b" ",
    b"text",
    b"<p>a fragment</p>",
    b"<tr><td>a fragment of a table</td></tr>",
    b"<title>a fragment</title>",
    b"<!-- only a comment -->",
    b"<html lang='never closed",
    b"<htm",
    b"\xef\xbb",
    b"\xff\xfe<\0h\0t\0m\0l\0>\0",
    b"<svg></svg>",
    b'<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Frameset//EN"><frameset><frame></frameset>',
]


HEADS = [
    # a document, with [FIRST] where the early fragment belongs
    b'<!doctype html><html lang="de"><head>[FIRST]<title>a</title></head><body>[US]Hi</body></html>',
    b"<!doctype html><html><head>\n<meta charset=utf-8>[FIRST]\n<script src=a></script></head><body>[US]x",
    b"<head><!-- a --><META CHARSET='utf-8'/>[FIRST]<meta name=b></head>[US]x",
    b'<head><meta http-equiv=content-type content="text/html; charset=utf-8">[FIRST]<script></script>[US]x',
    b"<head>[FIRST]<!-- a --><meta name=viewport><meta charset=utf-8></head>[US]x",
    b"<head>[FIRST]<metacharset x></head><body>x".replace(b"<metacharset", b"[US]<metacharset"),
    b"<html><!-- <head> --><?x?> <HEAD class='a>b'>[FIRST]<script>1</script></HEAD><body>[US]x",
    b"<!doctype html>[FIRST]<script>1</script><title>a</title><p>x".replace(b"<p>", b"[US]<p>"),
    b"<!doctype html><meta charset=utf-8>[FIRST]<title>a</title>[US]<p>x",
    b"<!doctype html><html>[FIRST]<body a=b>[US]x",
    b"<!doctype html><html>[FIRST] <!-- a --> [US]text",
    b"<!doctype html><html>[FIRST]</p><body>[US]x",
    b"<!doctype html><html>[FIRST][US]< head>",
    b"<!doctype html><html>[FIRST]<header>x".replace(b"<header>", b"[US]<header>"),
    b"<!doctype html><html>[FIRST][US]<head a='never closed",
    b"<!doctype html><head>[FIRST][US]<meta charset=never-closed",
    b"<!doctype html><head>[FIRST][US]<!-- never closed",
    b"<!doctype html>[FIRST][US]",
    b"\xef\xbb\xbf<!doctype html><head>[FIRST]</head><body>[US]",
]


def inserted(document: bytes, cuts: list[int] | None = None, early: bytes = b"") -> bytes:
    insertion = Insertion(lambda language: PUT, early)
    edges = [0, *(cuts or []), len(document)]
    chunks = [document[start:end] for start, end in pairwise(edges)]
    return b"".join(insertion.feed(chunk) for chunk in chunks) + insertion.feed(b"", final=True)


@pytest.mark.parametrize("expected", PAGES)
def test_the_fragment_goes_first_into_the_body(expected: bytes) -> None:
    """Comments, scripts, titles, attributes and left-out tags do not mislead it (R37, R38)."""
    assert inserted(expected.replace(PUT, b"")) == expected


@pytest.mark.parametrize("expected", HEADS)
def test_the_early_fragment_goes_first_into_the_head(expected: bytes) -> None:
    """Before any script, whoever wrote the head or left it out; after nothing but the charset (R49)."""
    document = expected.replace(PUT, b"").replace(EARLY, b"")
    assert inserted(document, early=EARLY) == expected


@pytest.mark.parametrize("document", HEADS)
def test_every_cut_in_three_puts_the_early_fragment_in_one_place(document: bytes) -> None:
    """Each way of cutting a document into three chunks ends in the same page (R38)."""
    document = document.replace(PUT, b"").replace(EARLY, b"")
    whole = inserted(document, early=EARLY)
    for first in range(len(document) + 1):
        for second in range(first, len(document) + 1):
            assert inserted(document, [first, second], EARLY) == whole


@pytest.mark.parametrize("document", NO_PAGES)
def test_what_is_no_page_passes_untouched(document: bytes) -> None:
    """A fragment, a frameset, another encoding: every byte stays (R37)."""
    assert inserted(document) == document
    assert inserted(document, early=EARLY) == document


@pytest.mark.parametrize("document", [*PAGES, *NO_PAGES])
def test_every_cut_in_three_gives_the_same_bytes(document: bytes) -> None:
    """Each way of cutting a document into three chunks ends in the same page (R38)."""
    document = document.replace(PUT, b"")
    whole = inserted(document)
    for first in range(len(document) + 1):
        for second in range(first, len(document) + 1):
            assert inserted(document, [first, second]) == whole


pieces = st.sampled_from(
    b"<!doctype html>|<html lang=en>|<head>|</head>|<body>|<body a='>'>|<title>|</title>|<script>|</script>|<!--|-->"
    b"|<style>|</style>|<template>|</template>|<noscript>|</noscript>|<p>|x| |\n|<|>|<!|</|\xef\xbb\xbf|'|\"|=|/".split(
        b"|"
    )
)


@given(st.lists(pieces, max_size=14).map(b"".join), st.data())
@example(b"<!doctype html><title>", None)
def test_any_cutting_of_any_markup_gives_the_same_bytes(document: bytes, data: st.DataObject | None) -> None:
    """However broken the markup and wherever it is cut, the page is the same (R38)."""
    cuts = data.draw(st.lists(st.integers(0, len(document)), max_size=6).map(sorted)) if data else [9]
    whole = inserted(document)
    assert inserted(document, cuts) == whole
    assert inserted(document, list(range(len(document)))) == whole
    assert whole.replace(PUT, b"", 1) == document
    both = inserted(document, early=EARLY)
    assert inserted(document, cuts, EARLY) == both
    assert inserted(document, list(range(len(document))), EARLY) == both
    assert both.replace(EARLY, b"", 1) == whole


@pytest.mark.parametrize(
    ("html", "language"),
    [
        (b"<html lang=de>", "de"),
        (b"<html class='a' LANG = 'en-GB'>", "en-GB"),
        (b'<html xml:lang="fr" lang="is">', "is"),
        (b"<html data-lang=x>", None),
        (b"<html>", None),
        (b"<!doctype html><body lang=de>", None),
    ],
)
def test_the_pages_language_is_told(html: bytes, language: str | None) -> None:
    """The fragment is asked for in the language of the page (R15)."""
    asked: list[str | None] = []

    def ask(given: str | None) -> bytes:
        asked.append(given)
        return PUT

    Insertion(ask).feed(html + b"<body>", final=True)
    assert asked == [language]


def test_what_comes_before_the_place_is_not_held() -> None:
    """The first bytes of a stream leave as soon as it is certain that they are a page (R38)."""
    insertion = Insertion(lambda language: PUT)
    assert insertion.feed(b"<!doctype html><html>") == b"<!doctype html><html>"
    assert insertion.feed(b"<head><title>a</title><scr") == b"<head><title>a</title>"
    assert insertion.feed(b"ipt></script>") == b"<script></script>"
    assert insertion.feed(b"<body>x") == b"<body>[US]x"
    assert insertion.done
    assert insertion.feed(b"<body>") == b"<body>"


def test_a_head_without_end_gets_the_fragment_at_the_limit() -> None:
    """Memory is bounded, and the limit is a property of the page, not of its chunks (R38)."""
    document = b"<!doctype html><title>t</title><style>" + b"a{} " * HEAD_LIMIT
    place = document.index(b"<style>")
    expected = document[:place] + PUT + document[place:]
    assert inserted(document) == expected
    assert inserted(document, [place, HEAD_LIMIT - 1, HEAD_LIMIT + 5]) == expected
    assert inserted(document, list(range(0, len(document), 65_537))) == expected


def test_a_head_that_does_not_begin_gets_the_early_fragment_at_the_limit() -> None:
    """A comment without end keeps neither fragment out of the page (R38)."""
    document = b"<!doctype html><html><!-- " + b"a{} " * HEAD_LIMIT
    place = document.index(b"<!--")
    expected = document[:place] + EARLY + PUT + document[place:]
    assert inserted(document, early=EARLY) == expected
    assert inserted(document, [place, HEAD_LIMIT - 1, HEAD_LIMIT + 5], EARLY) == expected
    assert inserted(document, list(range(0, len(document), 65_537)), EARLY) == expected


def test_a_long_script_in_small_chunks_is_not_searched_again_and_again() -> None:
    """What is open is looked at again only when it has grown; the page is the same."""
    document = b"<!doctype html><script>" + b"a>" * 10_000 + b"</script><body>"
    assert inserted(document, list(range(0, len(document), 50))) == document + PUT


# --- pages whose beginning was met before ---------------------------------------------------------

PIECES = st.sampled_from(
    [b"<!doctype html>", b"<html lang=de>", b"<html a=\"", b"<head>", b"</head>", b"<title>", b"</title>", b"<!--", b"-->", b"<body>",
     b"<body a=b>", b"<body a=\"x>y\">", b"<bodyguard>", b"<script>", b"</script>", b"<template>", b"</template>", b"<meta charset=utf-8>",
     b"<link href='<body>'>", b"</body>", b"<p>", b">", b"<", b"\"", b"'", b" ", b"x"]
)  # fmt: skip


def put_into(document: bytes, early: bytes) -> bytes:
    """As pages go that come in one piece."""
    return PageBody(lambda _: PUT.decode(), "utf_8", early.decode()).feed(document, final=True)


@pytest.mark.parametrize("expected", PAGES)
def test_a_known_beginning_leads_to_the_same_place(expected: bytes) -> None:
    """Pages that are recognised by their first bytes come out like all others (R37)."""
    assert put_into(expected.replace(PUT, b""), b"") == expected


@given(st.lists(PIECES, max_size=14).map(b"".join), st.sampled_from([b"", EARLY]))
def test_whatever_a_page_begins_with_both_ways_agree(document: bytes, early: bytes) -> None:
    """The shortcut is one only where nothing about the beginning is in doubt (R37, R38)."""
    whole = Insertion(lambda language: PUT, early)
    assert put_into(document, early) == whole.feed(document, final=True)


def test_what_is_kept_of_beginnings_is_short() -> None:
    """A page whose ``<body>`` holds data of its own is looked at each time, and nothing of it is kept (R38)."""
    start = b"<!doctype html><body data-state='"
    assert known_page(start + b"x'>rest") == (None, 15, len(start) + 3)
    assert known_page(start + b"x" * 400_000 + b"'>rest") is None
