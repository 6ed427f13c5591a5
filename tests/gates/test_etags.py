"""Entity tags: marked on the way out, mapped back on the way in, and never confirmed for an old page."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consent.gates.etags import Conditions, is_marked, marked, unmarked

NOW, OLD = b"0123456789", b"aaaaaaaaaa"
OPAQUE = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters='"\x7f'), max_size=20
).map(lambda text: text.encode("latin-1"))
TAGS = st.builds(lambda weak, opaque: weak + b'"' + opaque + b'"', st.sampled_from([b"", b"W/"]), OPAQUE)
MARKS = st.text("0123456789abcdef", min_size=10, max_size=10).map(str.encode)


@given(TAGS, MARKS, MARKS)
@example(b'"a-cst0123456789"', NOW, OLD)
@example(b'W/""', NOW, OLD)
def test_a_tag_comes_back_as_it_was(tag: bytes, mark: bytes, other: bytes) -> None:
    """Whatever tag the app has, even one that looks like ours, only its own mark gives it back (R35)."""
    sent = marked(tag, mark)
    assert sent is not None
    assert sent != tag
    assert sent.startswith(b"W/") is tag.startswith(b"W/")
    assert is_marked(sent)
    assert unmarked(sent, mark) == tag
    assert (unmarked(sent, other) == tag) is (mark == other)


@pytest.mark.parametrize("tag", [b"", b"a", b'"a', b'a"', b'"a"b"', b'w/"a"', b'"a b"', b'"a"\n'])
def test_what_is_no_tag_is_not_marked(tag: bytes) -> None:
    """A malformed tag could not be told apart later, so that it is left out (R35)."""
    assert marked(tag, NOW) is None
    assert not is_marked(tag)


def filtered(
    *headers: tuple[str, str], method: str = "GET", page: bool = True
) -> tuple[dict[str, str], bool]:
    conditions = Conditions(NOW, method=method, page=page)
    kept = conditions.filter([(name.encode(), value.encode("latin-1")) for name, value in headers])
    return {name.decode(): value.decode("latin-1") for name, value in kept}, conditions.mapped


@pytest.mark.parametrize(
    ("sent", "page", "kept"),
    [
        # a page's, and a file's; None: the header is gone
        ('"a-cst0123456789"', True, '"a"'),
        ('W/"a-cst0123456789"', True, 'W/"a"'),
        ('"a-cst0123456789"', False, '"a"'),
        ('"a-cstaaaaaaaaaa"', True, None),
        ('"a-cstaaaaaaaaaa"', False, None),
        ('"a"', True, None),
        ('"a"', False, '"a"'),
        ("*", True, None),
        ("*", False, "*"),
        ('"a-cst0123456789", "b", W/"c-cstaaaaaaaaaa"', True, '"a"'),
        ('"a-cst0123456789", "b", W/"c-cstaaaaaaaaaa"', False, '"a", "b"'),
        ('"a",\t "b" ,,"c"', False, '"a",\t "b" ,,"c"'),
        ('"x, y-cst0123456789"', True, None),  # a blank ends what a tag may hold
        ('"x,y-cst0123456789"', True, '"x,y"'),
        ('"\xfc-cst0123456789"', True, '"\xfc"'),
        ('"a-cst0123456789-gzip"', True, None),
        ("junk", True, None),
        ("junk", False, "junk"),
        ("", False, ""),
    ],
)
def test_only_what_the_visitor_would_get_now_is_confirmed(sent: str, page: bool, kept: str | None) -> None:
    """No tag of another standing reaches the app, so that it can never say 304 to an old page (R35)."""
    got, mapped = filtered(("if-none-match", sent), page=page)
    assert got == ({} if kept is None else {"if-none-match": kept})
    assert mapped is ("cst0123456789" in sent and kept is not None)


@pytest.mark.parametrize("page", [True, False])
def test_a_date_does_not_stand_in_for_a_lost_tag(page: bool) -> None:
    """An app that finds no tag would look at the date, which is the same before and after (R35)."""
    date = ("if-modified-since", "Thu, 01 Jan 2026 00:00:00 GMT")
    assert filtered(("if-none-match", '"a-cstaaaaaaaaaa"'), date, page=page) == ({}, False)
    assert filtered(date, page=page)[0] == ({} if page else dict([date]))
    assert ("if-modified-since" in filtered(("if-none-match", '"a"'), date, page=page)[0]) is not page


@pytest.mark.parametrize(
    ("headers", "page", "kept"),
    [
        ({"range": "bytes=0-1"}, True, {}),
        ({"range": "bytes=0-1"}, False, {"range": "bytes=0-1"}),
        ({"range": "bytes=0-1", "if-range": '"a"'}, True, {}),
        ({"range": "bytes=0-1", "if-range": '"a"'}, False, {"range": "bytes=0-1", "if-range": '"a"'}),
        (
            {"range": "bytes=0-1", "if-range": '"a-cst0123456789"'},
            False,
            {"range": "bytes=0-1", "if-range": '"a"'},
        ),
        ({"range": "bytes=0-1", "if-range": '"a-cstaaaaaaaaaa"'}, False, {}),
        (
            {"range": "bytes=0-1", "if-range": "Thu, 01 Jan 2026 00:00:00 GMT"},
            False,
            {"range": "bytes=0-1", "if-range": "Thu, 01 Jan 2026 00:00:00 GMT"},
        ),
    ],
)
def test_parts_are_given_only_of_what_is_known(
    headers: dict[str, str], page: bool, kept: dict[str, str]
) -> None:
    """A page is sent whole; a part of anything else only if it is a part of what the browser has (R35)."""
    assert filtered(*headers.items(), page=page)[0] == kept


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("if-match", '"a-cst0123456789"', '"a"'),
        ("if-match", '"a-cstaaaaaaaaaa"', '"a-cstaaaaaaaaaa"'),
        ("if-match", '"a"', '"a"'),
        ("if-match", "*", "*"),
        ("if-none-match", "*", "*"),
        ("if-none-match", '"a-cst0123456789", "b"', '"a", "b"'),
        ("if-none-match", '"a-cstaaaaaaaaaa"', '"a-cstaaaaaaaaaa"'),
        ("if-unmodified-since", "Thu, 01 Jan 2026 00:00:00 GMT", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("if-modified-since", "Thu, 01 Jan 2026 00:00:00 GMT", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("range", "bytes=0-1", "bytes=0-1"),
    ],
)
def test_a_change_keeps_its_conditions(name: str, sent: str, kept: str) -> None:
    """A PUT under a condition never becomes one without: what does not match fails (R35)."""
    assert filtered((name, sent), method="PUT")[0] == {name: kept}


def test_several_headers_of_a_name_are_all_read() -> None:
    """A list may come in several lines, and in any of them (RFC 9110, 5.3)."""
    conditions = Conditions(NOW, method="GET", page=True)
    lines = [(b"if-none-match", b'"a-cstaaaaaaaaaa"'), (b"if-none-match", b'"b-cst0123456789"'), (b"x", b"y")]
    assert conditions.filter(lines) == [(b"if-none-match", b'"b"'), (b"x", b"y")]


@given(st.lists(TAGS, min_size=1, max_size=5), MARKS, MARKS, st.booleans())
def test_no_foreign_tag_passes(tags: list[bytes], mark: bytes, other: bytes, page: bool) -> None:
    """Of any list, exactly the tags of today's standing come back as the app knows them (R35)."""
    sent = b", ".join(
        filter(None, (marked(tag, mark if index % 2 else other) for index, tag in enumerate(tags)))
    )
    kept = Conditions(mark, method="HEAD", page=page).filter([(b"if-none-match", sent)])
    own = tags if mark == other else tags[1::2]
    assert kept == ([(b"if-none-match", b", ".join(own))] if own else [])
