"""An app under test: how it is found by its name, and what its consent layer made of the last request."""

import importlib
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consent.request_consent import KEY, RequestConsent


def load(name: str) -> ASGIApp:
    """The app ``module:app``, or what ``module:factory()`` makes; raises `LookupError` if there is none."""
    module, _, attribute = name.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in (attribute.removesuffix("()") or "app").split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as error:
        raise LookupError(
            f"{name!r} names no app ({error}); allowed is 'module:app' or 'module:factory()'."
        ) from error
    app: ASGIApp = found() if attribute.endswith("()") else found
    return app


class Watched:
    """An app, with the consent of its last request; one that speaks no lifespan is served all the same."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.consent: RequestConsent | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the app's life."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        await self.app(scope, receive, send)
        found = state.get(KEY)
        self.consent = found if isinstance(found, RequestConsent) else None

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        said = list[str]()

        async def saying(message: Message) -> None:
            said.append(message["type"])
            await send(message)

        try:
            await self.app(scope, receive, saying)
        except Exception:
            if said:
                raise
            await send({"type": "lifespan.startup.complete"})  # as servers take it
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
