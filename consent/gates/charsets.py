"""In which characters a page is written: what its header says, what its first bytes say; knows no HTML."""

import codecs
import re
from functools import lru_cache
from typing import Final

BYTE_ORDER_MARKS: Final = ((b"\xef\xbb\xbf", "utf_8"), (b"\xff\xfe", "utf_16_le"), (b"\xfe\xff", "utf_16_be"))
"""First bytes that tell a page's encoding, whatever its header says (WHATWG Encoding, 6)."""

_FIRST_OF_MARKS: Final = frozenset(mark[:1] for mark, _ in BYTE_ORDER_MARKS)
_WIDE: Final = {"utf_16": "utf_16_le", "utf_16_le": "utf_16_le", "utf_16_be": "utf_16_be"}
_CONTAINS_ASCII = re.compile(
    r"utf_8|us_ascii|ascii|iso8859_\d+|latin_1|cp125\d|cp8(66|74)|cp9(32|49|50)|koi8_[ru]|euc_\w+|gb\w+|"
    r"shift_jis\w*|big5\w*|mac_roman"
)
_LABEL = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


@lru_cache(maxsize=64)
def codec_of(content_type: bytes) -> str | None:
    """The codec of a page of this type; ``None`` if it can be neither written into nor converted.

    A page that does not say is written to in ASCII: other characters become references.
    """
    match = _LABEL.search(content_type.decode("latin-1"))
    if match is None:
        return "ascii"
    try:
        name = codecs.lookup(match[1]).name.replace("-", "_")
    except LookupError:
        return "ascii"
    return _WIDE.get(name, name if _CONTAINS_ASCII.fullmatch(name) else None)


def is_wide(codec: str) -> bool:
    """Whether ASCII's characters take two bytes in ``codec``."""
    return codec in _WIDE


def marked_codec(start: bytes) -> str | None:
    """What a byte order mark at the ``start`` of a page says."""
    if start[:1] not in _FIRST_OF_MARKS:
        return None
    return next((codec for mark, codec in BYTE_ORDER_MARKS if start.startswith(mark)), None)


def may_become_mark(start: bytes) -> bool:
    """Whether so short a ``start`` may yet be a byte order mark."""
    return any(len(start) < len(mark) and mark.startswith(start) for mark, _ in BYTE_ORDER_MARKS)


class Narrowing:
    """A stream of two-byte characters as UTF-8 and back, bit for bit, whatever chunks it comes in."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._decoder = codecs.getincrementaldecoder(codec)("surrogatepass")

    def narrow(self, chunk: bytes) -> bytes:
        """The whole characters there are; the rest waits for the next chunk."""
        return self._decoder.decode(chunk).encode("utf-8", "surrogatepass")

    def widen(self, text: bytes) -> bytes:
        """The inverse: ``text`` ends where a character ends."""
        return text.decode("utf-8", "surrogatepass").encode(self._codec, "surrogatepass")

    def rest(self) -> bytes:
        """The bytes that wait, as they came; they wait no longer."""
        held = self._decoder.getstate()[0]
        self._decoder.reset()
        return held
