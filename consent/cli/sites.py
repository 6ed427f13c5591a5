"""Finds the settings that a command line names: a TOML file, or an object in the site's own code."""

import importlib
import os
import re
import sys
from pathlib import Path
from typing import Final

from consent.errors import ConfigurationError
from consent.settings import ConsentSettings

OPTION: Final = "--settings"
DEFAULT: Final = "consent.toml"
"""What is read if nothing is named."""

_OBJECT = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)")


def found(address: str | None) -> ConsentSettings | None:
    """The settings at ``address``, by default those of `DEFAULT`; ``None`` if there is no such file."""
    if address is None:
        return ConsentSettings.from_toml(DEFAULT) if Path(DEFAULT).is_file() else None
    match = None if Path(address).is_file() else _OBJECT.fullmatch(address)
    return ConsentSettings.from_toml(address) if match is None else _imported(match[1], match[2])


def needed(address: str | None) -> ConsentSettings:
    """The settings, or `ConfigurationError`."""
    settings = found(address)
    if settings is None:
        problem = f"is missing, and there is no {DEFAULT} here; allowed is a TOML file or 'module:attribute'."
        raise ConfigurationError(f"{OPTION} (or CONSENT_SETTINGS)", problem)
    return settings


def _imported(module: str, attribute: str) -> ConsentSettings:
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        value = getattr(importlib.import_module(module), attribute, None)
    except ConfigurationError:
        raise
    except Exception as error:  # noqa: BLE001  # a site's module can raise anything
        # Only these are sure to tell a name and no secret.
        told = f" ({error})" if isinstance(error, ImportError | KeyError) else ""
        problem = f"{module!r} cannot be imported: {type(error).__name__}{told}."
        raise ConfigurationError(OPTION, problem) from None
    if not isinstance(value, ConsentSettings):
        raise ConfigurationError(OPTION, f"{module}:{attribute} holds no ConsentSettings.")
    return value
