"""Reads the files of the ready-made services, each when it is first asked for; knows no site."""

import difflib
import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any, Final

from consent.errors import ConfigurationError

Data = dict[str, Any]
"""A declaration as it stands in its file."""

_ENDING: Final = ".toml"
_FOLDER: Final = resources.files(__package__)


@lru_cache(maxsize=1)
def ids() -> tuple[str, ...]:
    """The names of the files."""
    files = (file.name for file in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(_ENDING) for name in files if name.endswith(_ENDING)))


def closest(name: str) -> list[str]:
    """At most three ids that may have been meant."""
    return difflib.get_close_matches(name, ids(), n=3)


def read(name: str, place: str = "") -> Data:
    """The declaration ``name``, not to be changed; raises `ConfigurationError`, seen from ``place``."""
    if name not in ids():
        close = " or ".join(map(repr, closest(name)))
        such = f"{close}, and whatever" if close else "whatever"
        allowed = f"{such} consent.services.names() tells"
        raise ConfigurationError(
            place, f"came as {name!r}, which is no ready-made service; allowed is {allowed}."
        )
    return _parsed(name)


@lru_cache(maxsize=256)
def _parsed(name: str) -> Data:
    return tomllib.loads((_FOLDER / f"{name}{_ENDING}").read_text(encoding="utf-8"))
