"""What becomes of one element that names a withheld host; knows addresses and tags, and no stream."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from consent.gates.addresses import NONE, Services, Withholding
from consent.gates.origin import local_address
from consent.gates.tags import Tag

_FETCHED: Final = frozenset({"src", "poster", "background", "lowsrc", "dynsrc"})
"""Attributes that hold an address which browsers fetch by themselves, on whatever element."""

_LISTS: Final = frozenset({"srcset", "imagesrcset", "ping", "attributionsrc"})
_BY_ELEMENT: Final[Mapping[str, frozenset[str]]] = {
    "object": frozenset({"data", "codebase", "archive", "classid"}),
    "applet": frozenset({"code", "codebase", "archive"}),
    "html": frozenset({"manifest"}),
}
_ANIMATIONS: Final = frozenset({"set", "animate", "animatemotion", "animatetransform"})
_ANIMATED: Final = frozenset({"to", "from", "by", "values"})
_LINKS: Final = frozenset({"href", "xlink:href"})
_FOLLOWED: Final = frozenset({"a", "area"})
"""Elements whose ``href`` is fetched only when the visitor follows it."""

_INERT_RELS: Final = frozenset({
    "alternate", "amphtml", "author", "bookmark", "canonical", "edituri", "external", "help", "hub",
    "license", "me", "next", "nofollow", "noopener", "noreferrer", "opener", "pingback", "prev",
    "privacy-policy", "profile", "search", "self", "shortlink", "tag", "terms-of-service", "webmention",
})  # fmt: skip
"""Relations for which browsers fetch nothing."""

_JAVASCRIPT: Final = frozenset(
    f"{top}/{sub}"
    for top in ("text", "application")
    for sub in ("javascript", "ecmascript", "x-javascript", "x-ecmascript")
) | {"text/jscript", "text/livescript", *(f"text/javascript1.{minor}" for minor in range(6))}
_EXECUTED: Final = _JAVASCRIPT | {"", "module", "importmap", "speculationrules"}
_STYLES: Final = frozenset(
    {"style", "clip-path", "cursor", "fill", "filter", "marker-end", "marker-mid", "marker-start", "mask"}
) | {"stroke"}
_ACTS: Final = frozenset({"onclick", "onsubmit", "onchange", "oninput"})
"""Handlers of what a visitor does; the others run by themselves."""

_HIDING: Final = ("display:none", "visibility:hidden")
THUMBNAIL: Final = "data-consent-thumbnail"
"""The attribute of an embed that names a picture of the site's own, to be shown in its placeholder."""

_EMBEDDING: Final = frozenset({"src", "data", "srcdoc", "codebase", "archive", "classid"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed:
    """An embedded document, film or sound that is withheld, as far as its placeholder tells of it.

    ``width`` and ``height`` are as the page wrote them: CSS pixels, percentages, or nothing; ``thumbnail``
    is the local address of a picture, or nothing.
    """

    kind: str
    services: Services
    address: str
    title: str
    width: str
    height: str
    thumbnail: str = ""


Placeholder = Callable[[Embed], str]
"""Makes the markup that stands for an `Embed`."""


def withheld_attributes(
    tag: Tag, held: Withholding, document: Callable[[str], Services]
) -> dict[str, Services]:
    """The attributes of ``tag`` that would contact a withheld host, and what each needs.

    ``document`` tells what the text of a ``srcdoc`` needs.
    """
    found: dict[str, Services] = {}
    for attribute in tag.attributes:
        services = _needed(tag, attribute.name, attribute.value, held, document)
        if services:
            found[attribute.name] = found.get(attribute.name, NONE) | services
    return found


def _needed(
    tag: Tag, name: str, value: str, held: Withholding, document: Callable[[str], Services]
) -> Services:
    if name in _LISTS or (name in _ANIMATED and tag.name in _ANIMATIONS):
        return held.addresses(value)
    if name in _FETCHED or name in _BY_ELEMENT.get(tag.name, ()) or (name in _LINKS and _loads(tag)):
        return held.address(value)
    if name == "srcdoc" and tag.name == "iframe":
        return document(value)
    if name == "content" and (tag.get("http-equiv") or "").strip().lower() == "refresh":
        return held.address(refresh_address(value))
    if name.startswith("on") and name not in _ACTS:
        return held.text(value.encode())
    return held.style(value)[1] if name in _STYLES else NONE


def _loads(tag: Tag) -> bool:
    """Whether browsers fetch the ``href`` of this element by themselves."""
    if tag.name != "link":
        return tag.name not in _FOLLOWED
    return not {*(tag.get("rel") or "").lower().split()} <= _INERT_RELS


def refresh_address(content: str) -> str:
    """The address in the value of a ``Refresh`` (https://html.spec.whatwg.org/#shared-declarative-refresh-steps)."""
    rest = content.lstrip("\t\n\f\r ").lstrip("0123456789.").lstrip("\t\n\f\r ;,")
    if rest[:3].lower() == "url":
        after = rest[3:].lstrip("\t\n\f\r ")
        rest = after[1:].lstrip("\t\n\f\r ") if after.startswith("=") else rest
    if rest[:1] in ('"', "'"):
        rest = rest[1:].partition(rest[0])[0]
    return rest


def is_executed(tag: Tag) -> bool:
    """Whether browsers do anything with a script of this type."""
    return (tag.get("type") or "").strip("\t\n\f\r ").lower() in _EXECUTED


def is_visible(tag: Tag) -> bool:
    """Whether an embed takes room on the page; what nobody sees gets no placeholder."""
    style = "".join((tag.get("style") or "").lower().split())
    small = any((tag.get(name) or "") in ("0", "1", "0px", "1px") for name in ("width", "height"))
    return not small and tag.get("hidden") is None and not any(word in style for word in _HIDING)


def embedded(found: Mapping[str, Services]) -> Services:
    """Of the withheld attributes of an embed, what those need without which nothing of it is left."""
    return NONE.union(*(services for name, services in found.items() if name in _EMBEDDING))


def embed_of(tag: Tag, services: Services, address: str) -> Embed:
    """What there is to tell of the embed that ``tag`` begins."""
    return Embed(
        kind=tag.name,
        services=services,
        address=address,
        title=tag.get("title") or tag.get("aria-label") or "",
        width=tag.get("width") or "",
        height=tag.get("height") or "",
        thumbnail=local_address(tag.get(THUMBNAIL) or "") or "",
    )
