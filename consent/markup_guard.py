"""Stands between the app and the guard of its response, and lets the markup gate see what passes.

It knows ASGI, and leaves every rule to others. Headers leave before the body is known: a body that comes
whole in one message decides for itself, so that a page which names no gated host stays as it came, its
``Content-Length`` and ``ETag`` included. A body in pieces loses what speaks of its bytes.
"""

from collections.abc import Awaitable
from functools import lru_cache, partial
from typing import Final

from anyio import Path as AsyncPath
from starlette.types import Message, Send

from consent.gates.addresses import Withholding
from consent.gates.elements import Embed
from consent.gates.headers import Header
from consent.gates.links import FETCHING, filter_headers
from consent.gates.markup import MarkupGate
from consent.gates.representation import content_coding, is_saved, kept_private, rewritten
from consent.gates.transcoding import Feedable, charset_of
from consent.visit import Visit

_XML: Final = b"application/xhtml+xml"
_BODILESS: Final = frozenset({204, 205, 304})


async def _waiting() -> None:
    """What the app awaits where nothing leaves yet."""


class MarkupGuard:
    """One response: its ``__call__`` is the app's ``send``."""

    __slots__ = ("_charset", "_gate", "_is_xml", "_send", "_start", "_stream", "_visit")

    _charset: str | None
    _is_xml: bool

    def __init__(self, send: Send, gate: MarkupGate, visit: Visit) -> None:
        self._send = send
        self._gate = gate
        self._visit = visit
        self._start: Message | None = None
        self._stream: Feedable | None = None

    def __call__(self, message: Message) -> Awaitable[None]:
        """Take one message from the app; what is only passed on costs no coroutine of ours."""
        kind = message["type"]
        if kind == "http.response.body":
            if self._start is not None:
                return self._first(message, self._start)
            return self._send(message if self._stream is None else _fed(message, self._stream))
        if kind == "http.response.start":
            return self._begin(message)
        if kind == "http.response.early_hint":
            return self._hint(message)
        if kind == "http.response.pathsend" and self._start is not None:
            return self._read(message, self._start)
        return self._send(message)

    @property
    def _held(self) -> Withholding:
        return self._gate.withholding(self._visit.gated_standing)

    def _hint(self, message: Message) -> Awaitable[None]:
        given = ((b"link", link) for link in message["links"])
        links = [link for _, link in filter_headers(given, self._held)]
        return self._send({**message, "links": links}) if links else _waiting()

    async def _read(self, message: Message, start: Message) -> None:
        """A file that the server was to send."""
        body = await AsyncPath(message["path"]).read_bytes()
        await self._first({"type": "http.response.body", "body": body}, start)

    def _begin(self, message: Message) -> Awaitable[None]:
        headers = given = message.get("headers", ())
        if type(given) is not list:
            headers = [*given]
        fields: dict[bytes, bytes] = {}
        for name, value in headers:  # a comprehension costs 2,000 instructions more
            lower = name.lower()
            if lower != b"content-type" or lower not in fields or _is_told(value):
                fields[lower] = value
        if not FETCHING.isdisjoint(fields):
            headers = filter_headers(headers, self._held)
        if headers is not given:
            message = {**message, "headers": headers}
        kind = _markup(fields.get(b"content-type", b""))
        if kind is None or message["status"] in _BODILESS:
            return self._send(message)
        if b"content-disposition" in fields and is_saved(fields[b"content-disposition"]):
            return self._send(message)
        if b"content-encoding" in fields and content_coding(headers):
            self._visit.gatekeeper.reports.ungated()
            return self._send(message)
        if self._visit.is_head:
            return self._send({**message, "headers": self._unknown(headers)})
        self._charset, self._is_xml = kind
        self._start = {**message}
        return _waiting()

    async def _first(self, message: Message, start: Message) -> None:
        """Send the start, now that it is known what to say of the body, and the message as it may go."""
        self._start = None
        whole = not message.get("more_body", False)
        if not whole or self._gate.names_gated_host(bytes(message.get("body", b"")), self._charset):
            headers: list[Header] = start["headers"]
            if self._held.hosts:
                stream = self._opened()
                message = _fed(message, stream)
                length = len(message["body"])
                headers = self._of_length(headers, length) if whole else self._unknown(headers)
                self._stream = None if whole else stream
            else:
                headers = self._kept(headers, stored=True)
            start["headers"] = headers
        await self._send(start)
        await self._send(message)

    def _opened(self) -> Feedable:
        return self._gate.stream(
            self._visit.gated_standing,
            charset=self._charset,
            # Without this guard, so that no cycle is left behind.
            placeholder=None if self._is_xml else partial(_placeholder, self._visit),
            xml=self._is_xml,
        )

    def _kept(self, headers: list[Header], *, stored: bool) -> list[Header]:
        """What depends on the visitor is private; where all visitors get the same, it is not."""
        if self._visit.is_shared:
            return headers
        return kept_private(headers, stored=stored, on=self._visit.gatekeeper.vary)

    def _of_length(self, headers: list[Header], length: int) -> list[Header]:
        return [*self._unknown(headers), (b"content-length", b"%d" % length)]

    def _unknown(self, headers: list[Header]) -> list[Header]:
        """Headers of a body that changed: also its tag was the app's, for other bytes."""
        kept = [header for header in rewritten(headers, added=None) if header[0].lower() != b"etag"]
        return self._kept(kept, stored=False)


def _fed(message: Message, stream: Feedable) -> Message:
    final = not message.get("more_body", False)
    return {**message, "body": stream.feed(bytes(message.get("body", b"")), final=final)}


def _placeholder(visit: Visit, embed: Embed) -> str:
    consent = visit.consent
    return visit.gatekeeper.renderer.placeholder(
        embed,
        language=consent.shown_language(),
        base=consent.base,
        return_to=consent.path if visit.is_shared else consent.address,
    )


@lru_cache(maxsize=64)
def _markup(content_type: bytes) -> tuple[str | None, bool] | None:
    """The codec of HTML or XHTML and whether it is the latter; ``None`` for what is neither."""
    kind = content_type.partition(b";")[0].strip().lower()
    return (charset_of(content_type), kind == _XML) if kind in (b"text/html", _XML) else None


def _is_told(content_type: bytes) -> bool:
    """Whether browsers heed it beside another one (https://fetch.spec.whatwg.org/#content-type-header)."""
    return b"/" in content_type and not content_type.strip().startswith(b"*/*")
