"""What strangers wrote, as it is printed."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from consent.printing import visible


@given(st.text())
def test_everything_that_is_printed_shows_and_can_be_read_back(text: str) -> None:
    """No control, no turned direction, no half of a letter; in a string of JSON it is still the same text."""
    shown = visible(text)
    assert shown.isprintable()
    assert not re.search(r"::[a-z]|##\w*\[", shown)
    beside = re.sub(r"\\U([0-9a-f]{8})", lambda found: chr(int(found[1], 16)), visible(json.dumps(text)))
    assert json.loads(beside, strict=False) == text


def test_what_shows_stays_as_it_is() -> None:
    """Names as sites have them, addresses and words of any language."""
    for text in (
        "_ga_7F3A",
        "persist:root",
        "https://[::1]:8000/ü",
        "क्‌ष"[0],
        "Ελλάδα ①",
        "#1",
        "net::ERR_FAILED",
    ):
        assert visible(text) == text


def test_commands_of_builds_are_broken() -> None:
    """They count wherever a line begins, and some anywhere in it."""
    assert visible("\x1b[2J\n::error::x ##[error]y\U000e0001") == (
        r"\u001b[2J\u000a:\u003aerror:\u003ax #\u0023[error]y\U000e0001"
    )
