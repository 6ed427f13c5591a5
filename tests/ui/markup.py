"""Reads HTML into elements that tests can ask for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"img", "input", "link", "meta"}


@dataclass
class Element:
    """One element with its attributes, children and text."""

    name: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    def __getitem__(self, attribute: str) -> str | None:
        return self.attributes.get(attribute)

    def all(self, name: str, /, **wanted: str | None) -> list["Element"]:
        """All elements inside with this name and these attributes."""
        return [
            element
            for element in self.walk()
            if element.name == name and all(element[key] == value for key, value in wanted.items())
        ]

    def one(self, name: str, /, **wanted: str | None) -> "Element":
        """The only such element."""
        [element] = self.all(name, **wanted)
        return element

    def walk(self) -> Iterator["Element"]:
        """Every element inside, in document order."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()

    @property
    def text(self) -> str:
        """All text inside, on one line."""
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return " ".join("".join(parts).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("root")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"<{tag}> has an attribute twice"
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> closes <{self.open[-1].name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(html: str) -> Element:
    """The elements of a fragment or document whose tags all match."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    [root] = reader.open
    return root
