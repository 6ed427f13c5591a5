"""The consent behind a Django request; knows how Django holds the ASGI scope, and no rule."""

from contextlib import suppress
from typing import Any

from django.http import HttpRequest

from consent import access
from consent.errors import ConsentError
from consent.request_consent import RequestConsent


def get_consent(request: HttpRequest) -> RequestConsent:
    """The consent of the visitor behind a Django request, in sync and in async views.

    Raises `ConsentError` where the layer does not stand around the application, as under WSGI.
    """
    return access.get_consent(connection_of(request))


def connection_of(request: Any) -> Any:
    """The request, if it came by ASGI and so has a ``scope``."""
    if not hasattr(request, "scope"):
        raise ConsentError(
            f"{type(request).__name__} came by WSGI, where nothing is withheld: serve the application "
            "of asgi.py, wrapped in consent_application."
        )
    return request


def start_again(request: Any = None, **_: Any) -> None:
    """Forget what a template that failed had shown: the error page carries the control itself (R17)."""
    with suppress(ConsentError):
        consent = get_consent(request)
        consent.places_banner = consent.shows_choices = False
