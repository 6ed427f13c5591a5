"""Quart: the middleware around its app, the consent of the request at hand; knows Quart, and no rule."""

from typing import Any

from quart import Quart, has_websocket_context, request, websocket

from consent import access
from consent.integrations.jinja import install
from consent.middleware import ConsentMiddleware
from consent.request_consent import RequestConsent
from consent.settings import ConsentSettings


def init_app(app: Quart, settings: ConsentSettings, **values: Any) -> None:
    """Put the middleware around ``app``, and our functions into its templates.

    ``values`` are what `ConsentMiddleware` takes beside the settings: ``records``, ``on_change``,
    ``review_cookie``, ``clock``. What else wraps ``app.asgi_app`` does so before, but for a compressor.
    """
    wrapped: Any = ConsentMiddleware(app.asgi_app, settings, **values)
    app.asgi_app = wrapped  # type: ignore[method-assign]  # as Quart's documents wrap it
    install(app.jinja_env)


def get_consent() -> RequestConsent:
    """The consent of the visitor whose request, or WebSocket, is at hand.

    Raises `ConsentError` if no `ConsentMiddleware` stands outside the app.
    """
    return access.get_consent(websocket if has_websocket_context() else request)
