"""The consent layer for ASGI sites: asks, remembers and obeys."""

import importlib
from typing import TYPE_CHECKING, Any

from consent._version import __version__ as __version__

if TYPE_CHECKING:
    from consent.access import consent_report as consent_report
    from consent.access import get_consent as get_consent
    from consent.access import render_banner as render_banner
    from consent.access import render_calls as render_calls
    from consent.access import render_embed as render_embed
    from consent.access import render_link as render_link
    from consent.access import render_policy as render_policy
    from consent.access import render_script as render_script
    from consent.errors import ConfigurationError as ConfigurationError
    from consent.errors import ConsentError as ConsentError
    from consent.errors import RecordsError as RecordsError
    from consent.gates.cookies import CookieVerdict as CookieVerdict
    from consent.middleware import ConsentMiddleware as ConsentMiddleware
    from consent.model import Category as Category
    from consent.model import Cookie as Cookie
    from consent.model import Embed as Embed
    from consent.model import Service as Service
    from consent.model import Storage as Storage
    from consent.records.record import ConsentRecords as ConsentRecords
    from consent.records.record import Record as Record
    from consent.records.record import RecordsArchive as RecordsArchive
    from consent.records.sqlite import SQLiteRecords as SQLiteRecords
    from consent.request_consent import RequestConsent as RequestConsent
    from consent.seen import ConsentReport as ConsentReport
    from consent.settings import ConsentSettings as ConsentSettings
    from consent.signals import Signal as Signal
    from consent.state import Consent as Consent
    from consent.state import Verdict as Verdict

_PLACES = {
    "Category": "model",
    "ConfigurationError": "errors",
    "Consent": "state",
    "ConsentError": "errors",
    "ConsentMiddleware": "middleware",
    "ConsentRecords": "records.record",
    "ConsentReport": "seen",
    "ConsentSettings": "settings",
    "Cookie": "model",
    "CookieVerdict": "gates.cookies",
    "Embed": "model",
    "Record": "records.record",
    "RecordsArchive": "records.record",
    "RecordsError": "errors",
    "RequestConsent": "request_consent",
    "SQLiteRecords": "records.sqlite",
    "Service": "model",
    "Signal": "signals",
    "Storage": "model",
    "Verdict": "state",
    "consent_report": "access",
    "get_consent": "access",
    "render_banner": "access",
    "render_calls": "access",
    "render_embed": "access",
    "render_link": "access",
    "render_policy": "access",
    "render_script": "access",
}

if not TYPE_CHECKING:  # pragma: no branch  # type checkers would believe that every name is there
    __all__ = list(_PLACES)

    def __getattr__(name: str) -> Any:
        """What is imported when it is wanted: the pytest plugin is in here too, which every session loads."""
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
