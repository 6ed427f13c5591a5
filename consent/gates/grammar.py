"""Pieces of HTML's grammar as patterns over bytes; knows nothing of what is looked for.

They follow the WHATWG's tokenizer (https://html.spec.whatwg.org/multipage/parsing.html). All encodings
that are supersets of ASCII may be read with them: no other character's bytes hold ``<``, ``>``, ``=`` or a
quotation mark. Each piece is written for `compile_grammar`, or in lower case for `compile_lowered`.
"""

import re
from typing import Final

END: Final = rb"(?=[\t\n\f\r />])"
"""After an element's name."""

ATTRIBUTES: Final = rb"""
    (?: [\t\n\f\r /]++
      | [^\t\n\f\r />] [^\t\n\f\r />=]*+
        (?: [\t\n\f\r ]*+ = [\t\n\f\r ]*+ (?: "[^"]*+" | '[^']*+' | [^\t\n\f\r >"'] [^\t\n\f\r >]*+ | (?=>) )
          | (?! [\t\n\f\r ]*+ = )
        )
    )*+ """
"""All that may stand between a tag's name and its ``>``."""

TAG_END: Final = END + ATTRIBUTES + b">"
COMMENT: Final = rb"<!-- (?: -?> | (?: [^-]++ | - (?! -!?> ) )*+ --!?> )"
BOGUS: Final = rb"<(?: !(?!--) | \? | /(?![a-z]) ) [^>]*+ >"
"""What is read as a comment although it is none: doctypes, processing instructions, ``</ x>``."""

_DOUBLY_ESCAPED = rb"""
    <script [\t\n\f\r />] (?: [^<-]++ | -(?!->) | < (?! /script [\t\n\f\r />] ) )*+
    (?: </script [\t\n\f\r />] | (?= --> ) ) """
_ESCAPED = (
    rb"<!-- (?: -?> | (?: [^<-]++ | -(?!->) | "
    + _DOUBLY_ESCAPED
    + rb" | < (?! /?script [\t\n\f\r />] ) )*+ (?: --> | (?= </script [\t\n\f\r />] ) ) )"
)
SCRIPT: Final = (
    b"<script"
    + TAG_END
    + rb"(?: [^<]++ | "
    + _ESCAPED
    + rb" | < (?! !-- | /script [\t\n\f\r />] ) )*+ </script"
    + TAG_END
)


def raw(name: bytes) -> bytes:
    """An element whose content is text up to its end tag."""
    start, end = b"<" + name + TAG_END, b"</" + name + TAG_END
    return start + rb"(?: [^<]++ | < (?! /" + name + END + rb") )*+ " + end


def compile_grammar(pattern: bytes) -> re.Pattern[bytes]:
    """A pattern over documents as they are."""
    return re.compile(pattern, re.VERBOSE | re.IGNORECASE)


def compile_lowered(pattern: bytes) -> re.Pattern[bytes]:
    """A pattern over documents in lower case, which is twice as fast."""
    return re.compile(pattern, re.VERBOSE)
