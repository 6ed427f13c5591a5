"""Finds, in a stream of HTML, the places first in ``<head>`` and ``<body>`` for what is ours; knows no HTTP.

The grammar below is that of the WHATWG's tokenizer and of its insertion modes up to "in body"
(https://html.spec.whatwg.org/multipage/parsing.html), as far as it decides where head and body begin.
"""

import re
from collections.abc import Callable
from typing import Final

from consent.gates.grammar import ATTRIBUTES, BOGUS, COMMENT, END, SCRIPT, TAG_END, compile_grammar, raw

HEAD_LIMIT: Final = 512 * 1024
"""Bytes of a document within which the body is looked for; a longer head gets the fragment there."""

_RESCAN: Final = 4096
"""Bytes held above which they are looked at again only when they have grown by an eighth."""

_BOM: Final = b"\xef\xbb\xbf"
_TEMPLATE_INSIDE = b"<template" + TAG_END + rb"(?: [^<]++ | < (?! /?template [\t\n\f\r />] ) )*+ "
_VOID = rb"<(?:html|head|meta|link|base|basefont|bgsound)" + TAG_END
_OTHER_END = rb"</(?! (?:body|html|br) [\t\n\f\r />] ) [a-z] [^\t\n\f\r />]*+" + TAG_END
_RAW_NAMES = (b"title", b"style", b"noscript", b"noframes")
_KNOWN = rb"(?:html|head|body|meta|link|base|basefont|bgsound|title|style|noscript|noframes|script|template)"


_BEFORE = rb"(?: [\t\n\f\r ]++ | " + COMMENT + rb" | " + BOGUS + rb" )*+"
# No group that captures stands in a possessive loop: Python 3.11 may lose count of it.
_PROLOGUE = compile_grammar(
    rb"(?: \xef\xbb\xbf )?+ (?: [\t\n\f\r ]++ | "
    + COMMENT
    + rb" | (?! <!doctype ) "
    + BOGUS
    + rb" )*+ (?P<doctype> <!doctype [^>]*+ > )? "
    + _BEFORE
    + rb" (?: <html (?P<html> "
    + END
    + ATTRIBUTES
    + rb" ) > )?"
)
_HEAD = compile_grammar(
    rb"(?: [\t\n\f\r ]++ | "
    + b" | ".join([COMMENT, BOGUS, _OTHER_END, _VOID, SCRIPT, *map(raw, _RAW_NAMES)])
    + b" | "
    + _TEMPLATE_INSIDE
    + b"</template"
    + TAG_END
    + rb" )*+"
)
_OPENING = compile_grammar(_BEFORE + b"<head" + TAG_END)
_NO_OPENING = compile_grammar(
    _BEFORE + rb"(?: [^<\t\n\f\r ] | < [^a-z!?/] | </[a-z] | < (?! head [\t\n\f\r />] ) [a-z]"
    rb" [^\t\n\f\r />]*+ [\t\n\f\r />] )"
)
"""What can only stand in a head that nobody wrote, or after it."""

_CHARSET = compile_grammar(_BEFORE + rb"<meta (?= [^>]* charset )" + TAG_END)
_NO_CHARSET = compile_grammar(
    _BEFORE + rb"(?: [^<\t\n\f\r ] | < [^a-z!?/] | </[a-z] | < (?! meta [\t\n\f\r />] ) [a-z]"
    rb" [^\t\n\f\r />]*+ [\t\n\f\r />] | <meta (?! [^>]* charset )" + TAG_END + b")"
)
_BODY = compile_grammar(b"<body" + TAG_END)
_CONTENT = compile_grammar(
    rb"[^<\t\n\f\r ] | < [^a-z!?/] | </(?:body|html|br) [\t\n\f\r />] | < (?! "
    + _KNOWN
    + rb" [\t\n\f\r />] ) [a-z] [^\t\n\f\r />]*+ [\t\n\f\r />] | "
    + _TEMPLATE_INSIDE
    + rb"<template [\t\n\f\r />]"
)
"""What can only stand in the body: it is there although nobody wrote ``<body>``."""

_NAME = compile_grammar(rb"< ([a-z] [^\t\n\f\r />]*+) [\t\n\f\r />]")
_LANGUAGE = compile_grammar(
    rb"(?: \A | [\t\n\f\r /\"'] ) lang [\t\n\f\r ]*+ = [\t\n\f\r ]*+ [\"']? ([a-z0-9-]{1,35})"
)

_NAMED = compile_grammar(
    rb"([^\t\n\f\r />=]++)"
    rb"(?: [\t\n\f\r ]*+ = [\t\n\f\r ]*+ (?: \"[^\"]*+\" | '[^']*+' | [^\t\n\f\r >]*+ ) )?+"
)
_AMP: Final = re.compile(rb"(?:amp|\xe2\x9a\xa1(?:\xef\xb8\x8f)?)(?:4ads|4email)?", re.IGNORECASE)
"""What ``<html>`` of an AMP document carries; AMP allows no form and no script of ours."""


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
        match = _PROLOGUE.match(held, 0, end)
        position = match.end() if match else 0
        doctype, attributes = match.group("doctype", "html") if match else (None, None)
        name = b""
        if attributes is None:
            following = _NAME.match(held, position, end)
            name = following[1].lower() if following else b""
            certain = name not in (b"", b"html") or _CONTENT.match(held, position, end)
            if not final and (not certain or _BOM.startswith(held)):
                return 0
        self.settled = True
        ask = self._ask
        del self._ask  # asked once; kept, it would be part of a cycle that only a collector ends
        refused = b"frameset" in (doctype or b"").lower() or _is_amp(attributes or b"")
        if (attributes is not None or doctype or name in (b"head", b"body")) and not refused:
            language = _LANGUAGE.search(attributes) if attributes else None
            self.fragment = ask(language[1].decode("ascii") if language else None)
        return position

    def _open(self, held: bytes, start: int, end: int, *, final: bool) -> bytes:
        """Put what is early first into the head, and go on to the body."""
        place = _head_place(held, start, end, final=final)
        if place is None:
            return self._hold(held, start)
        begun, self.early = held[:place] + self.early, b""
        self._hold(held, place)
        return begun + self._place(self._held, 0, end - place, final=final)

    def _place(self, held: bytes, start: int, end: int, *, final: bool) -> bytes:
        head = _HEAD.match(held, start, end)
        position = head.end() if head else start
        body = _BODY.match(held, position, end)
        if body:
            position = body.end()
        elif not final and not _CONTENT.match(held, position, end):
            return self._hold(held, position)
        rest = self._release()
        # A view of the rest spares one copy: half the time of a page of 500 KB, and most of its page faults.
        return b"".join((rest[:position], self.fragment or b"", memoryview(rest)[position:]))

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


def _head_place(held: bytes, start: int, end: int, *, final: bool) -> int | None:
    """Where the head begins, written or not; ``None`` as long as that cannot be said."""
    head = _OPENING.match(held, start, end)
    if head is None and not final and not _NO_OPENING.match(held, start, end):
        return None
    place = head.end() if head else start
    charset = _CHARSET.match(held, place, end)
    if charset is None and not final and not _NO_CHARSET.match(held, place, end):
        return None
    return charset.end() if charset else place


def _is_amp(attributes: bytes) -> bool:
    """Whether ``<html>`` marks an AMP document (https://amp.dev/documentation/guides-and-tutorials)."""
    if b"amp" not in attributes.lower() and b"\xe2\x9a\xa1" not in attributes:
        return False
    return any(_AMP.fullmatch(match[1]) for match in _NAMED.finditer(attributes))
