"""Lets the markup gate read documents whose encoding is no superset of ASCII: UTF-16; knows no host."""

import codecs
import re
from typing import Final, Protocol

MARKS: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
"""How documents in UTF-16 begin, whatever their headers say (https://encoding.spec.whatwg.org/#decode)."""


_PROBE: Final = "<a>"
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


def charset_of(content_type: bytes) -> str | None:
    """The codec that a ``Content-Type`` names, or ``None``. Without more, UTF-16 is little-endian."""
    match = _CHARSET.search(content_type.decode("latin-1"))
    try:
        codec = codecs.lookup(match[1] if match else "utf-8").name
        codec = "utf-16-le" if codec == "utf-16" else codec
        return codec if codec in MARKS.values() or _PROBE.encode(codec) == _PROBE.encode() else None
    except (LookupError, UnicodeError):
        return None


class Feedable(Protocol):
    """What takes a document in chunks and gives it back in others."""

    def feed(self, chunk: bytes, *, final: bool = False) -> bytes:
        """Take the next bytes, give back those that can go."""


class Transcoding:
    """A stream of UTF-16 around a ``stream`` of UTF-8. Lone surrogates and a last odd byte come back."""

    def __init__(self, stream: Feedable, codec: str) -> None:
        self._stream = stream
        self._codec = codec
        self._odd = b""
        self._decoder = codecs.getincrementaldecoder(codec)("surrogatepass")
        self._back = codecs.getincrementaldecoder("utf-8")("surrogatepass")

    def feed(self, chunk: bytes, *, final: bool = False) -> bytes:
        """Take the next bytes, give back those that can go."""
        chunk = self._odd + chunk
        even = len(chunk) & ~1
        self._odd = chunk[even:]
        text = self._decoder.decode(chunk[:even], final)
        gated = self._stream.feed(text.encode("utf-8", "surrogatepass"), final=final)
        out = self._back.decode(gated, final).encode(self._codec, "surrogatepass")
        return out + self._odd if final else out


class Sniffing:
    """Waits for the two bytes that tell UTF-16, then hands everything to ``stream`` or around it."""

    def __init__(self, stream: Feedable, codec: str | None = None) -> None:
        self._stream: Feedable = stream
        self._begun = b""
        self._codec = codec
        self._known = False

    def feed(self, chunk: bytes, *, final: bool = False) -> bytes:
        """Take the next bytes, give back those that can go."""
        if self._known:
            return self._stream.feed(chunk, final=final)
        chunk = self._begun + chunk
        if len(chunk) < 2 and not final:
            self._begun = chunk
            return b""
        self._known = True
        codec = MARKS.get(chunk[:2], self._codec)
        if codec is not None:
            self._stream = Transcoding(self._stream, codec)
        return self._stream.feed(chunk, final=final)
