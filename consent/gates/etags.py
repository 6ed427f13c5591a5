"""Entity tags of responses that differ with consent: marked on their way out, read on their way in.

The tag ``"abc"`` of the app leaves as ``"abc-cst0123456789"``: its end names what the visitor got. Back
from a browser it counts only while it names what the visitor would get now. Knows no standing.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final

from consent.gates.headers import Header

MARK_LENGTH: Final = 10
"""Hexadecimal digits of a mark: 40 bits tell the versions of one page apart."""

CONDITIONS: Final = frozenset({b"range", b"if-range", b"if-match", b"if-none-match", b"if-modified-since"})
"""Request headers that speak of a response known from before (RFC 9110, 13 and 14)."""

_PREFIX: Final = b"-cst"
_TAG = re.compile(rb'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_MEMBER = re.compile(rb'\*|(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_MARKED = re.compile(rb'((?:W/)?"[\x21\x23-\x7e\x80-\xff]*)-cst([0-9a-f]{10})"')
_BETWEEN: Final = b" \t,"


def marked(tag: bytes, mark: bytes) -> bytes | None:
    """The app's ``tag`` as it leaves: weak stays weak; ``None`` for what is no tag (RFC 9110, 8.8.3)."""
    return tag[:-1] + _PREFIX + mark + b'"' if _TAG.fullmatch(tag) else None


def unmarked(tag: bytes, mark: bytes | None) -> bytes | None:
    """The app's own tag if ``tag`` bears just this ``mark``, else ``None``."""
    match = _MARKED.fullmatch(tag)
    return match[1] + b'"' if match and match[2] == mark else None


def is_marked(tag: bytes) -> bool:
    """Whether ``tag`` bears a mark, of whatever visitor."""
    return _MARKED.fullmatch(tag) is not None


class Conditions:
    """One request's conditions, as the app may know them.

    ``mark`` names what the visitor would get now; ``page`` tells that the answer will be a page, which is
    sent whole and never as it was for somebody else (R35).
    """

    def __init__(self, mark: bytes | None, *, method: str, page: bool) -> None:
        self._mark = mark
        self._reads = method in ("GET", "HEAD")
        self._page = page and self._reads
        self.mapped = False
        """Whether a tag of ours was among them: what the app answers depends on the visitor."""

    def filter(self, headers: list[Header]) -> list[Header]:
        """The request's headers with our tags given back their own form, and without what is untrue now."""
        whole = self._page or any(name == b"if-range" and self._is_foreign(value) for name, value in headers)
        kept = [header for name, value in headers for header in self._one(name, value, whole=whole)]
        if self._has_lost(headers, kept, b"if-none-match"):
            # An app that finds no tag would look at the date, which says nothing of consent.
            kept = [header for header in kept if header[0] != b"if-modified-since"]
        return kept

    def _has_lost(self, before: list[Header], after: list[Header], wanted: bytes) -> bool:
        return self._reads and any(name == wanted for name, _ in before) and wanted not in dict(after)

    def _one(self, name: bytes, value: bytes, *, whole: bool) -> Iterable[Header]:
        if name == b"if-none-match" and self._reads:
            rest = self._members(value, self._if_known)
        elif name in (b"if-match", b"if-none-match"):
            rest = self._members(value, self._as_it_is)
        elif name == b"if-range":
            rest = None if whole else self._members(value, self._as_it_is)
        elif (name == b"range" and whole) or (name == b"if-modified-since" and self._page):
            rest = None
        else:
            rest = value
        return () if rest is None else ((name, rest),)

    def _is_foreign(self, value: bytes) -> bool:
        return is_marked(value) and unmarked(value, self._mark) is None

    def _members(self, value: bytes, rule: Callable[[bytes], bytes | None]) -> bytes | None:
        """A list of tags under ``rule``: byte for byte if nothing changes, ``None`` if none is left."""
        if _MEMBER.sub(b"", value).strip(_BETWEEN):
            return None if self._page and rule == self._if_known else value
        members = _MEMBER.findall(value)
        kept = [tag for tag in map(rule, members) if tag is not None]
        return value if kept == members else b", ".join(kept) or None

    def _if_known(self, tag: bytes) -> bytes | None:
        """For a 304: a tag of another standing, or of a time before us, names a page that is old."""
        if is_marked(tag):
            return self._as_it_is(tag) if unmarked(tag, self._mark) else None
        return None if self._page else tag

    def _as_it_is(self, tag: bytes) -> bytes:
        """For a change: a tag of another standing stays, so that the app finds that it does not match."""
        own = unmarked(tag, self._mark)
        if own is None:
            return tag
        self.mapped = True
        return own
