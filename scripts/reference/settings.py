"""Prints every setting as a page of Markdown: from the fields, their docstrings, and an example of each."""

import re
import tomllib
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal, Union, get_args, get_origin

from consent import Category, ConfigurationError, ConsentSettings, Cookie, Embed, Service, Storage
from consent.checks import Text
from scripts.reference.source import entries

HERE: Final = Path(__file__).parent

HEAD: Final = """\
# Settings

<!-- Made by `scripts/docs reference` from ConsentSettings and from scripts/reference: correct these. -->

Everything that can be set, in `consent.toml`

```python
settings = ConsentSettings.from_toml("consent.toml")
```

or in Python, under the same names: `ConsentSettings(controller="The Courier", lifetime=200, ...)`. What
cannot be used is a [`ConfigurationError`](api.md#configurationerror) at start, which names the place, what
came and what is allowed; so is a key that is not here.

**The environment** wins over the file. A variable's name is `CONSENT_` and the setting's in capitals; a list
is written with commas, a switch is `true` or `false`. What is a table in the file has no variable.
`templates` is seen from the file that names it, and in a variable from where the process runs.

What visitors read may be one text, or [one for each language](../how-to/translate.md):
`purpose = { en = "Counts readers.", de = "Zählt Leser." }`.
"""

TABLES: Final[Sequence[tuple[type[Any], str, str]]] = (
    (Category, "`[[category]]`", "categories"),
    (Service, "`[[category.service]]`", "services"),
    (Cookie, "`cookies`", "cookies"),
    (Storage, "`storage`", "storage"),
    (Embed, "`embed`", "embed"),
)

_WORDS: Final[Mapping[Any, str]] = {
    str: "text",
    bool: "`true` or `false`",
    int: "whole number",
    date: "date",
    Text: "text, or one for each language",
    Text | None: "text, or one for each language",
}


def settable() -> list[Field[Any]]:
    """The fields that a site may set."""
    return [field for field in fields(ConsentSettings) if field.init]


def markdown() -> str:
    """The whole page."""
    return HEAD + "".join(f"\n{block.rstrip()}\n" for block in _blocks() if block)


def _blocks() -> Iterator[str]:
    [entry] = [entry for entry in entries("consent.settings") if entry.name == "ConsentSettings"]
    told = {member.name: member.told for member in entry.members}
    shown = examples()
    for field in settable():
        yield f"## `{field.name}`"
        yield told[field.name].replace("`objectable`", "[`objectable`](#category)")
        yield _row(field)
        yield shown.get(field.name, "")
    for kind, title, anchor in TABLES:
        yield f"## {title}"
        yield from _table(kind, anchor)


def _row(field: Field[Any]) -> str:
    variable = f"`{_variable(field.name)}`" if is_variable(field) else "none: it is a table"
    default = "required" if field.name in _REQUIRED else _default(field)
    row = f"| {words(field.type)} | {default} | {variable} |"
    return f"| type | default | environment |\n|---|---|---|\n{row}"


def _table(kind: type[Any], anchor: str) -> Iterator[str]:
    data = tomllib.loads((HERE / "fields.toml").read_text("utf-8"))[kind.__name__]
    yield data["what"]
    rows = ["| key | type | default | meaning |", "|---|---|---|---|"]
    for field in fields(kind):
        name = _FILE.get(field.name, field.name)
        rows.append(f"| `{name}` | {words(field.type)} | {_default(field)} | {data.get(field.name, '')} |")
    yield "\n".join(rows)
    yield data.get("example", "")


_FILE: Final = {"services": "service"}
"""Fields that a file writes as repeated tables."""


def examples() -> dict[str, str]:
    """An example of each setting, by its name."""
    parts = re.split(r"^## (\w+)\n", (HERE / "examples.md").read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))


def words(kind: Any) -> str:
    """A type, as readers of a settings file call it."""
    if kind in _WORDS:
        return _WORDS[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " or ".join(f'`"{word}"`' for word in arguments)
    if origin in (Union, types.UnionType):
        return words(next(each for each in arguments if each is not type(None)))
    if origin is Sequence:
        return f"tables, {_LISTS[arguments[0]]}" if arguments[0] in _LISTS else "list of texts"
    return _OTHERS.get(origin, f"[`{getattr(kind, '__name__', kind)}`](#embed)")


_REQUIRED: Final = ("secret_keys",)
"""What has a default in Python only so that the check can say what is missing."""

_LISTS: Final[Mapping[Any, str]] = {
    Category: "[`[[category]]`](#category)",
    Service: "[`[[category.service]]`](#categoryservice)",
    Cookie: "[`cookies`](#cookies)",
    Storage: "[`storage`](#storage)",
}
_OTHERS: Final[Mapping[Any, str]] = {Mapping: "table"}


def _default(field: Field[Any]) -> str:
    value = field.default_factory() if field.default_factory is not MISSING else field.default
    if value is MISSING:
        return "required"
    if value is None or value in ((), {}, ""):
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    listed = list(value) if isinstance(value, tuple) else value
    return f"`{listed}`".replace("'", '"') if not isinstance(value, str) else f'`"{value}"`'


def _variable(name: str) -> str:
    return f"CONSENT_{name.upper()}"


def is_variable(field: Field[Any]) -> bool:
    """Whether the environment may give it: found by trying."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "consent.toml"
        path.write_text('controller = "x"')
        keys = {"CONSENT_SECRET_KEYS": "x" * 40}
        try:
            found = ConsentSettings.from_toml(path, environ={**keys, _variable(field.name): "?"})
        except ConfigurationError:
            return True
        plain = ConsentSettings.from_toml(path, environ=keys)
        return bool(getattr(found, field.name) != getattr(plain, field.name))
