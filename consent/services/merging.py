"""Lays what a site says over a ready-made declaration; knows no file format and judges no value."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any, Final

from consent.model import Cookie, Storage
from consent.services.files import Data, read

ABOUT: Final = frozenset({"kind", "category", "sources", "checked"})
"""Fields of a file that are no part of the declaration."""

_MARKS: Final = {"cookies": "domain", "storage": "kind"}
"""What tells apart items of one name."""


def merged(name: str, given: Mapping[str, Any], place: str) -> Data:
    """The declaration ``name`` with ``given`` laid over it, field by field, as a new value."""
    ours = {field: value for field, value in read(name, place).items() if field not in ABOUT}
    items = {
        field: _mended(ours.get(field, ()), given[field], mark)
        for field, mark in _MARKS.items()
        if field in given
    }
    return {"id": name, **ours, **given, **items}


def _mended(ours: Sequence[Data], given: Any, mark: str) -> Any:
    """The items given, mended from ours, in their order; then those of ours that nobody mentioned.

    What is no list of named items is left as it is, to be refused by whoever knows what it should be.
    """
    items = [_as_data(item) for item in given] if isinstance(given, list | tuple) else []
    if not all(isinstance(item, dict) and "name" in item for item in items) or len(items) != len(given):
        return given
    first: list[Data] = []
    further: list[Data] = []
    mended: list[Data] = []
    for item in items:
        meant = _meant(item, ours, mark)
        mended += meant
        changed = [{**each, **item} for each in meant] or [item]
        first.append(changed[0])
        further += changed[1:]
    return [*first, *further, *(item for item in ours if item not in mended)]


def _meant(item: Data, ours: Sequence[Data], mark: str) -> list[Data]:
    """Those of the same name; if it says which (a cookie's domain), the one, else all of them."""
    same = [each for each in ours if each["name"] == item["name"]]
    exact = [each for each in same if each.get(mark) == item[mark]] if mark in item else []
    plain = [each for each in same if mark not in each] if mark in item else []
    return exact or plain or same


def _as_data(item: Any) -> Any:
    """The fields that an item gives: of a `Cookie` or `Storage` what differs from its defaults."""
    if not isinstance(item, Cookie | Storage):
        return dict(item) if isinstance(item, Mapping) else item
    values = {field: getattr(item, field.name) for field in fields(item)}
    return {
        field.name: value
        for field, value in values.items()
        if field.default is MISSING or value != field.default
    }
