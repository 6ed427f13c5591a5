"""One start tag as bytes: reads its attributes, renames some and adds others; knows no host."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from html import unescape
from typing import Final

HELD: Final = b"data-cst-"
"""What stands before the name of an attribute that is withheld; our script takes it away again."""

MARK: Final = "data-consent"
"""The attribute that names the services which must all be granted."""

_NAME = re.compile(rb"<([a-zA-Z][^\t\n\f\r />]*)")
_ATTRIBUTE = re.compile(
    rb"""[\t\n\f\r /]*+ (?P<name>[^\t\n\f\r />][^\t\n\f\r />=]*+)
    (?: [\t\n\f\r ]*+ = [\t\n\f\r ]*+
        (?: "(?P<double>[^"]*+)" | '(?P<single>[^']*+)' | (?P<bare>[^\t\n\f\r >"'][^\t\n\f\r >]*+) | (?=>) )
    )?+""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its name in lower case, its value as characters, and where it stands in the tag."""

    name: str
    value: str
    start: int
    end: int


class Tag:
    """The start tag that ``source`` begins with; ``codec`` is that of the page."""

    def __init__(self, source: bytes, codec: str) -> None:
        match = _NAME.match(source)
        self.name = match[1].decode("latin-1").lower() if match else ""
        self._name_end = position = match.end() if match else 0
        self._source = source
        self._codec = codec
        self.attributes: list[Attribute] = []
        while match := _ATTRIBUTE.match(source, position):
            position = match.end()
            self.attributes.append(self._read(match))
        self.end = source.find(b">", position) + 1 or len(source)
        """Where the tag ends in its source."""

    def _read(self, match: re.Match[bytes]) -> Attribute:
        value = match[match.lastgroup or "name"] if match.lastgroup != "name" else b""
        text = unescape(value.decode(self._codec, "replace"))
        return Attribute(match["name"].decode("latin-1").lower(), text, match.start("name"), match.end())

    def get(self, name: str) -> str | None:
        """The value that counts: the first of several."""
        return next((each.value for each in self.attributes if each.name == name), None)

    def held(self, names: Collection[str], services: Collection[str], **added: str) -> bytes:
        """The tag with the attributes ``names`` renamed, marked with ``services``, with others ``added``.

        All of one name are renamed: if only the first were, browsers would turn to the second. What
        the page itself marked is kept: all that either names must be granted.
        """
        before = (self.get(MARK) or "").split()
        marked = {MARK: " ".join(sorted({*before, *services}))}
        parts = [self._source[: self._name_end]]
        for name, value in {**added, **marked}.items():
            escaped = value.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
            parts += [b" ", name.encode(), b'="', escaped.encode("ascii", "xmlcharrefreplace"), b'"']
        position = self._name_end
        for attribute in self.attributes:
            if attribute.name in names or attribute.name == MARK or attribute.name in added:
                parts += [self._source[position : attribute.start], HELD]
                position = attribute.start
        return b"".join([*parts, self._source[position : self.end]])
