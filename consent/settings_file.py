"""Reads settings from TOML and from the environment; knows their shape, not what they mean."""

import difflib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, get_origin

from cattrs import BaseValidationError, Converter
from cattrs.gen import make_dict_structure_fn, override

from consent.checks import Text, shown
from consent.errors import ConfigurationError
from consent.model import Service
from consent.services.merging import merged
from consent.settings_errors import PLURAL, Place, leaves, placed
from consent.signals import Signal

PREFIX: Final = "CONSENT_"
"""How the names of environment variables begin; the rest is a setting's name in capitals."""

_LISTS: Final = ("secret_keys", "exclude", "google_regions", "jurisdictions", "signals")
_SWITCHES: Final = ("gate_excluded", "gate_markup")
_DATE: Final = (date, "a date such as 2026-11-23")
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}

T = TypeVar("T")


def read_settings(target: type[T], path: Path, environ: Mapping[str, str]) -> T:
    """Make a ``target`` from a TOML file, overlaid with ``CONSENT_*`` variables.

    Raises `ConfigurationError` with the file's name and the place inside it.
    """
    data = {**seen_from(path.parent, _read(path)), **from_environment(target, environ)}
    made, problems = structured(target, data)
    if made is None:
        raise placed(*problems[0]).within(path.name)
    return made


def seen_from(folder: Path, table: dict[str, Any]) -> dict[str, Any]:
    """What a file in ``folder`` holds, with its own folder of templates as it is seen from here."""
    if isinstance(table.get("templates"), str):
        return {**table, "templates": str(folder / table["templates"])}
    return table


def structured(
    target: type[T], data: Mapping[str, Any], converter: Converter | None = None
) -> tuple[T | None, Sequence[tuple[Place, ConfigurationError]]]:
    """A ``target``, or all that keeps ``data`` from being one, each with its place.

    Whoever does this often makes one `new_converter`.
    """
    try:
        return (converter or new_converter()).structure(data, target), ()
    except (BaseValidationError, ConfigurationError) as error:
        return None, tuple(leaves(error))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            str(path.absolute()), f"the file cannot be read: {error.strerror}."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(path.name, f"this is not TOML: {error}.") from None


def from_environment(target: type[Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """What ``CONSENT_*`` variables say.

    Only names like a setting's own are ours: clusters set ``CONSENT_SERVICE_HOST`` and the like.
    """
    known = {field.name for field in fields(target) if field.init} - {"categories", "texts", "consent_calls"}
    found: dict[str, Any] = {}
    for variable in sorted(name for name in environ if name.startswith(PREFIX)):
        name = variable.removeprefix(PREFIX).lower()
        if name in known:
            found[name] = _parse(variable, name, environ[variable])
        elif close := difflib.get_close_matches(name, known, n=1, cutoff=0.8):
            meant = PREFIX + close[0].upper()
            raise ConfigurationError(f"environment variable {variable}", f"is unknown; {meant} is.")
    return found


def _parse(variable: str, name: str, value: str) -> object:
    if name in _LISTS:
        return [part.strip() for part in value.split(",") if part.strip()]
    if name in _SWITCHES:
        if value.lower() not in _BOOLEANS:
            problem = f"came as {value!r}; allowed are {', '.join(_BOOLEANS)}."
            raise ConfigurationError(f"environment variable {variable}", problem)
        return _BOOLEANS[value.lower()]
    if name == "lifetime" and value.isdecimal():
        return int(value)
    if name == "policy_date":
        with suppress(ValueError):
            return date.fromisoformat(value)
    return value


def new_converter() -> Converter:
    """What makes values of our classes from the tables of a file, and refuses all else."""
    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook_factory(is_dataclass, lambda cls: _record(cls, converter))
    converter.register_structure_hook_func(_is(Literal), lambda value, _: value)
    converter.register_structure_hook_func(lambda kind: kind in (Text, Text | None), _structure_text)
    converter.register_structure_hook_func(lambda kind: kind == str | Signal, _structure_name)
    converter.register_structure_hook_func(_is(Sequence), _list_of(converter))
    for kind, wanted in ((str, "a string"), (int, "a whole number"), (bool, "true or false"), _DATE):
        converter.register_structure_hook(kind, _exactly(kind, wanted))
    return converter


def _is(origin: Any) -> Callable[[Any], bool]:
    return lambda kind: get_origin(kind) is origin


def _record(cls: type[Any], converter: Converter) -> Callable[[Any, Any], Any]:
    renamed: dict[str, Any] = {
        field.name: override(rename=PLURAL[field.name]) for field in fields(cls) if field.name in PLURAL
    }
    structure = make_dict_structure_fn(cls, converter, **renamed)
    whole = _declaration if cls is Service else dict

    def hook(value: Any, kind: Any) -> Any:
        return structure(whole(_expect(value, dict, "a table")), kind)

    return hook


def _declaration(table: dict[str, Any]) -> dict[str, Any]:
    """A service as the file declares it: with ``use``, a ready-made one and what is said otherwise."""
    if "use" not in table:
        return table
    given = {**table}
    name = given.pop("use")
    if not isinstance(name, str):
        problem = f"came as {shown(name)}; allowed is the id of a ready-made service, such as 'youtube'."
        raise ConfigurationError("use", problem)
    return merged(name, given, "use")


def _list_of(converter: Converter) -> Callable[[Any, Any], Any]:
    def hook(value: Any, kind: Any) -> tuple[Any, ...]:
        items = _expect(value, list, "a list")
        return tuple(converter.structure(items, list[kind.__args__[0]]))

    return hook


def _exactly(kind: type[Any], wanted: str) -> Callable[[Any, Any], Any]:
    return lambda value, _: _expect(value, kind, wanted)


def _expect(value: Any, kind: type[Any], wanted: str) -> Any:
    if type(value) is not kind:
        raise ConfigurationError("", f"came as {shown(value)}; allowed is {wanted}.")
    return value


def _structure_text(value: Any, _: Any) -> Text:
    """A text, or a table of texts by language."""
    if isinstance(value, dict) and value and all(isinstance(text, str) for text in value.values()):
        return value
    wanted = "a text, or a table of texts by language such as { en = '...', de = '...' }"
    text: str = _expect(value, str, wanted)
    return text


def _structure_name(value: Any, _: Any) -> str:
    """In a file a signal has a name; objects of the site's own come in Python."""
    name: str = _expect(value, str, "a string")
    return name
