"""A page's bytes on their way: out of coding and charset, the fragment in, and back; knows no headers."""

from collections.abc import Callable
from functools import lru_cache

from consent.gates.charsets import Narrowing, is_wide, marked_codec, may_become_mark
from consent.gates.codings import Coding, CodingError
from consent.gates.insertion import Insertion, spliced
from consent.gates.recognition import known_page

Fragment = Callable[[str | None], str]
"""What goes in, asked once with the page's ``lang`` as soon as a page is recognised."""


class PageBody:
    """Puts one fragment first into the body of a page and ``early`` into its head, in the page's own charset.

    A body that is no page comes out byte for byte as it came in. What is held is bounded.
    """

    settled = False
    """Whether it is known if this is a page."""
    is_page = False
    """Whether the fragment goes in."""
    added: int | None = None
    """By how many bytes the page grows; ``None`` where that is not known before its end."""
    done = False
    """Whether the rest passes as it comes."""
    _insertion: Insertion | None = None
    _narrowing: Narrowing | None = None
    _start = b""

    def __init__(self, fragment: Fragment, codec: str, early: str = "") -> None:
        self._ask = fragment
        self._codec = codec
        self._early = early

    def feed(self, chunk: bytes, *, final: bool = False) -> bytes:
        """Take the next bytes, give back those that can go; ``final`` says that no more will come."""
        if self.done:
            return chunk
        insertion = self._insertion
        if insertion is None:
            chunk = self._start + chunk
            known = None if is_wide(self._codec) else known_page(chunk)
            if known is not None:
                return self._put_into(chunk, *known)
            if not final and may_become_mark(chunk):
                self._start = chunk
                return b""
            insertion = self._begin(chunk)
        out = self._fed(insertion, chunk, final=final)
        self.settled, self.done = insertion.settled, insertion.done
        return out

    def _put_into(self, page: bytes, language: str | None, opening: int, end: int) -> bytes:
        """All at once, into a page whose beginning was met before: nobody need look for the places."""
        self.settled = self.is_page = self.done = True
        early, fragment = written(self._early, self._codec), written(self._ask(language), self._codec)
        page, self.added = put_into(page, opening, end, early, fragment)
        return page

    def _begin(self, start: bytes) -> Insertion:
        self._codec = marked_codec(start) or self._codec
        if is_wide(self._codec):
            self._narrowing = Narrowing(self._codec)
        self._insertion = Insertion(self._encoded, self._in_place(self._early) if self._early else b"")
        return self._insertion

    def _fed(self, insertion: Insertion, chunk: bytes, *, final: bool) -> bytes:
        narrowing = self._narrowing
        if narrowing is None:
            return insertion.feed(chunk, final=final)
        out = narrowing.widen(insertion.feed(narrowing.narrow(chunk), final=final))
        return out + narrowing.rest() if insertion.done else out

    def _encoded(self, language: str | None) -> bytes:
        """The fragment as the insertion wants it: in the page's codec, or in UTF-8 to be widened with it."""
        text = self._ask(language)
        encoded = written(text, self._codec)
        self.is_page, self.added = True, len(written(self._early, self._codec)) + len(encoded)
        return self._in_place(text) if self._narrowing else encoded

    def _in_place(self, text: str) -> bytes:
        return text.encode() if self._narrowing else written(text, self._codec)


def put_into(page: bytes, opening: int, end: int, early: bytes, fragment: bytes) -> tuple[bytes, int]:
    """The page with both in their places, and by how much it grew."""
    if early:
        page = spliced(page, opening, early, page[opening:end], fragment, until=end)
    elif fragment:
        page = spliced(page, end, fragment)
    return page, len(early) + len(fragment)


@lru_cache(maxsize=64)
def written(text: str, codec: str) -> bytes:
    """A banner's few hundred letters beyond ASCII cost 25,000 instructions; most pages carry the same one."""
    return text.encode(codec, "xmlcharrefreplace")


class CodedBody:
    """The same for a body that the app has compressed: opened, and closed again as one stream."""

    def __init__(self, fragment: Fragment, codec: str, coding: Coding, early: str = "") -> None:
        self._page = PageBody(fragment, codec, early)
        self._decoder = coding.decoder()
        self._encoder = coding.encoder()
        self._raw = b""
        self.settled = False
        self.added: int | None = None
        self.done = False

    @property
    def is_page(self) -> bool:
        """Whether the fragment goes in."""
        return self._page.is_page

    def feed(self, chunk: bytes, *, final: bool = False) -> bytes:
        """As `PageBody.feed`. Raises `CodingError` if a page turns out to be broken halfway."""
        if self.done:
            return chunk
        if not self.settled:
            self._raw += chunk
        try:
            out = self._transcoded(chunk, final=final)
        except CodingError:
            if self.settled:
                raise
            return self._untouched()
        if not self._page.settled:
            return b""
        if not self.is_page:
            return self._untouched()
        self.settled, self._raw = True, b""
        return out

    def _transcoded(self, chunk: bytes, *, final: bool) -> bytes:
        out = []
        for piece in self._decoder.pieces(chunk):
            text = self._page.feed(piece)
            if text and self.is_page:
                out.append(self._encoder.compress(text, final=False))
        if final:
            out.append(self._encoder.compress(self._page.feed(b"", final=True), final=True))
        return b"".join(out)

    def _untouched(self) -> bytes:
        self.settled = self.done = True
        return self._raw
