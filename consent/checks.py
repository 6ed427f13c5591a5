"""What all declarations are checked for; knows none of them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from consent.errors import ConfigurationError

Text = str | Mapping[str, str]
"""Words of the site's own: one text, or one per language (``{"en": ..., "de": ...}``)."""

ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LABEL = "[a-z0-9_]([a-z0-9_-]*[a-z0-9])?"
HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*")


MAX_SHOWN = 80
"""Characters of a table or list that an error shows."""


def shown(value: object) -> str:
    """A value as an error shows it: of a long table or list, the beginning."""
    text = repr(value)
    is_long = isinstance(value, dict | list | tuple) and len(text) > MAX_SHOWN
    return f"{text[:MAX_SHOWN]}..." if is_long else text


def tuples(what: str, declaration: Any, *names: str) -> None:
    """Let a declaration be written with lists, and keep it immutable all the same."""
    for name in names:
        given = getattr(declaration, name)
        if not isinstance(given, list | tuple):
            raise ConfigurationError(what, f"{name!r} came as {shown(given)}; allowed is a list.")
        object.__setattr__(declaration, name, tuple(given))


def check_id(what: str, value: str) -> None:
    """Refuse an id that could not stand in a form or in markup."""
    if not ID.fullmatch(value):
        allowed = "lower-case letters and digits, in words joined by single hyphens"
        raise ConfigurationError(what, f"the id came as {value!r}; allowed are {allowed}.")


def check_words(what: str, field: str, value: Text) -> None:
    """Refuse words that say nothing."""
    texts = [value] if isinstance(value, str) else [*value.values()] or [""]
    if not all(text.strip() for text in texts):
        raise ConfigurationError(what, f"{field!r} came empty; a sentence for the visitor is needed.")


def is_host(text: str) -> bool:
    """Whether this is a host's name and nothing else."""
    return HOST.fullmatch(text) is not None


def check_hosts(what: str, hosts: Sequence[str]) -> None:
    """Refuse what is no host's name, or is more than that."""
    for host in hosts:
        if not is_host(host):
            allowed = "a lower-case name such as 'stats.example.org', without scheme, port or path"
            raise ConfigurationError(what, f"a host came as {host!r}; allowed is {allowed}.")
