"""Every fault of a settings file, from the tree of errors that its converter raises; reads no file."""

import difflib
from collections.abc import Iterator
from dataclasses import fields
from typing import Final

from cattrs import AttributeValidationNote, ForbiddenExtraKeysError, IterableValidationNote

from consent.errors import ConfigurationError
from consent.model import Service

Place = tuple[str | int, ...]
"""Where something stands in a file: ``("category", 1, "service", 0, "purpose")``."""

PLURAL: Final = {"categories": "category", "services": "service"}
"""Fields that a file writes as repeated tables: ``[[category.service]]``."""

_TABLES: Final = {
    "category": "[[category]]",
    "service": "[[category.service]]",
    "cookies": "[[category.service.cookies]]",
    "storage": "[[category.service.storage]]",
}
"""How lists of tables are written."""

_MISSPELT: Final = {
    "categories": "category",
    "services": "service",
    "cookie": "cookies",
    "storages": "storage",
}

BASES: Final = frozenset({
    "basis", "lawful_basis", "legal_basis", "legitimate_interest", "legitimate_interests", "legint",
})  # fmt: skip
"""Keys that would claim another basis than consent."""

_NO_BASIS: Final = (
    "no legal basis can be chosen: to store on a device or read from it needs consent, unless it is strictly "
    "necessary for what the visitor asks for, and no interest of the site's own will do (ePrivacy Directive, "
    "5(3); EDPB, report of the Cookie Banner Taskforce, 2023); allowed are a category that is asked for, or "
    "'necessary' with a 'justification'."
)
"""What is said to a file that claims an interest of its own (R11)."""


def leaves(error: BaseException, path: Place = ()) -> Iterator[tuple[Place, ConfigurationError]]:
    """Each single error with where it was met; its own place says what it is about from there on."""
    path += _step(error)
    if isinstance(error, ExceptionGroup):
        # A misspelt key comes before the one that is therefore missing.
        for inner in sorted(error.exceptions, key=lambda one: not isinstance(one, ForbiddenExtraKeysError)):
            yield from leaves(inner, path)
    elif isinstance(error, ForbiddenExtraKeysError):
        for key in sorted(error.extra_fields, key=lambda name: (name not in BASES, name)):
            yield (*path, key), ConfigurationError("", _unknown_key(error, key))
    elif isinstance(error, ConfigurationError):
        hidden = "came in a wrong shape (not shown); allowed is a list of strings."
        secret = path[:1] == ("secret_keys",)
        yield path, ConfigurationError(error.place, hidden) if secret else _as_written(path, error)
    else:
        # a KeyError: all other kinds of value have a hook of their own
        yield path, ConfigurationError("", "is missing.")


def placed(path: Place, error: ConfigurationError) -> ConfigurationError:
    """The error, seen from the top of the file."""
    return ConfigurationError(", ".join(part for part in (written(path), error.place) if part), error.problem)


def written(path: Place) -> str:
    """``category[1].service[0].purpose``."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def _step(error: BaseException) -> Place:
    """What the converter noted on this error: an attribute's name or an index."""
    note = next(iter(getattr(error, "__notes__", ())), None)
    if isinstance(note, AttributeValidationNote):
        return (PLURAL.get(note.name, note.name),)
    return (note.index,) if isinstance(note, IterableValidationNote) else ()


def _unknown_key(error: ForbiddenExtraKeysError, key: str) -> str:
    if key in BASES:
        return _NO_BASIS
    table = _TABLES.get(_MISSPELT.get(key, key))
    if table:
        return f"the key {key!r} is unknown; this is written {table}."
    known = [PLURAL.get(field.name, field.name) for field in fields(error.cl) if field.init]
    known += ["use"] * (error.cl is Service)
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.7)
    meant = f" (did you mean {close[0]!r}?)" if close else ""
    return f"the key {key!r} is unknown{meant}; known are {', '.join(known)}."


def _as_written(path: Place, error: ConfigurationError) -> ConfigurationError:
    """Where tables are listed, the error says how."""
    table = _TABLES.get(str(path[-1])) if path else None
    if table is None or not error.problem.endswith("allowed is a list."):
        return error
    return ConfigurationError(error.place, f"{error.problem.removesuffix('.')}, written {table}.")
