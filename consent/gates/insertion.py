"""Puts what is ours first into ``<head>`` and ``<body>`` of a stream of HTML; knows no HTTP."""

from collections.abc import Callable
from typing import Final

from consent.gates.recognition import BODY, CONTENT, HEAD, head_place, recognised

HEAD_LIMIT: Final = 512 * 1024
"""Bytes of a document within which the body is looked for; a longer head gets the fragment there."""

_RESCAN: Final = 4096
"""Bytes held above which they are looked at again only when they have grown by an eighth."""


class Insertion:
    """Puts one fragment first into the body of a page, whatever chunks the page comes in.

    ``fragment`` is asked once, as soon as a page is recognised, with the page's ``lang`` (or
    ``None``). `early` goes first into its head; only a ``<meta>`` that names the charset stays before it,
    which browsers look for in the first 1024 bytes. What is no page (no doctype, html, head or body) passes
    untouched. Bytes are held only while they may still be part of a place: the rest is given on at once. AMP
    documents pass untouched.
    """

    def __init__(self, fragment: Callable[[str | None], bytes], early: bytes = b"") -> None:
        self._ask = fragment
        self.early = early
        """What is still to go into the head."""
        self._held = b""
        self._budget = HEAD_LIMIT
        self._rescan = 0
        self.fragment: bytes | None = None
        """What is or will be inserted; ``None`` as long as no page is recognised."""
        self.settled = False
        """Whether it is known if this is a page."""
        self.done = False
        """Whether the rest passes as it comes."""

    def feed(self, chunk: bytes, *, final: bool = False) -> bytes:
        """Take the next bytes, give back those that can go; ``final`` says that no more will come."""
        if self.done:
            return chunk
        held = self._held = self._held + chunk
        if not final and len(held) < self._rescan:
            return b""
        end = min(len(held), self._budget)
        final = final or end == self._budget
        start = 0
        if not self.settled:
            start = self._recognise(held, end, final=final)
            if not self.settled:
                return self._hold(held, 0)
        if self.fragment is None:
            return self._release()
        if self.early:
            return self._open(held, start, end, final=final)
        return self._place(held, start, end, final=final)

    def _recognise(self, held: bytes, end: int, *, final: bool) -> int:
        """Settle whether this is a page, if that can be said already."""
        found = recognised(held, end, final=final)
        if found is None:
            return 0
        self.settled = True
        ask = self._ask
        del self._ask  # asked once; kept, it would be part of a cycle that only a collector ends
        position, is_page, language = found
        if is_page:
            self.fragment = ask(language)
        return position

    def _open(self, held: bytes, start: int, end: int, *, final: bool) -> bytes:
        """Put what is early first into the head, and go on to the body."""
        place = head_place(held, start, end, final=final)
        if place is None:
            return self._hold(held, start)
        begun, self.early = held[:place] + self.early, b""
        self._hold(held, place)
        return begun + self._place(self._held, 0, end - place, final=final)

    def _place(self, held: bytes, start: int, end: int, *, final: bool) -> bytes:
        head = HEAD.match(held, start, end)
        position = head.end() if head else start
        body = BODY.match(held, position, end)
        if body:
            position = body.end()
        elif not final and not CONTENT.match(held, position, end):
            return self._hold(held, position)
        rest = self._release()
        return spliced(rest, position, self.fragment or b"")

    def _hold(self, held: bytes, position: int) -> bytes:
        """Keep what is not complete yet, and give on what stands before it."""
        self._held = held[position:]
        self._budget -= position
        length = len(self._held)
        self._rescan = length + length // 8 if length > _RESCAN else 0
        return held[:position]

    def _release(self) -> bytes:
        held, self._held, self.done = self._held, b"", True
        return held


def spliced(page: bytes, place: int, *pieces: bytes, until: int | None = None) -> bytes:
    """The page with ``pieces`` put in at ``place``, instead of what stands there ``until`` then."""
    # A view of the rest spares one copy: half the time of a page of 500 KB, and most of its page faults.
    return b"".join((page[:place], *pieces, memoryview(page)[place if until is None else until :]))
