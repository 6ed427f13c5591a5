"""Where each key, table and item of a TOML file stands; knows no settings.

Python's own parser keeps no positions, nor do the libraries that keep comments; tree-sitter's grammar does.
"""

import tomllib
from collections.abc import Iterator
from typing import Final

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from consent.settings_errors import Place

Position = tuple[int, int]
"""Line and column, both from 1; columns count characters."""

_KEYS: Final = ("bare_key", "quoted_key", "dotted_key")
_TABLES: Final = ("table", "table_array_element")


class Positions:
    """The positions in one file; text that is not TOML has as many as can be told."""

    def __init__(self, source: str) -> None:
        self._lines = source.encode().split(b"\n")
        self._at: dict[Place, Position] = {}
        self._counts: dict[Place, int] = {}
        root = Parser(Language(tree_sitter_toml.language())).parse(source.encode()).root_node
        self._pairs(root, ())
        for table in root.children:
            if table.type in _TABLES:
                self._table(table)

    def of(self, place: Place) -> Position:
        """Where ``place`` begins, or the innermost around it that is written in the file."""
        while place not in self._at and place:
            place = place[:-1]
        return self._at.get(place, (1, 1))

    def _table(self, node: Node) -> None:
        place: Place = ()
        keys = list(_names(node))
        for key in keys[:-1]:
            place = self._last((*place, key))
        place = (*place, *keys[-1:])
        if node.type == "table_array_element":
            self._note(place, node)
            self._counts[place] = self._counts.get(place, 0) + 1
            place = self._last(place)
        self._note(place, node)
        self._pairs(node, place)

    def _last(self, place: Place) -> Place:
        """The table that a header goes on with: the last one, where there are several."""
        return (*place, self._counts[place] - 1) if place in self._counts else place

    def _pairs(self, node: Node, place: Place) -> None:
        for pair in node.children:
            if pair.type != "pair":
                continue
            inner = place
            for key in _names(pair):
                inner = (*inner, key)
                self._note(inner, pair)
            for value in _items(pair):
                self._value(value, inner)

    def _value(self, node: Node, place: Place) -> None:
        if node.type == "inline_table":
            self._pairs(node, place)
        elif node.type == "array":
            for index, item in enumerate(_items(node)):
                self._note((*place, index), item)
                self._value(item, (*place, index))

    def _note(self, place: Place, node: Node) -> None:
        row, column = node.start_point
        before = self._lines[row][:column].decode()
        self._at.setdefault(place, (row + 1, len(before) + 1))


def _items(node: Node) -> Iterator[Node]:
    """What stands in brackets, or behind the ``=``."""
    return (child for child in node.children if child.is_named and child.type not in (*_KEYS, "comment"))


def _names(node: Node) -> Iterator[str]:
    """The keys before the ``=`` of a pair, or in the brackets of a table's header."""
    for child in node.children:
        if child.type == "dotted_key":
            yield from _names(child)
        elif child.type in _KEYS:
            text = (child.text or b"").decode()
            yield next(iter(tomllib.loads(f"{text} = 0"))) if child.type == "quoted_key" else text
