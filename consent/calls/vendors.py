"""Reads what is known of each vendor's consent interface from the files beside it; knows no site."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

_FOLDER = files("consent.calls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """One vendor's calls, as JavaScript.

    ``queue`` makes what the vendor's tag will read, ``default`` is called before any tag and denies;
    with ``default_denies`` a refusal needs no further call. Later pages get the default and what was
    decided. ``update`` tells each of the ``parameters`` (by category) in ``$state``; who has only one
    switch has ``grant`` and ``withdraw``. ``arrives`` is a global that must not be there beforehand,
    ``ready`` when it can be called. Who has no queue is called on a change only, once ``when`` is there.
    """

    id: str
    sources: Sequence[str]
    checked: date
    queue: str = ""
    default: Sequence[str] = ()
    default_denies: bool = False
    update: str = ""
    grant: str = ""
    withdraw: str = ""
    arrives: str = ""
    ready: str = ""
    when: str = ""
    parameters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)


@cache
def vendor_names() -> tuple[str, ...]:
    """The ids there are, sorted."""
    return tuple(
        sorted(file.name.removesuffix(".toml") for file in _FOLDER.iterdir() if file.name.endswith(".toml"))
    )


@cache
def vendor(name: str) -> Vendor:
    """The vendor whose id is ``name``, one of `vendor_names`."""
    return Vendor(id=name, **tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8")))
