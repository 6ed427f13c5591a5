"""Where each key of a settings file stands: what a writer of TOML knows and a reader finds again."""

import json
import re
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.cli.positions import Position, Positions
from consent.settings_errors import Place

KEYS = st.one_of(
    st.from_regex(r"\A[A-Za-z0-9_-]{1,4}\Z"), st.sampled_from(["a b", "é.ü", "", 'q"q', "\U0001f36a", "#"])
)
WORDS = st.sampled_from(
    ["", "x", "ä ö", "# no comment", "[no.table]", "a = 1", 'q"', "two\nlines", "\U0001f36a\t"]
)
VALUES = st.recursive(
    st.one_of(WORDS, st.integers(-9, 9), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)
TABLES = st.recursive(
    st.fixed_dictionaries({"pairs": st.dictionaries(KEYS, VALUES, max_size=3)}),
    lambda inner: st.fixed_dictionaries({
        "pairs": st.dictionaries(KEYS, VALUES, max_size=3),
        "tables": st.dictionaries(KEYS, inner, max_size=2),
        "lists": st.dictionaries(KEYS, st.lists(inner, min_size=1, max_size=3), max_size=2),
    }),
    max_leaves=5,
)  # fmt: skip
INDENTS = st.lists(st.sampled_from(["", "  ", "\t", "# note = 1\n", "\n"]), min_size=1)


class Writer:
    """Writes tables as TOML, and notes where it writes what."""

    def __init__(self, indents: list[str]) -> None:
        self.text = ""
        self.at: dict[Place, Position] = {}
        self._indents = indents

    def table(self, table: dict[str, Any], place: Place = (), path: tuple[str, ...] = ()) -> dict[str, Any]:
        """Write it, and give what a reader makes of it."""
        made: dict[str, Any] = {}
        for key, value in table["pairs"].items():
            self._indent()
            self._pair(key, value, place)
            self.text += " # end\n"
            made[key] = value
        for key, inner in table.get("tables", {}).items():
            if key not in made:
                self._header((*place, key), f"[{'.'.join(map(_key, (*path, key)))}]")
                made[key] = self.table(inner, (*place, key), (*path, key))
        for key, items in table.get("lists", {}).items():
            if key not in made:
                made[key] = []
                for index, inner in enumerate(items):
                    self._header((*place, key, index), f"[[{' . '.join(map(_key, (*path, key)))}]]")
                    made[key].append(self.table(inner, (*place, key, index), (*path, key)))
        return made

    def _header(self, place: Place, text: str) -> None:
        self._indent()
        self._note(place)
        self.text += text + "\n"

    def _pair(self, key: str, value: Any, place: Place) -> None:
        self._note((*place, key))
        self.text += f"{_key(key)} = "
        self._value(value, (*place, key))

    def _value(self, value: Any, place: Place) -> None:
        if isinstance(value, dict):
            self._joined("{", "}", value, lambda key: self._pair(key, value[key], place))
        elif isinstance(value, list):
            self._joined(
                "[\n # items\n", "]", range(len(value)), lambda index: self._item(value, index, place)
            )
        elif isinstance(value, str) and "\n" in value and "\\" not in value:
            self.text += f'"""\n{value}"""'
        else:
            self.text += json.dumps(value, ensure_ascii=False)

    def _item(self, items: list[Any], index: int, place: Place) -> None:
        self._note((*place, index))
        self._value(items[index], (*place, index))

    def _joined(self, start: str, end: str, steps: Any, write: Any) -> None:
        self.text += start
        for number, step in enumerate(steps):
            self.text += ", " if number else " "
            write(step)
        self.text += end

    def _indent(self) -> None:
        self.text += self._indents[len(self.text) % len(self._indents)]

    def _note(self, place: Place) -> None:
        lines = self.text.split("\n")
        self.at[place] = (len(lines), len(lines[-1]) + 1)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)


@given(TABLES, INDENTS)
def test_every_key_is_found_where_it_was_written(table: dict[str, Any], indents: list[str]) -> None:
    """Tables, lists of tables, inline tables, strings of several lines, comments, any key: line and column."""
    writer = Writer(indents)
    made = writer.table(table)
    assert tomllib.loads(writer.text) == made
    positions = Positions(writer.text)
    assert {place: positions.of(place) for place in writer.at} == writer.at


@pytest.mark.parametrize(
    ("text", "place", "position"),
    [
        ("", ("controller",), (1, 1)),
        ("a = 1\n", ("b",), (1, 1)),
        ("a.b = 1\n", ("a", "b"), (1, 1)),
        ("x = 1\n'a' . \"b\".c = 1\n", ("a", "b", "c"), (2, 1)),
        ("[a]\nb = 1\n[a.c]\nd = 1\n", ("a", "c", "d"), (4, 1)),
        ("[a.c]\n[a]\nb = 1\n", ("a",), (2, 1)),
        ("[[a]]\n[[a]]\n  [a.b]\n  c = 1\n  [[a.d]]\n", ("a", 1, "b", "c"), (4, 3)),
        ("[[a]]\n[[a]]\n  [[a.d]]\n  [[a.d]]\n", ("a", 1, "d", 1), (4, 3)),
        ("[[a]]\n[[a]]\n", ("a", 1, "missing", 0), (2, 1)),
        ("'é' = [{ b = 'ü' }, { c = 1 }]\r\nd = 1\r\n", ("é", 1, "c"), (1, 23)),
        ("this is not TOML\n= = [\n", ("a",), (1, 1)),
    ],
)
def test_what_is_not_written_is_where_it_would_be(text: str, place: Place, position: Position) -> None:
    """The innermost table around it that the file has; in the end the file itself."""
    assert Positions(text).of(place) == position
