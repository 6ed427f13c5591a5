"""FastAPI: the visitor's consent as a dependency, and our addresses in its document; knows no rule."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from starlette.requests import HTTPConnection

from consent.access import get_consent
from consent.integrations._openapi import paths
from consent.request_consent import RequestConsent
from consent.settings import ConsentSettings


async def visitor_consent(connection: HTTPConnection) -> RequestConsent:
    """The consent of the visitor behind a request or a WebSocket; see `VisitorConsent`."""
    return get_consent(connection)


VisitorConsent = Annotated[RequestConsent, Depends(visitor_consent)]
"""The type of a view's argument: ``async def view(visitor: VisitorConsent)``.

Raises `ConsentError` if no `ConsentMiddleware` stands outside the app.
"""


def document_endpoints(app: FastAPI, settings: ConsentSettings) -> None:
    """Put the JSON addresses of the middleware around ``app`` into its OpenAPI document.

    They are answered outside the app, which knows nothing of them otherwise.
    """
    made: Callable[[], dict[str, Any]] = app.openapi

    def openapi() -> dict[str, Any]:
        document = made()
        document["paths"] |= paths(settings)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's own documents extend it
