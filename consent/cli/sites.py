"""Finds the settings that a command line names: a TOML file, or an object in the site's own code."""

import importlib
import os
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from consent.catalogue import Catalogue
from consent.errors import ConfigurationError
from consent.settings import ConsentSettings

OPTION: Final = "--settings"
DEFAULT: Final = "consent.toml"
"""What is read if nothing is named."""

_KEYS: Final = "CONSENT_SECRET_KEYS"
_OBJECT = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)")


def found(address: str | None) -> ConsentSettings | None:
    """The settings at ``address``, by default those of `DEFAULT`; ``None`` if there is no such file."""
    if address is None:
        return ConsentSettings.from_toml(DEFAULT) if Path(DEFAULT).is_file() else None
    return _at(address, OPTION)


def needed(address: str | None) -> ConsentSettings:
    """The settings, or `ConfigurationError`."""
    settings = found(address)
    if settings is None:
        problem = f"is missing, and there is no {DEFAULT} here; allowed is a TOML file or 'module:attribute'."
        raise ConfigurationError(f"{OPTION} (or CONSENT_SETTINGS)", problem)
    return settings


def declared(address: str, place: str) -> Catalogue:
    """The declarations at ``address``, for which no secret key is needed; an error names ``place`` first."""
    with some_key():
        try:
            return _at(address, place).catalogue
        except ConfigurationError as error:
            raise (error if error.place == place else error.within(place)) from None


def in_code(address: str) -> tuple[str, str] | None:
    """The module and the attribute that ``address`` names; ``None`` if it names a file."""
    match = None if Path(address).exists() else _OBJECT.fullmatch(address)
    return None if match is None else (match[1], match[2])


@contextmanager
def some_key() -> Iterator[None]:
    """Where nothing is signed, a key that nobody keeps does in place of one that is missing."""
    given = os.environ.get(_KEYS)
    if given:
        yield
        return
    os.environ[_KEYS] = secrets.token_urlsafe(32)
    try:
        yield
    finally:
        del os.environ[_KEYS]
        if given is not None:
            os.environ[_KEYS] = given


def _at(address: str, place: str) -> ConsentSettings:
    named = in_code(address)
    return ConsentSettings.from_toml(address) if named is None else imported(*named, place)


def imported(module: str, attribute: str, place: str) -> ConsentSettings:
    """The settings in a site's own code; whatever is wrong with it is seen from ``place``."""
    value = held(module, attribute, place)
    if not isinstance(value, ConsentSettings):
        raise ConfigurationError(place, f"{module}:{attribute} holds no ConsentSettings.")
    return value


def held(module: str, attribute: str, place: str) -> Any:
    """What an attribute of a site's own code holds; ``None`` if there is none of the name."""
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        return getattr(importlib.import_module(module), attribute, None)
    except ConfigurationError:
        raise
    except Exception as error:  # noqa: BLE001  # a site's module can raise anything
        # Only these are sure to tell a name and no secret.
        told = f" ({error})" if isinstance(error, ImportError | KeyError) else ""
        problem = f"{module!r} cannot be imported: {type(error).__name__}{told}."
        raise ConfigurationError(place, problem) from None
