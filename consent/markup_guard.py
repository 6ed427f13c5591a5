"""Stands between the app and the guard of its response, and lets the markup gate see what passes.

It knows ASGI, and leaves every rule to others. Headers leave before the body is known: a body that comes
whole in one message decides for itself, so that a page which names no gated host stays as it came, its
``Content-Length`` and ``ETag`` included. A body in pieces loses what speaks of its bytes.
"""

from typing import Final

from anyio import Path as AsyncPath
from starlette.types import Message, Send

from consent.gates.elements import Embed
from consent.gates.headers import Header
from consent.gates.links import filter_headers
from consent.gates.markup import MarkupGate
from consent.gates.representation import kept_private, rewritten
from consent.gates.transcoding import Feedable, charset_of
from consent.visit import Visit

_XML: Final = b"application/xhtml+xml"
_BODILESS: Final = frozenset({204, 205, 304})


class MarkupGuard:
    """One response: its ``__call__`` is the app's ``send``."""

    def __init__(self, send: Send, gate: MarkupGate, visit: Visit) -> None:
        self._send = send
        self._gate = gate
        self._visit = visit
        self._held = gate.withholding(visit.gated_standing)
        self._start: Message | None = None
        self._stream: Feedable | None = None
        self._charset: str | None = None
        self._xml = False

    async def __call__(self, message: Message) -> None:
        """Take one message from the app."""
        kind = message["type"]
        if kind == "http.response.start":
            await self._begin(message)
        elif kind == "http.response.early_hint":
            links = [
                link for _, link in filter_headers(((b"link", link) for link in message["links"]), self._held)
            ]
            if links:
                await self._send({**message, "links": links})
        elif kind == "http.response.pathsend" and self._start is not None:
            body = await AsyncPath(message["path"]).read_bytes()
            await self._body({"type": "http.response.body", "body": body})
        elif kind == "http.response.body":
            await self._body(message)
        else:
            await self._send(message)

    async def _begin(self, message: Message) -> None:
        headers = filter_headers(message.get("headers", ()), self._held)
        message = {**message, "headers": headers}
        if not _is_markup(message["status"], headers):
            await self._send(message)
        elif _is_encoded(headers):
            self._visit.gatekeeper.reports.ungated()
            await self._send(message)
        elif self._visit.is_head:
            await self._send({**message, "headers": self._unknown(headers)})
        else:
            self._start = message

    async def _body(self, message: Message) -> None:
        if self._start is not None:
            message = await self._first(message, self._start)
        elif self._stream is not None:
            message = self._fed(message, self._stream)
        await self._send(message)

    async def _first(self, message: Message, start: Message) -> Message:
        """Send the start, now that it is known what to say of the body; the message as it may go."""
        self._start = None
        headers: list[Header] = start["headers"]
        body = bytes(message.get("body", b""))
        content_type = _named(headers, b"content-type")
        self._charset, self._xml = charset_of(content_type), content_type.lower().startswith(_XML)
        whole = not message.get("more_body", False)
        if not whole or self._gate.names_gated_host(body, self._charset):
            if self._held.hosts:
                self._stream = self._gate.stream(
                    self._visit.gated_standing,
                    charset=self._charset,
                    placeholder=None if self._xml else self._placeholder,
                    xml=self._xml,
                )
                message = self._fed(message, self._stream)
                length = len(message["body"])
                headers = self._of_length(headers, length) if whole else self._unknown(headers)
            else:
                headers = self._kept(headers, stored=True)
        await self._send({**start, "headers": headers})
        return message

    def _fed(self, message: Message, stream: Feedable) -> Message:
        final = not message.get("more_body", False)
        return {**message, "body": stream.feed(bytes(message.get("body", b"")), final=final)}

    def _placeholder(self, embed: Embed) -> str:
        consent, shared = self._visit.consent, self._visit.is_shared
        return self._visit.gatekeeper.renderer.placeholder(
            embed,
            language=consent.shown_language(),
            base=consent.base,
            return_to=consent.path if shared else consent.address,
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


def _is_markup(status: int, headers: list[Header]) -> bool:
    """Whether this is HTML or XHTML that a browser shows or a script puts into a page."""
    kind = _named(headers, b"content-type").partition(b";")[0].strip().lower()
    if status in _BODILESS or kind not in (b"text/html", _XML):
        return False
    return not _named(headers, b"content-disposition").strip().lower().startswith(b"attachment")


def _is_encoded(headers: list[Header]) -> bool:
    return _named(headers, b"content-encoding").strip().lower() not in (b"", b"identity")


def _named(headers: list[Header], wanted: bytes) -> bytes:
    return next((value for name, value in headers if name.lower() == wanted), b"")
