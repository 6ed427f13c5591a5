"""Litestar: the visitor's consent as a dependency; knows Litestar's scope, and no rule."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.types import Scope

from consent.access import get_consent
from consent.request_consent import RequestConsent


async def provide_consent(scope: Scope) -> RequestConsent:
    """The dependency ``dependencies={"consent": Provide(provide_consent)}``, in HTTP views and WebSockets.

    Raises `ConsentError` if no `ConsentMiddleware` stands outside the app. Guards and hooks, which hold a
    connection, call `consent.get_consent`.
    """
    connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
    return get_consent(connection)
