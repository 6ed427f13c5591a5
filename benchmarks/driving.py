"""Requests as an ASGI app gets them, and visitors with a signed answer; knows no server."""

import time
from collections.abc import Sequence
from typing import Any, Final

from starlette.types import ASGIApp, Message

from consent import ConsentSettings
from consent.decision import Action, Decision, answer_to
from consent.records.record import new_id
from consent.signing import ConsentSigner
from tests.sites import run

Headers = Sequence[tuple[bytes, bytes]]

NAVIGATION: Final[Headers] = (
    (b"accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"),
    (b"accept-language", b"en-GB,en;q=0.9"),
    (b"sec-fetch-dest", b"document"),
    (b"sec-fetch-mode", b"navigate"),
    (b"sec-fetch-site", b"same-origin"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"),
)
"""What a browser says of itself when somebody follows a link."""


CONFIRMED: Final = 3_600
"""Seconds since the decisions: long enough that nothing is confirmed in the page any more."""


class Visitors:
    """Cookie headers of visitors of a site, each with an answer of their own."""

    def __init__(self, settings: ConsentSettings) -> None:
        self._catalogue = settings.catalogue
        self._signer = ConsentSigner(settings.secret_keys)
        self._now = time.time() - CONFIRMED

    def who(self, *granted: str) -> str:
        """A new visitor who granted these categories, or all if none are named."""
        action = Action.SAVE if granted else Action.ACCEPT
        answer = answer_to(
            Decision(action=action, granted=frozenset(granted)),
            self._catalogue.standing(None),
            self._catalogue,
            time=int(self._now),
            receipt=new_id(self._now),
        )
        return f"consent={self._signer.dumps(answer)}"


def request_scope(headers: Headers, path: str = "/") -> dict[str, Any]:
    """A GET by plain http."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1:8000"), *headers],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8000),
    }


async def nothing() -> Message:
    """What a request without a body has to say."""
    return {"type": "http.request", "body": b"", "more_body": False}


def body_of(app: ASGIApp, headers: Headers = NAVIGATION) -> bytes:
    """What ``app`` answers."""
    chunks: list[bytes] = []

    async def send(message: Message) -> None:
        chunks.append(bytes(message.get("body", b"")))

    run(app, request_scope(headers), nothing, send)
    return b"".join(chunks)
