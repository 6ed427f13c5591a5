"""Cuts HTML into tokens as fast as a pattern can; an element whose content is text is one token.

Why no tokenizer from elsewhere: turbohtml's streams, but gives lines and columns of characters instead of
places in the bytes, and one object per token where nearly all tokens are of no interest. These patterns run
over them without coming back; the tests hold them against turbohtml and html5lib.
"""

import re
from functools import cached_property
from typing import Final

from consent.gates.grammar import ATTRIBUTES, BOGUS, COMMENT, END, SCRIPT, TAG_END, compile_lowered, raw

TEXTS: Final = (b"style", b"title", b"textarea", b"xmp", b"iframe", b"noembed", b"noframes")
"""Elements that hold nothing but text."""

MEDIA: Final = (b"video", b"audio", b"object")
"""Elements whose content decides over them."""

WHOLES: Final = (b"noscript", b"svg", *MEDIA)
"""Elements that are one token although they hold markup."""

_SPECIAL = b" | ".join((b"script", *TEXTS, *WHOLES))
_INITIALS = {name[0] for name in (b"script", *TEXTS, *WHOLES)}
_PLAIN_END = rb"</ [a-z] [^\t\n\f\r />]*+ (?: > |" + ATTRIBUTES + b"> )"
_PLAIN = (
    rb"< (?: [" + bytes(sorted({*b"abcdefghijklmnopqrstuvwxyz"} - _INITIALS)) + rb"] | (?! (?: " + _SPECIAL
    + rb" ) [\t\n\f\r />] ) [a-z] ) [^\t\n\f\r />]*+"
    rb"""(?: [\t\n\f\r ] [a-z-]++ = "[^"]*+" )*+ (?: > |""" + ATTRIBUTES + b"> )"
)  # fmt: skip
_WHOLE = b" | ".join(
    map(raw, (*TEXTS, *WHOLES))
)  # a group in a possessive loop is a SystemError (CPython 3.11)
_CLOSED = END + ATTRIBUTES + rb"(?<= / ) >"
_CDATA = rb"<!\[cdata\[ (?: [^\]]++ | \] (?! \]> ) )*+ \]\]>"
_LONE = rb"< (?= [^a-z!/?] )"

_HTML = b" | ".join([_PLAIN_END, _PLAIN, b"<svg" + _CLOSED, SCRIPT, _WHOLE, COMMENT, BOGUS, _LONE])
_XML = b" | ".join(
    [
        _PLAIN_END,
        _PLAIN,
        b"< (?: " + _SPECIAL + b" )" + _CLOSED,
        SCRIPT,
        _WHOLE,
        COMMENT,
        _CDATA,
        BOGUS,
        _LONE,
    ]
)

START: Final = compile_lowered(b"< (?P<name> " + _SPECIAL + b" )" + TAG_END)
"""The start tag of an element that is one token."""


class Grammar:
    """How documents of one kind are cut; both patterns want them in lower case.

    ``run`` goes over as many whole tokens and as much text as there are, ``token`` over one token. They are
    compiled when first asked for: that takes 10 ms each, and most sites have no markup gate.
    """

    def __init__(self, tokens: bytes) -> None:
        self._tokens = tokens

    @cached_property
    def run(self) -> re.Pattern[bytes]:
        """Whole tokens and text."""
        return compile_lowered(b"[^<]*+ (?: (?: " + self._tokens + b" ) [^<]*+ )*+")

    @cached_property
    def token(self) -> re.Pattern[bytes]:
        """One token."""
        return compile_lowered(self._tokens)

    def prepare(self) -> None:
        """Compile both now, and not in the first request."""
        _ = self.run, self.token


HTML: Final = Grammar(_HTML)
XML: Final = Grammar(_XML)
"""For XHTML, and inside ``<svg>``: a slash closes every element, and there are CDATA sections. What
is text in HTML may be markup there, so that it is looked at as both."""


def terminator(held: bytes) -> re.Pattern[bytes]:
    """What the incomplete token ``held`` (in lower case) waits for."""
    if held.startswith(b"<!--"):
        return _COMMENT_END
    match = START.match(held)
    return _TAG_END if match is None else _END_TAGS[match["name"]]


_COMMENT_END = re.compile(rb"--!?>")
_TAG_END = re.compile(rb">")
_END_TAGS: Final = {
    name: re.compile(rb"(?i:(?=</" + name + rb"[\t\n\f\r />]))") for name in (b"script", *TEXTS, *WHOLES)
}
