"""Every fault of a settings file, from the tree of errors that its converter raises; reads no file."""

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
        for inner in error.exceptions:
            yield from leaves(inner, path)
    elif isinstance(error, ForbiddenExtraKeysError):
        for key in sorted(error.extra_fields, key=lambda name: (name not in BASES, name)):
            yield (*path, key), ConfigurationError("", _unknown_key(error, key))
    elif isinstance(error, ConfigurationError):
        hidden = "came in a wrong shape (not shown); allowed is a list of strings."
        secret = path[:1] == ("secret_keys",)
        yield path, ConfigurationError(error.place, hidden) if secret else error
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
    known = [PLURAL.get(field.name, field.name) for field in fields(error.cl) if field.init]
    known += ["use"] * (error.cl is Service)
    return f"the key {key!r} is unknown; known are {', '.join(known)}."
