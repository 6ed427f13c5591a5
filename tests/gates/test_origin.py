"""Where decisions may come from, and where visitors may be sent."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consent.gates.origin import is_same_origin, local_address, return_address

HOST = {"host": "site.example"}


@pytest.mark.parametrize(
    ("headers", "same"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site", "origin": "https://site.example"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "https://site.example"}, False),
        ({"origin": "https://site.example"}, True),
        ({"origin": "https://SITE.example:443"}, True),
        ({"origin": "https://evil.example", "referer": "https://site.example/"}, False),
        ({"origin": "null"}, False),
        ({"origin": "https://site.example.evil.example"}, False),
        ({"origin": "https://[bad"}, False),
        ({"referer": "https://site.example/page?x"}, True),
        ({"referer": "https://evil.example/site.example"}, False),
        ({"referer": "ftp://site.example/"}, False),
        ({"referer": "http://["}, False),
        ({}, False),
    ],
)
def test_only_the_sites_own_pages_decide(headers: dict[str, str], same: bool) -> None:
    """Sec-Fetch-Site counts, else Origin, else Referer; silence is not enough (R39)."""
    assert is_same_origin({**HOST, **headers}) is same


def test_a_request_without_a_host_is_from_nowhere() -> None:
    """An empty host equals no origin, and no address is read from such a page (R39)."""
    assert not is_same_origin({"origin": "https://"})
    assert return_address(None, {"referer": "http://["}) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("/", "/"),
        ("/a/b?c=d&e=%2F", "/a/b?c=d&e=%2F"),
        ("/a#b", "/a"),
        ("/a//b", "/a//b"),
        ("", None),
        ("a", None),
        ("//evil.example", None),
        ("/\\evil.example", None),
        ("/a\\b", None),
        ("https://evil.example", None),
        ("https:evil.example", None),
        ("/\t/evil.example", None),
        ("/a\r\nset-cookie: x=1", None),
        (" /a", None),
        ("/ä", None),
        ("/" + "a" * 3000, None),
    ],
)
def test_only_local_addresses_are_gone_back_to(text: str, address: str | None) -> None:
    """No decision is a way out to another site (R39)."""
    assert local_address(text) == address


@given(st.text(st.sampled_from("/\\:.@#?%evilhtps\t\r\n a0"), max_size=24) | st.text(max_size=24))
@example("/%09/evil")
@example("/.//evil")
def test_no_address_leaves_the_site(text: str) -> None:
    """Whatever is asked for, a browser that follows it stays where it is (R39)."""
    address = local_address(text)
    if address is not None:
        target = urlsplit(urljoin("https://site.example/consent", address))
        assert (target.scheme, target.netloc) == ("https", "site.example")
        assert address.isascii()
        assert address.isprintable()


@pytest.mark.parametrize(
    ("wanted", "referer", "address"),
    [
        ("/a", "https://site.example/b", "/a"),
        ("//evil", "https://site.example/b", None),
        (None, "https://site.example/b?c#d", "/b?c"),
        (None, "https://site.example", None),
        (None, "https://evil.example/b", None),
        (None, "", None),
    ],
)
def test_visitors_go_back_to_the_page_they_came_from(
    wanted: str | None, referer: str, address: str | None
) -> None:
    """The form's own field counts, else the page that the browser names."""
    assert return_address(wanted, {**HOST, "referer": referer}) == address
