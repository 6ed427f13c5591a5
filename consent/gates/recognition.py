"""Tells pages from other bytes, and where their head and body begin; knows no stream and no HTTP.

The grammar below is that of the WHATWG's tokenizer and of its insertion modes up to "in body"
(https://html.spec.whatwg.org/multipage/parsing.html), as far as it decides where head and body begin.
"""

import re
from functools import lru_cache
from typing import Final

from consent.gates.grammar import ATTRIBUTES, BOGUS, COMMENT, END, SCRIPT, TAG_END, compile_grammar, raw

_KNOWN_HEAD: Final = 8 * 1024
"""Bytes of the longest document's beginning, up to its body, that is kept with what was found in it."""

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
HEAD = compile_grammar(
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
BODY = compile_grammar(b"<body" + TAG_END)
CONTENT = compile_grammar(
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


def known_page(chunk: bytes) -> tuple[str | None, int, int] | None:
    """Of a page whose beginning was met before: its language, and the places in its head and its body."""
    start = chunk.find(b"<body", 0, _KNOWN_HEAD)
    end = chunk.find(b">", start, _KNOWN_HEAD) if start >= 0 else -1
    return None if end < 0 else _looked_at(chunk[: end + 1])


@lru_cache(maxsize=256)
def _looked_at(head: bytes) -> tuple[str | None, int, int] | None:
    """As `known_page`; ``None`` for what is no page, or not surely one whose body begins here,
    and where a byte order mark tells the charset.

    Pages of one address begin alike for all visitors: kept, this spares 40,000 of 78,000 instructions.
    """
    end = len(head)
    found = recognised(head, end, final=False)
    if found is None or not found[1] or head.startswith(_BOM):
        return None
    opening = head_place(head, found[0], end, final=False)
    start = HEAD.match(head, found[0] if opening is None else opening, end)
    body = None if start is None else BODY.match(head, start.end(), end)
    if opening is None or body is None or body.end() != end:
        return None
    return found[2], opening, end


def recognised(held: bytes, end: int, *, final: bool) -> tuple[int, bool, str | None] | None:
    """Where the head may begin, whether this is a page, and its language; ``None`` if nobody can say yet."""
    match = _PROLOGUE.match(held, 0, end)
    position = match.end() if match else 0
    doctype, attributes = match.group("doctype", "html") if match else (None, None)
    name = b""
    if attributes is None:
        following = _NAME.match(held, position, end)
        name = following[1].lower() if following else b""
        certain = name not in (b"", b"html") or CONTENT.match(held, position, end)
        if not final and (not certain or _BOM.startswith(held)):
            return None
    refused = b"frameset" in (doctype or b"").lower() or _is_amp(attributes or b"")
    is_page = (attributes is not None or doctype or name in (b"head", b"body")) and not refused
    language = _LANGUAGE.search(attributes) if attributes and is_page else None
    return position, bool(is_page), language[1].decode("ascii") if language else None


def head_place(held: bytes, start: int, end: int, *, final: bool) -> int | None:
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
