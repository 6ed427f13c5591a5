"""The markup gate: takes out of a stream of HTML what would contact a withheld host; knows no HTTP.

A page is searched for names of hosts first, by bytes; only where one stands is it found out which tag
it stands in, and only that tag is read. Everything else leaves as it came, byte for byte.
"""

import re
from functools import lru_cache
from typing import Final

from consent.catalogue import Catalogue
from consent.gates.addresses import Withholding
from consent.gates.elements import Placeholder
from consent.gates.rewriting import Rewriter
from consent.gates.tokens import HTML, START, WHOLES, terminator
from consent.gates.transcoding import MARKS, Feedable, Sniffing
from consent.state import Consent

HELD_LIMIT: Final = 1024 * 1024
"""Bytes of the longest script, comment or tag that is waited for. What is longer is left out of a page that
comes in pieces: nobody could say what it would contact. (The inline state of large apps is some 100 KB.)"""

_WIDE: Final = frozenset(MARKS.values())

_OVERLAP: Final = 32
"""Bytes looked at again with the next ones; no terminator is longer."""


class MarkupGate:
    """Built once from the catalogue; tells which pages need a look, and gives streams that look."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._asked = Withholding(catalogue, catalogue.standing(None).granted)
        search = self._asked.search
        self._withholding = lru_cache(maxsize=256)(lambda granted: Withholding(catalogue, granted, search))
        HTML.prepare()
        self._asked.prepare()

    def withholding(self, consent: Consent) -> Withholding:
        """What ``consent`` leaves withheld."""
        return self._withholding(consent.granted)

    def names_gated_host(self, data: bytes, charset: str | None = None) -> bool:
        """Whether a whole document may name a host that anybody must agree to (a search, no tokens)."""
        return charset in _WIDE or data[:2] in MARKS or self._asked.names(data)

    def stream(
        self,
        consent: Consent,
        *,
        charset: str | None,
        placeholder: Placeholder | None = None,
        xml: bool = False,
    ) -> Feedable:
        """A stream for one response; ``charset`` is the codec that its headers name, ``None`` if none."""
        utf_16 = charset if charset in _WIDE else None
        codec = charset if charset and not utf_16 else "utf-8"
        stream = MarkupStream(self.withholding(consent), codec=codec, placeholder=placeholder, xml=xml)
        return Sniffing(stream, utf_16)


class MarkupStream:
    """One document on its way, in whatever chunks; holds at most one token that is not complete."""

    def __init__(
        self,
        held: Withholding,
        *,
        codec: str = "utf-8",
        placeholder: Placeholder | None = None,
        xml: bool = False,
    ) -> None:
        self._rewriter = Rewriter(held, codec=codec, placeholder=placeholder, xml=xml)
        self._held = b""
        self._awaited: re.Pattern[bytes] | None = None
        self._left_out = False

    def feed(self, chunk: bytes, *, final: bool = False) -> bytes:
        """Take the next bytes, give back those that can go; ``final`` says that no more will come."""
        fresh = max(0, len(self._held) - _OVERLAP)
        held = self._held = self._held + chunk
        if self._awaited is not None and not final and not self._awaited.search(held, fresh):
            return self._bounded()
        if self._left_out:
            held = self._after_left_out(held)
        out, position = self._rewriter.rewrite(held, final=final)
        self._held = held[position:]
        self._awaited = terminator(self._held.lower()) if self._held else None
        return out + self._bounded()

    def _after_left_out(self, held: bytes) -> bytes:
        self._left_out = False
        match = self._awaited.search(held) if self._awaited else None
        return held[match.end() :] if match else b""

    def _bounded(self) -> bytes:
        """Give up on a token that is too long: an element goes on without its content being one with it."""
        if len(self._held) <= (_OVERLAP if self._left_out else HELD_LIMIT):
            return b""
        start = None if self._left_out else START.match(self._held[:HELD_LIMIT].lower())
        if start is not None and start["name"] in WHOLES:
            tag, self._held = self._held[: start.end()], self._held[start.end() :]
            self._awaited = None
            return self._rewriter.start_tag(tag) + self.feed(b"")
        self._left_out = True
        self._held = self._held[-_OVERLAP:]
        return b""
