"""Looks on as an app answers and changes nothing; knows ASGI, and not what is made of it."""

from collections.abc import Awaitable
from typing import Final

from starlette.types import Message, Scope, Send

from consent.gates.headers import Header
from consent.request_consent import RequestConsent
from consent.sightings import Sightings

_STARTS: Final = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})


class Watch:
    """One response: its ``__call__`` is the app's ``send``.

    Cookies of the request are looked at when the response starts, since only then it is known which route
    took it.
    """

    __slots__ = ("_consent", "_scope", "_send", "_sightings")

    def __init__(self, send: Send, sightings: Sightings, scope: Scope, consent: RequestConsent) -> None:
        self._send = send
        self._sightings = sightings
        self._scope = scope
        self._consent = consent

    def __call__(self, message: Message) -> Awaitable[None]:
        """Take one message from the app, and give it on."""
        if message["type"] in _STARTS:
            headers = [*message.get("headers", ())]  # what came may be read once only
            self._look(headers)
            message = {**message, "headers": headers}
        return self._send(message)

    def _look(self, headers: list[Header]) -> None:
        consent, sightings = self._consent, self._sightings
        host, now = consent.claimed_host, consent.now
        if b"cookie" in consent.fields:
            sightings.sent(consent.sent, host, now, self._route)
        sightings.were_set(headers, host, now, self._route)

    def _route(self) -> str:
        return route_of(self._scope, self._consent.base)


def route_of(scope: Scope, base: str) -> str:
    """The pattern that the app's router matched, if it says so; else the path. Neither has a query.

    Starlette and FastAPI leave the route in the scope, Litestar its pattern.
    """
    route = scope.get("route")
    pattern = scope.get("path_template") or getattr(route, "path", None)
    if not isinstance(pattern, str):
        return str(scope["path"]).removeprefix(base)
    mounted = str(scope.get("root_path") or "").removeprefix(base)
    # What a mount is called is part of the root path by now.
    return f"{mounted}/{{path}}" if hasattr(route, "routes") else mounted + pattern
