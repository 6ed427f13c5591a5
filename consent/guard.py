"""Stands between the app and the server for one response; knows ASGI, and leaves every rule to others."""

from collections.abc import Awaitable
from functools import partial
from typing import Final

from starlette.types import Message, Send

from consent.files import pieces
from consent.gates import representation as rules
from consent.gates.body import CodedBody, Fragment, PageBody, put_into, written
from consent.gates.charsets import codec_of, is_wide
from consent.gates.codings import CODINGS
from consent.gates.headers import Header
from consent.gates.insertion import spliced
from consent.gates.recognition import known_page
from consent.gates.site_policy import ANY_TAGS, POLICIES, Tags
from consent.request_consent import RequestConsent
from consent.response_headers import ResponseHeaders
from consent.visit import Visit

_STARTS: Final = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})
"""Messages whose headers can set cookies."""

_FILES: Final = frozenset({"http.response.pathsend", "http.response.zerocopysend"})


async def _held() -> None:
    """What the app awaits where nothing leaves yet."""


class ResponseGuard(ResponseHeaders):
    """One response: its `send` is the app's.

    The start of a page is held until it is known what goes into the page, which the first bytes of
    its body tell; every other message is given on as it comes.
    """

    __slots__ = (
        "_body",
        "_codec",
        "_empty",
        "_holds",
        "_send",
        "_start",
        "_tags",
    )

    # Of a page that is looked into, and only of it:
    _body: PageBody | CodedBody | None
    _codec: str
    _empty: bool
    _start: Message | None
    _tags: Tags

    def __init__(self, send: Send, consent: RequestConsent) -> None:
        # Said once more, since a call of the one above costs 700 instructions.
        self.consent = consent
        self.gatekeeper = consent.gatekeeper
        self._send = send
        self._withheld = self._grown = self._holds = False

    def send(self, message: Message) -> Awaitable[None]:
        """Take one message from the app; what is only passed on costs no coroutine of ours."""
        kind = message["type"]
        if kind == "http.response.body":
            return self._put(message) if self._holds else self._send(message)
        if kind in _STARTS:
            return self._begin(message) if kind == "http.response.start" else self._accept(message)
        if self._holds and kind in _FILES:
            return self._read(message)
        if self._grown and kind == "http.response.trailers":
            return self._send({**message, "headers": rules.without_digests(message.get("headers", ()))})
        return self._send(message)

    def _accept(self, message: Message) -> Awaitable[None]:
        """The start of what is no HTTP response."""
        return self._send({**message, "headers": self._gated(message.get("headers", ()))})

    def _begin(self, message: Message) -> Awaitable[None]:
        """The start: gated at once, and held where the body tells what becomes of it."""
        given, status, consent = message.get("headers", ()), message["status"], self.consent
        headers = self._gated(given)
        disposition = b"" if self._plain else self._fields.get(b"content-disposition", b"")
        if consent.may_be_page and rules.is_page(status, self._kind, disposition):
            headers = self._policed(status, headers) if self.gatekeeper.is_policed else headers
            # Held if something goes into it, or if it depends on a look whether it is a page.
            if (not consent.is_paged or self.carries()) and self._opens(headers):
                self._start = message = dict(message)
                message["headers"] = headers
                return _held()
            headers = self._finished(headers, page=True)
        else:
            headers = self._unpaged(status, headers)
        if headers is not given:
            message = dict(message)
            message["headers"] = headers
        return self._send(message)

    def _opens(self, headers: list[Header]) -> bool:
        """Prepare to look into the body; false where nothing goes in and nothing depends on a look."""
        consent, fields, reports = self.consent, self._fields, self.gatekeeper.reports
        name = rules.content_coding(headers) if b"content-encoding" in fields else ""
        if not consent.is_paged and (name or rules.is_private(headers)):
            return False
        codec = codec_of(self._kind)
        if codec is None or (name and name not in CODINGS):
            kind = self._kind.decode("latin-1")
            reports.unreadable(repr(name) if name else repr(kind))
            return False
        tags = ANY_TAGS
        if not (self._plain or POLICIES.isdisjoint(fields)):
            tags = self.gatekeeper.renderer.tags(headers, host=consent.host, base=consent.base)
        self._tags = tags
        self._codec, self._body, self._holds, self._empty = codec, None, True, True
        if name:
            reports.opened(name)
            self._body = CodedBody(self._ask, codec, CODINGS[name], self.early(tags))
        elif is_wide(codec):
            self._body = PageBody(self._ask, codec, self.early(tags))
        return True

    @property
    def _ask(self) -> Fragment:
        """What goes in, for who asks later: without this guard, so that no cycle is left behind."""
        return partial(Visit(self.consent).fragment, self._tags)

    async def _read(self, message: Message) -> None:
        """A file that the server was to send: it is read here, a piece at a time."""
        async for piece, more in pieces(message):
            part: Message = {"type": "http.response.body", "body": piece, "more_body": more}
            await self.send(part)

    async def _put(self, message: Message) -> None:
        chunk = bytes(message.get("body", b""))
        known = known_page(chunk) if self._body is None else None
        if known is not None and self._start is not None:
            # Half of the instructions that it takes to look at the bytes piece by piece.
            out, added = self._filled(chunk, *known)
            start, self._start, self._holds = self._start, None, False
            await self._send(self._released(start, page=True, added=added))
            message = dict(message)
            message["body"] = out
            await self._send(message)
            return
        body = self._body = self._body or PageBody(self._ask, self._codec, self.early(self._tags))
        more = message.get("more_body", False)
        self._empty = self._empty and not chunk
        out = body.feed(chunk, final=not more)
        if not body.settled:
            return
        if self._start is not None:
            start, self._start = self._start, None
            page = body.is_page or (self.is_head and self._empty)
            await self._send(self._released(start, page=page, added=body.added))
        if out or not more:
            await self._send({**message, "body": out})
        if body.done:
            self._holds = False

    def _filled(self, page: bytes, language: str | None, opening: int, end: int) -> tuple[bytes, int]:
        """A page whose beginning is known with all that goes into it, and how much that is."""
        fragment = self.written(self._tags, language, self._codec)
        if not self.gatekeeper.fragments.calls:
            return spliced(page, end, fragment), len(fragment)
        return put_into(page, opening, end, written(self.early(self._tags), self._codec), fragment)

    def _released(self, start: Message, *, page: bool, added: int | None) -> Message:
        """The start that was held; its headers tell what becomes of the body."""
        grown = page and (bool(added) or self.carries())
        start["headers"] = self._finished(start["headers"], page=page, grown=grown, added=added)
        return start
