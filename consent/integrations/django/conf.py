"""Reads ``settings.CONSENT`` into `ConsentSettings`; knows where values stand, not what they mean."""

import os
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from consent.errors import ConfigurationError
from consent.settings import ConsentSettings

FILE: Final = "TOML"
"""The key of ``CONSENT`` that names a settings file; all others are fields of `ConsentSettings`."""

_KEYS: Final = "CONSENT_SECRET_KEYS"


def consent_settings() -> ConsentSettings:
    """What the site's ``settings.CONSENT`` says.

    A dict of `ConsentSettings`' fields; with ``"TOML"``, a path, they win over that file and over the
    ``CONSENT_*`` variables. The secret keys are never Django's ``SECRET_KEY``. Raises
    `ImproperlyConfigured` in one sentence: where, what came, what is allowed.
    """
    given: Any = getattr(settings, "CONSENT", None)
    if not isinstance(given, Mapping):
        allowed = 'a dict such as {"TOML": BASE_DIR / "consent.toml"}'
        raise ImproperlyConfigured(f"settings.CONSENT: came as {given!r}; allowed is {allowed}.")
    known = {field.name for field in fields(ConsentSettings) if field.init}
    if unknown := sorted(map(str, given.keys() - known - {FILE})):
        names = ", ".join([FILE, *sorted(known)])
        raise ImproperlyConfigured(f"settings.CONSENT: the key {unknown[0]!r} is unknown; known are {names}.")
    try:
        return _read({**given})
    except ConfigurationError as error:
        raise ImproperlyConfigured(f"settings.CONSENT, {error}") from error


def _read(values: dict[str, Any]) -> ConsentSettings:
    environ = dict(os.environ)
    path = values.pop(FILE, None)
    if path is None:
        if environ.get(_KEYS):
            values.setdefault("secret_keys", environ[_KEYS].split(","))
        values.setdefault("controller", None)  # its absence is told as that of any other setting
        return ConsentSettings(**values)
    if not isinstance(path, (str, os.PathLike)):
        raise ConfigurationError(FILE, f"came as {path!r}; allowed is the path of a settings file.")
    if "secret_keys" in values:
        environ[_KEYS] = "-" * 32  # the file is read whole before the keys of this dict replace them
    return replace(ConsentSettings.from_toml(path, environ=environ), **values)
