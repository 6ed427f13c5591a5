"""Puts something harmless in the place of what cannot be used, so that a check can go on; judges nothing."""

from collections.abc import Mapping
from typing import Any, Final

from consent.settings_errors import Place

STAND_IN: Final = "stand-in"
"""What is in every name that a check has put in the place of another."""

_WORDS: Final = "Stands for what cannot be used."
_ITEM: Final = {"name": STAND_IN, "purpose": _WORDS, "duration": "session"}
_TABLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "": {"controller": "Somebody", "secret_keys": ["a key that stands in for those that cannot be used"]},
    "category": {"id": "", "name": "Stand-in", "purpose": _WORDS},
    "service": {
        "id": "", "name": "Stand-in", "provider": "Somebody", "purpose": _WORDS, "justification": _WORDS,
    },
    "cookies": _ITEM,
    "storage": {**_ITEM, "kind": "local"},
}  # fmt: skip
"""What stands for keys that are needed, by the table that they are in; all others can be left out."""

_WORDS_IN: Final = {
    "addresses": "https://stand-in.example/",
    "exclude": "/stand-in",
    "google_regions": "EEA",
    "hosts": "stand-in.example",
    "jurisdictions": "EU",
    "secret_keys": _TABLES[""]["secret_keys"][0],
    "shared_hosts": "stand-in.example",
}
"""What stands for items of lists of words."""


def mended(data: Any, place: Place, whole: Place = ()) -> Any:
    """``data`` with something that can be used at ``place``, or without that key; else the same value.

    Indexes stay what they are.
    """
    step, rest, whole = place[0], place[1:], (*whole, place[0])
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        item = mended(data[step], rest, whole) if rest else _stand_in(whole)
        return [*data[:step], item, *data[step + 1 :]] if item is not None else data
    if not isinstance(data, dict) or isinstance(step, int):
        return data
    if rest:
        inner = mended(data.get(step, {}), rest, whole)
        return {**data, step: inner} if step in data else data
    return _table(data, step, whole)


def _table(data: dict[str, Any], key: str, whole: Place) -> dict[str, Any]:
    needed = _needed(whole)
    if key == "use":
        return {**needed, **{name: value for name, value in data.items() if name != key}}
    if key == "id" and key in needed and "provider" not in needed:
        # A category of another id has no name of its own.
        return {**needed, **data, key: needed[key]}
    if key in needed:
        return {**data, key: needed[key]}
    return {name: value for name, value in data.items() if name != key}


def _stand_in(whole: Place) -> Any:
    """A whole item; ``None`` where nobody knows what could stand for one."""
    listed = whole[-2]
    table = _needed((*whole, ""))
    return _WORDS_IN.get(str(listed)) or table or None


def _needed(whole: Place) -> dict[str, Any]:
    """The keys that a table cannot be without: that of the last key of ``whole``. No id comes twice."""
    tables = [step for step in whole[:-1] if isinstance(step, str)]
    numbers = "-".join(str(step) for step in whole if isinstance(step, int))
    needed = dict(_TABLES.get(tables[-1] if tables else "", {}))
    if "id" in needed:
        needed["id"] = f"{STAND_IN}-{numbers}"
    return needed
