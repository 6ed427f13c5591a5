"""Takes out of response headers what makes a browser contact a withheld host; knows no ASGI message."""

import re
from collections.abc import Iterable
from typing import Final

from consent.gates.addresses import Withholding
from consent.gates.elements import refresh_address
from consent.gates.headers import Header

_MEMBER = re.compile(rb"""(?: "(?:[^"\\]|\\.)*+"? | <[^>]*+>? | [^,"<]++ )++""", re.VERBOSE | re.DOTALL)
"""One member of a list: commas in addresses and in quoted strings part nothing (RFC 8288, 3)."""

_TARGET = re.compile(rb"\s*<([^>]*)>?")
_STRINGS = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_INERT: Final = re.compile(
    rb"""(?i);\s*rel\s*=\s*"?\s*(?:canonical|next|prev|author|license|alternate)\s*(?:"|;|\Z)"""
)

FETCHING: Final = frozenset({b"link", b"refresh", b"speculation-rules"})
"""Headers, in lower case, that can make a browser fetch."""


def filter_headers(headers: Iterable[Header], held: Withholding) -> list[Header]:
    """The headers without links, refreshes and speculation rules to hosts that are withheld.

    Of a ``Link`` that names several, the others stay byte for byte.
    """
    kept: list[Header] = []
    for header in headers:
        value = _filtered(header[0].lower(), header[1], held)
        if value == header[1]:
            kept.append(header)
        elif value:
            kept.append((header[0], value))
    return kept


def _filtered(name: bytes, value: bytes, held: Withholding) -> bytes:
    if name == b"link":
        return filter_link(value, held)
    if name == b"refresh" and held.address(refresh_address(value.decode("latin-1"))):
        return b""
    if name == b"speculation-rules":
        return _filtered_rules(value, held)
    return value


def filter_link(value: bytes, held: Withholding) -> bytes:
    """The members of one ``Link`` value that contact nobody who is withheld."""
    members = _MEMBER.findall(value)
    kept = [member for member in members if not _contacts(member, held)]
    return value if len(kept) == len(members) else b",".join(kept).strip(b" \t")


def _contacts(member: bytes, held: Withholding) -> bool:
    match = _TARGET.match(member)
    if match is None or _INERT.search(member, match.end()):
        return False
    images = re.search(rb'(?i);\s*imagesrcset\s*=\s*"((?:[^"\\]|\\.)*)"', member)
    several = images[1].decode("latin-1") if images else ""
    return bool(held.address(match[1].decode("latin-1")) or held.addresses(several))


def _filtered_rules(value: bytes, held: Withholding) -> bytes:
    """A list of quoted addresses of files of rules (RFC 9651, 3.1)."""
    members = _MEMBER.findall(value)
    kept = [
        member
        for member in members
        if not any(held.address(each.decode("latin-1")) for each in _STRINGS.findall(member))
    ]
    return value if len(kept) == len(members) else b",".join(kept).strip(b" \t")
