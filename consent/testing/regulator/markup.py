"""What a page fetches, offers and says, read from its markup: it runs nothing."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin

_VOID: Final = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()  # noqa: SIM905
)
_FETCHED: Final = {
    "script": ("src",), "img": ("src", "srcset"), "iframe": ("src",), "frame": ("src",), "embed": ("src",),
    "object": ("data",), "video": ("src", "poster"), "audio": ("src",), "source": ("src", "srcset"),
    "track": ("src",), "input": ("src",),
}  # fmt: skip
"""Attributes whose addresses browsers fetch by themselves."""

_RELATIONS: Final = frozenset(
    "dns-prefetch icon manifest modulepreload preconnect prefetch preload prerender stylesheet".split()  # noqa: SIM905
)
_RUNS: Final = re.compile(r"|module|(text|application)/(x-)?(java|ecma)script")
_URL: Final = re.compile(r"""(?:url\(\s*|@import\s+)["']?([^"')\s;]+)""")

Attributes = dict[str, str]


@dataclass(slots=True, kw_only=True)
class Button:
    """Something to press in a form, with its label."""

    attributes: Attributes
    label: str = ""

    @property
    def action(self) -> str:
        """What it decides: ``accept``, ``reject``, ``save``, ``withdraw`` or nothing."""
        return self.attributes.get("value", "") if self.attributes.get("name") == "action" else ""


@dataclass(slots=True, kw_only=True)
class Form:
    """A form: where it goes, what it sends along, what can be ticked and pressed, and the words around it."""

    address: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[Attributes] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    words: str = ""
    hidden: bool = False

    @property
    def layer(self) -> str:
        """Where the choice is made: ``banner``, ``dialog``, ``policy``, ``embed`` or nothing of ours."""
        return dict(self.fields).get("method", "")

    def button(self, action: str) -> Button | None:
        """The button for this action."""
        return next((button for button in self.buttons if button.action == action), None)

    @property
    def ticked(self) -> list[str]:
        """The values of the boxes that are ticked."""
        return [box.get("value", "on") for box in self.boxes if "checked" in box]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """An address that a browser fetches, and by what."""

    address: str
    by: str


@dataclass(slots=True)
class _Open:
    """An element that has begun."""

    tag: str
    hidden: bool
    words: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)


class Markup(HTMLParser):
    """One page, as its markup tells it. What stands in a ``template`` is inert."""

    def __init__(self, html: str, address: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.contacts: list[Contact] = []
        self.sheets: list[str] = []
        self.links: list[Attributes] = []
        self.scripts: list[str] = []
        self._address = address
        self._open = [_Open("", hidden=False)]
        self._inert = 0
        self._form: Form | None = None
        self._button: Button | None = None
        self.feed(html)
        self.close()
        while len(self._open) > 1:
            self._end()

    @property
    def words(self) -> str:
        """All the words of the page."""
        return " ".join(" ".join(self._open[0].words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the element is, fetches or asks."""
        attributes = {name: value or "" for name, value in attrs}
        self._inert += tag == "template"
        if not self._inert:
            self._contact(tag, attributes)
            self._ask(tag, attributes)
        if tag not in _VOID:
            hidden = "hidden" in attributes or self._open[-1].hidden
            self._open.append(_Open(self._kind(tag, attributes), hidden=hidden))

    def _kind(self, tag: str, attributes: Attributes) -> str:
        """The tag; of a script only if it runs."""
        if tag == "script" and not _RUNS.fullmatch(attributes.get("type", "").strip().lower()):
            return "data"
        return tag

    def _contact(self, tag: str, attributes: Attributes) -> None:
        if tag == "script" and self._kind(tag, attributes) == "data":
            return
        for name in _FETCHED.get(tag, ()):
            for address in _addresses(name, attributes.get(name, "")):
                self._note(address, f"<{tag} {name}>")
        relations = set(attributes.get("rel", "").lower().split()) if tag == "link" else set()
        if relations & _RELATIONS and (address := attributes.get("href", "")):
            self._note(address, f"<link rel={' '.join(sorted(relations))}>")
            if "stylesheet" in relations:
                self.sheets.append(urljoin(self._address, address))
        self._style(attributes.get("style", ""), f"<{tag} style>")

    def _style(self, css: str, by: str) -> None:
        for address in css_addresses(css):
            self._note(address, by)

    def _note(self, address: str, by: str) -> None:
        self.contacts.append(Contact(address=urljoin(self._address, address.strip()), by=by))

    def _ask(self, tag: str, attributes: Attributes) -> None:
        if tag == "form":
            address = urljoin(self._address, attributes.get("action", ""))
            self._form = Form(address=address, method=attributes.get("method", "get").lower())
            self._form.hidden = self._open[-1].hidden
            self.forms.append(self._form)
        elif tag == "a" and "href" in attributes and not self._open[-1].hidden:
            self.links.append({**attributes, "href": urljoin(self._address, attributes["href"])})
        elif self._form is not None:
            self._control(self._form, tag, attributes)

    def _control(self, form: Form, tag: str, attributes: Attributes) -> None:
        if tag == "button":
            self._button = Button(attributes=attributes)
            form.buttons.append(self._button)
        elif tag == "input" and attributes.get("type") in ("checkbox", "radio"):
            form.boxes.append(attributes)
        elif tag == "input" and attributes.get("type") == "hidden":
            form.fields.append((attributes.get("name", ""), attributes.get("value", "")))

    def handle_data(self, data: str) -> None:
        """Keep the words; a script and a stylesheet have others."""
        kind = self._open[-1].tag
        if self._inert or kind == "data":
            return
        if kind == "style":
            self._style(data, "<style>")
        elif kind == "script":
            self.scripts.append(data)
        else:
            self._open[-1].words.append(data)
            if self._button is not None:
                self._button.label = " ".join(f"{self._button.label} {data}".split())

    def handle_endtag(self, tag: str) -> None:
        """End the element, and those in it that have no end of their own."""
        if tag != "script" and tag not in [element.tag for element in self._open[1:]]:
            return
        ended = ""
        while ended != tag and len(self._open) > 1:
            ended = self._end()

    def _end(self) -> str:
        element = self._open.pop()
        outer = self._open[-1]
        words = " ".join(" ".join(element.words).split())
        outer.words.append(words)
        for form in element.forms:
            if element.tag not in ("body", "html", "main"):
                form.words = words
        if element.tag == "template":
            self._inert -= 1
        elif element.tag == "button":
            self._button = None
        elif element.tag == "form" and self._form is not None:
            self._form.words = words
            outer.forms.append(self._form)
            self._form = None
        return "script" if element.tag == "data" else element.tag


def css_addresses(css: str) -> list[str]:
    """The addresses that a stylesheet fetches or includes."""
    return [address for address in _URL.findall(css) if not address.startswith("data:")]


def _addresses(name: str, value: str) -> list[str]:
    if name == "srcset":
        return [candidate.split()[0] for candidate in value.split(",") if candidate.split()]
    return [value] if value else []
