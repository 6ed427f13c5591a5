"""Response headers that make browsers fetch: what goes to withheld hosts is taken out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.catalogue import Catalogue
from consent.gates.addresses import Withholding
from consent.gates.elements import refresh_address
from consent.gates.links import filter_headers, filter_link
from tests.sites import categories

CATALOGUE = Catalogue(categories())
HELD = Withholding(CATALOGUE, CATALOGUE.standing(None).granted)


@pytest.mark.parametrize(
    ("value", "left"),
    [
        (b"<https://stats.example>; rel=preconnect", b""),
        (b'</a.css>; rel=preload; title="a, <b>" , <//stats.example/a,b.js>; rel=preload,</c>;rel=next', b'</a.css>; rel=preload; title="a, <b>" ,</c>;rel=next'),
        (b'</a>; rel=preload; imagesrcset="/b 1x, //stats.example/c 2x"', b""),
        (b"<//stats.example", b""),
    ],
)  # fmt: skip
def test_links_to_withheld_hosts_go_and_the_others_stay(value: bytes, left: bytes) -> None:
    """Members of one header are parted as RFC 8288 says; those that stay keep their bytes (R33)."""
    assert filter_link(value, HELD) == left


@pytest.mark.parametrize(
    "header",
    [
        (b"Link", b"<https://stats.example/page>; rel=canonical, </a,b>;rel=preload"),
        (b"link", b'</a>; title="<//stats.example>"; rel=preload, rel=x'),
        (b"refresh", b"5; url=/next"),
        (b"Refresh", b"5"),
        (b"speculation-rules", b'"/rules.json"'),
        (b"x-other", b"<//stats.example>; rel=preload"),
    ],
)
def test_other_headers_stay_byte_for_byte(header: tuple[bytes, bytes]) -> None:
    """What contacts nobody who is withheld is left alone (R33)."""
    assert filter_headers([header], HELD) == [header]


@pytest.mark.parametrize(
    ("header", "left"),
    [
        ((b"Refresh", b"0;URL='https://stats.example/x'"), []),
        ((b"speculation-rules", b'"//stats.example/rules.json"'), []),
        (
            (b"Speculation-Rules", b'"/a.json", "//stats.example/b.json"'),
            [(b"Speculation-Rules", b'"/a.json"')],
        ),
    ],
)
def test_refreshes_and_rules_of_withheld_hosts_go(header: tuple[bytes, bytes], left: list[object]) -> None:
    """A refresh or a file of speculation rules elsewhere is a request like any other (R33)."""
    assert filter_headers([header], HELD) == left


@pytest.mark.parametrize(
    ("content", "address"),
    [
        ("5", ""),
        ("0;url=/a", "/a"),
        ("0, URL = '/a' x", "/a"),
        ("1.5 /a", "/a"),
        ("0;urls", "urls"),
        ('0;"/a', "/a"),
    ],
)
def test_a_refresh_is_read_as_browsers_read_it(content: str, address: str) -> None:
    """With or without `url=`, quotes and blanks (R33)."""
    assert refresh_address(content) == address


@given(st.binary())
def test_no_header_is_an_error(value: bytes) -> None:
    """Whatever an app sends, the filter answers (R33)."""
    for name in (b"link", b"refresh", b"speculation-rules"):
        assert len(filter_headers([(name, value)], HELD)) <= 1
