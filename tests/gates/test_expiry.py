"""What deletes a cookie: every variant in its turn, and no header in vain."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import Cookie
from consent.catalogue import Catalogue
from consent.gates.cookies import cookie_name
from consent.gates.expiry import Expiry, Visited
from consent.model import Category
from tests.sites import cookie, service

GONE = "Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
HERE = Visited(host="www.example.org:443", path="/", secure=False)


def expiry(*cookies: Cookie | str) -> Expiry:
    return Expiry(Catalogue([Category(id="analytics", services=(service("a", *cookies),))]))


def values(found: list[tuple[bytes, bytes]]) -> list[str]:
    assert {name for name, _ in found} <= {b"set-cookie"}
    return [value.decode() for _, value in found]


def test_each_declared_cookie_is_expired_once() -> None:
    """One header a name, only for what was declared, and for no name that the app sets itself (R18, R19)."""
    found = expiry("_ga", "_hm", "_x_*").headers(
        ["_ga", "_ga", "other", "_hm", "_x_\x7f", "bad name", "_x_1"], HERE, taken=frozenset({"_hm"})
    )
    assert values(found) == [f"_ga=; Path=/; {GONE}", f"_x_1=; Path=/; {GONE}"]


def test_at_most_twenty_cookies_are_expired_at_once() -> None:
    """A proxy's limit on headers is not tried (R19)."""
    assert len(expiry("x*").headers([f"x{number}" for number in range(50)], HERE)) == 20


@pytest.mark.parametrize(
    ("declared", "name", "attributes"),
    [
        (cookie("x", domain="example.org", path="/news"), "x", f"Path=/news; {GONE}; Domain=example.org"),
        (cookie("x", partitioned=True), "x", f"Path=/; {GONE}; Secure; SameSite=None; Partitioned"),
        (cookie("__Host-x"), "__Host-x", f"Path=/; {GONE}; Secure"),
        (cookie("__secure-*"), "__secure-y", f"Path=/; {GONE}; Secure"),
    ],
)
def test_the_declared_attributes_come_first(declared: Cookie, name: str, attributes: str) -> None:
    """Without the same domain, path and partition a browser would keep it (R18)."""
    assert values(expiry(declared).headers([name], HERE)) == [f"{name}=; {attributes}"]


def test_by_tls_a_secure_cookie_is_overwritten() -> None:
    """A cookie set as Secure is only deleted as Secure (RFC 6265bis, 5.7)."""
    visited = Visited(host="example.org", path="/", secure=True)
    assert values(expiry("x").headers(["x"], visited)) == [f"x=; Path=/; {GONE}; Secure"]


def turns(declared: Cookie, name: str, visited: Visited) -> list[str]:
    """Everything that one response after the other sends."""
    found = [
        value for turn in range(100) for value in values(expiry(declared).headers([name], visited, turn=turn))
    ]
    assert found[0::2] == [found[0]] * 50
    return [*dict.fromkeys(found)]


def test_other_domains_and_paths_follow_in_turn() -> None:
    """Wherever it was set on the way to this address, some response deletes it (R19)."""
    visited = Visited(host="News.Site.test:8000", path="/news/story", secure=False)
    found = turns(cookie("x", domain="site.test"), "x", visited)
    assert found[0] == f"x=; Path=/; {GONE}; Domain=site.test"
    places = {(re.search("Path=([^;]*)", value)[1], value.partition("Domain=")[2]) for value in found}  # type: ignore[index]
    assert places == {
        (path, domain)
        for path in ("/", "/news", "/news/story")
        for domain in ("", "site.test", "news.site.test")
    }


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", ""])
def test_a_host_without_parents_has_few_variants(host: str) -> None:
    """Addresses and single names belong to no domain."""
    assert turns(cookie("x"), "x", Visited(host=host, path="/", secure=False)) == [f"x=; Path=/; {GONE}"]


def test_a_host_cookie_has_one_variant() -> None:
    """`__Host-` leaves neither domain nor path open (R19)."""
    visited = Visited(host="a.example.org", path="/x/y", secure=True)
    assert turns(cookie("__Host-x"), "__Host-x", visited) == [f"__Host-x=; Path=/; {GONE}; Secure"]


@pytest.mark.parametrize(
    ("domain", "host", "reached"),
    [
        ("example.org", "example.org", True),
        (".example.org", "News.Example.org:8000", True),
        ("news.example.org", "example.org", False),
        ("example.org", "badexample.org", False),
        ("ads.example", "example.org", False),
        (None, "", True),
    ],
)
def test_only_cookies_of_the_sites_own_domains_are_expired(
    domain: str | None, host: str, reached: bool
) -> None:
    """What another company set is out of a server's reach, so that no header is spent on it (R18)."""
    found = expiry(cookie("x", domain=domain)).headers(["x"], Visited(host=host, path="/", secure=True))
    assert bool(found) is reached


@given(
    st.lists(st.sampled_from(["_ga", "_ga_1", "x", "a b", "\xff", ""]), max_size=40),
    st.text(max_size=20),
    st.text(max_size=30),
    st.integers(0, 1 << 50),
)
def test_no_name_stands_twice_and_no_header_breaks(names: list[str], host: str, path: str, turn: int) -> None:
    """Whatever is asked, one response never carries two Set-Cookie of one name (R19)."""
    found = expiry("_ga*", "x").headers(names, Visited(host=host, path=path, secure=True), turn=turn)
    told = [cookie_name(value) for _, value in found]
    assert len(told) == len(set(told))
    assert all(b"\r" not in value and b"\n" not in value and b"\0" not in value for _, value in found)
