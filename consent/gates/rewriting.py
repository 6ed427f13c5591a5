"""Goes through markup and withholds element by element; knows no chunks and no HTTP."""

from typing import Final

from consent.gates.addresses import NONE, Services, Withholding
from consent.gates.elements import (
    Placeholder,
    embed_of,
    embedded,
    is_executed,
    is_visible,
    withheld_attributes,
)
from consent.gates.tags import MARK, Tag
from consent.gates.tokens import HTML, MEDIA, START, TEXTS, XML

_SOURCES: Final = frozenset({"source", "embed", "iframe", "object", "param"})
"""What a film, a sound or an object cannot do without."""

_MEDIA: Final = frozenset(name.decode() for name in MEDIA)


class Rewriter:
    """Withholds what ``held`` tells, in markup in the encoding ``codec``.

    Embeds become what ``placeholder`` makes of them; without one their attributes are withheld.
    ``xml`` is for XHTML and for what stands inside ``<svg>``.
    """

    def __init__(
        self, held: Withholding, *, codec: str, placeholder: Placeholder | None = None, xml: bool = False
    ) -> None:
        self._held = held
        self._codec = codec
        self._placeholder = placeholder
        self._grammar = XML if xml else HTML
        self.withheld: list[tuple[str, Services, str]] = []
        """Of each start tag that lost something: its name, what it needs, and an address it names."""

    def rewrite(self, data: bytes, *, final: bool) -> tuple[bytes, int]:
        """What can go of ``data``, and where the rest begins: a token that is not complete yet."""
        low, position, done, parts = data.lower(), 0, 0, list[bytes]()
        for candidate in self._held.positions(data):
            while position <= candidate and (position := self._run(low, position, candidate)) < candidate:
                end = self._token_end(low, position, final=final)
                if end is None:
                    return b"".join([*parts, data[done:position]]), position
                left = self._gated(data[position:end])
                if left is not None:
                    parts += [data[done:position], left]
                    done = end
                position = end
        position = len(data) if final else self._run(low, position, len(low))
        return b"".join([*parts, data[done:position]]), position

    def _run(self, low: bytes, position: int, end: int) -> int:
        match = self._grammar.run.match(low, position, end)
        return match.end() if match else position

    def _token_end(self, low: bytes, position: int, *, final: bool) -> int | None:
        """Where the token that begins at ``position`` ends; ``None`` if that is not known yet."""
        match = self._grammar.token.match(low, position)
        if match is not None:
            return match.end()
        if not final:
            return None
        start = START.match(low, position)
        if start is None or (start["name"] in TEXTS and self._grammar is HTML):
            return len(low)
        self._leave_open(start["name"])
        return start.end()

    def _leave_open(self, name: bytes) -> None:
        """A drawing that never ends makes the rest of the page a part of it."""
        if name == b"svg":
            self._grammar = XML

    def start_tag(self, source: bytes) -> bytes:
        """The tag alone, without what it withholds; for an element whose end does not come."""
        tag = Tag(source, self._codec)
        self._leave_open(tag.name.encode())
        return self._without(tag, withheld_attributes(tag, self._held, self._document)) or source

    def _gated(self, token: bytes) -> bytes | None:
        """What is left of one token; ``None`` if all of it."""
        tag = Tag(token, self._codec)
        if not tag.name:
            return None
        found = withheld_attributes(tag, self._held, self._document)
        if tag.name == "script":
            return self._script(tag, token, found)
        if tag.name in ("iframe", "embed"):
            return self._embed(tag, token, found)
        if tag.name in _MEDIA:
            return self._medium(tag, token, found)
        return self._kept(tag, token, found, self._content(tag, token[tag.end :]))

    def _content(self, tag: Tag, content: bytes) -> bytes | None:
        """What is left of what stands between the tags; ``None`` if all of it."""
        styled = self._style(tag, content) if tag.name == "style" else None
        if tag.name not in ("noscript", "svg") and self._grammar is HTML:
            return styled
        return self._inside(styled or content, xml=tag.name == "svg") or styled

    def _kept(
        self, tag: Tag, token: bytes, found: dict[str, Services], content: bytes | None = None
    ) -> bytes | None:
        start = self._without(tag, found)
        if start is None and content is None:
            return None
        return (start or token[: tag.end]) + (token[tag.end :] if content is None else content)

    def _without(self, tag: Tag, found: dict[str, Services]) -> bytes | None:
        if not found:
            return None
        services = NONE.union(*found.values())
        address = next((tag.get(name) or "" for name in ("src", "data", "href") if name in found), "")
        self.withheld.append((tag.name, services, address))
        style = {"style": self._held.style(tag.get("style") or "")[0]} if "style" in found else {}
        return tag.held(found, services, **style)

    def _script(self, tag: Tag, token: bytes, found: dict[str, Services]) -> bytes | None:
        """The script as text, which our own script can start; its address stays, nobody fetches it."""
        services = NONE.union(*found.values(), self._held.text(token[tag.end :]))
        content = self._content(tag, token[tag.end :])
        if not services or not is_executed(tag):
            return self._kept(tag, token, {}, content)
        self.withheld.append((tag.name, services, tag.get("src") or ""))
        return tag.held((), services, type="text/plain") + (content or token[tag.end :])

    def _style(self, tag: Tag, content: bytes) -> bytes | None:
        """Bytes are taken for Latin-1, so that each stays what it was."""
        css, services = self._held.style(
            content.decode("latin-1"), lambda text: text.encode("latin-1").decode(self._codec, "replace")
        )
        self.withheld += [(tag.name, services, "")] * bool(services)
        return css.encode("latin-1") if services else None

    def _embed(self, tag: Tag, token: bytes, found: dict[str, Services]) -> bytes | None:
        placeholder, services = self._placeholder, embedded(found)
        if placeholder is None or not services or not is_visible(tag):
            return self._kept(tag, token, found, self._content(tag, token[tag.end :]))
        return self._replaced(tag, token, services, tag.get("src") or "", placeholder)

    def _medium(self, tag: Tag, token: bytes, found: dict[str, Services]) -> bytes | None:
        """A film, sound or object: with its own sources or not at all; a poster alone is only taken off."""
        placeholder, content = self._placeholder, token[tag.end :]
        inside = self._pass()
        changed = inside.rewrite(content, final=True)[0]
        sources = [entry for entry in inside.withheld if entry[0] in _SOURCES]
        services = embedded(found).union(*(entry[1] for entry in sources))
        self.withheld += inside.withheld
        if placeholder is None or not services or not content or not is_visible(tag):
            return self._kept(tag, token, found, changed if inside.withheld else None)
        address = tag.get("data" if tag.name == "object" else "src") or ""
        address = address or next((entry[2] for entry in sources), "")
        return self._replaced(tag, token, services, address, placeholder)

    def _replaced(
        self, tag: Tag, token: bytes, services: Services, address: str, placeholder: Placeholder
    ) -> bytes:
        """The placeholder, and the embed inert behind it for our script."""
        self.withheld.append((tag.name, services, address))
        html = placeholder(embed_of(tag, services, address)).encode("ascii", "xmlcharrefreplace")
        low = token.lower()
        if b"</template" in low:
            return html
        marked = f'<template data-cst-embed {MARK}="{" ".join(sorted(services))}">'.encode()
        end = b"</iframe>" if tag.name == "iframe" and b"</iframe" not in low else b""
        return b"".join((html, marked, token, end, b"</template>"))

    def _inside(self, content: bytes, *, xml: bool) -> bytes | None:
        inside = self._pass(xml=xml)
        changed = inside.rewrite(content, final=True)[0]
        self.withheld += inside.withheld
        return changed if inside.withheld else None

    def _document(self, text: str) -> Services:
        """What a document given in an attribute needs."""
        inside = Rewriter(self._held, codec="utf-8")
        inside.rewrite(text.encode("utf-8", "replace"), final=True)
        return NONE.union(*(services for _, services, _ in inside.withheld))

    def _pass(self, *, xml: bool = False) -> "Rewriter":
        return Rewriter(self._held, codec=self._codec, xml=xml or self._grammar is XML)
