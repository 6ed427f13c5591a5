"""Wraps a Django project's ASGI application in the layer; knows no request."""

from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from consent.integrations.django.conf import consent_settings
from consent.middleware import ConsentMiddleware
from consent.settings import ConsentSettings


def consent_application(
    application: ASGIApp, *, settings: ConsentSettings | None = None, **values: Any
) -> ConsentMiddleware:
    """The layer around ``get_asgi_application()``, for ``asgi.py``.

    ``settings`` are those of ``settings.CONSENT`` by default; ``values`` are what `ConsentMiddleware` takes
    beside them: ``records``, ``on_change``, ``review_cookie``, ``clock``.
    """
    return ConsentMiddleware(_Lived(application), settings=settings or consent_settings(), **values)


class _Lived:
    """Django refuses to speak of the server's lifespan, and the store of records needs to hear its end."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return
        for part in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{part}.complete"})
