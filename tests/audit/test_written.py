"""What is written as a cookie: name and attributes, and whether anything stays."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.audit.sightings import Facts
from consent.audit.written import read_cookie

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("line", "name", "host", "facts"),
    [
        ("a=1", "a", "site.example", Facts()),
        ("a=1; Max-Age=60", "a", "site.example", Facts(seconds=60)),
        ("a=1; max-age=60; expires=Thu, 01 Jan 1970 00:00:00 GMT", "a", "site.example", Facts(seconds=60)),
        ("a=1; Expires=Sat, 28 Nov 2026 13:00:00 GMT", "a", "site.example", Facts(seconds=3600)),
        ("a=1; Expires=soon; Max-Age=much", "a", "site.example", Facts()),
        ("a=1; Max-Age=9999999999999999", "a", "site.example", Facts(seconds=10**10)),
        ("a=1; Domain=.Paper.Example", "a", "paper.example", Facts(domain="paper.example")),
        ("a=1; Path=/shop; HttpOnly; Partitioned", "a", "site.example", Facts(path="/shop", http_only=True, partitioned=True)),
        ("a=1; Path=shop", "a", "site.example", Facts()),
        (" a = b=c ; Secure", "a", "site.example", Facts()),
        ("value; Max-Age=60", "", "site.example", Facts(seconds=60)),
        ("=value=1", "", "site.example", Facts()),
    ],
)  # fmt: skip
def test_a_cookie_is_read_as_browsers_read_it(line: str, name: str, host: str, facts: Facts) -> None:
    """Max-Age wins over Expires, what cannot be read counts as absent (RFC 6265bis, 5.7)."""
    found = read_cookie(line, "site.example", NOW)
    assert found is not None
    assert (found[0].name, found[0].host, found[1]) == (name, host, facts)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "=",
        ";",
        "a=1; Max-Age=0",
        "value; Max-Age=0",
        "a=1; Max-Age=-5",
        "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    ],
)
def test_deletions_leave_nothing(line: str) -> None:
    """What ends a cookie, or is none, is no sighting."""
    assert read_cookie(line, "site.example", NOW) is None


@given(line=st.text(), value=st.text(alphabet="0123456789abcdef", min_size=12, max_size=12))
def test_no_line_is_an_error_and_no_value_is_kept(line: str, value: str) -> None:
    """Whatever a server writes, the audit goes on, and what it keeps holds no value."""
    read_cookie(line, "site.example", NOW)
    for pair in (f"name={value}", f"={value}", value):
        found = read_cookie(f"{pair}; Path=/", "site.example", NOW)
        assert found is not None
        assert value not in repr(found)
