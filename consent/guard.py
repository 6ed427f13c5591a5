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
from consent.gates.csp import is_document
from consent.gates.headers import Header
from consent.gates.recognition import known_page
from consent.gates.site_policy import ANY_TAGS, POLICIES, Tags
from consent.outgoing import cookies_for, expiries
from consent.request_consent import RequestConsent
from consent.visit import Visit

_STARTS: Final = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})
"""Messages whose headers can set cookies."""

_NOTHING: Final = frozenset[str]()

_FILES: Final = frozenset({"http.response.pathsend", "http.response.zerocopysend"})


async def _held() -> None:
    """What the app awaits where nothing leaves yet."""


class ResponseGuard(Visit):
    """One response: its `send` is the app's.

    The start of a page is held until it is known what goes into the page, which the first bytes of
    its body tell; every other message is given on as it comes.
    """

    __slots__ = (
        "_body",
        "_codec",
        "_empty",
        "_fields",
        "_grown",
        "_holds",
        "_plain",
        "_send",
        "_start",
        "_tags",
        "_withheld",
    )

    _fields: dict[bytes, bytes]
    _plain: bool
    """Whether nothing in the headers speaks to caches, neither the app's nor ours."""
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
            return self._begin(message, kind)
        if self._holds and kind in _FILES:
            return self._read(message)
        if self._grown and kind == "http.response.trailers":
            return self._send({**message, "headers": rules.without_digests(message.get("headers", ()))})
        return self._send(message)

    def _begin(self, message: Message, kind: str) -> Awaitable[None]:
        """The start: gated at once, and held where the body tells what becomes of it."""
        consent = self.consent
        consent.has_started = True
        headers = given = message.get("headers", ())
        if type(given) is not list:
            headers = [*given]
        # The headers by their names in lower case, each with its last value: looked at once, asked often.
        fields: dict[bytes, bytes] = {}
        plain = True
        for name, value in headers:
            fields[name] = value
            if name not in rules.PLAIN:
                plain = False
        if not plain:  # to lower each in any case costs 1,000 instructions more
            fields = {name.lower(): value for name, value in headers}
        self._fields, self._plain = fields, plain
        if b"set-cookie" in fields or consent.withheld or consent.decided is not None:
            headers = self._gated(headers)
        if kind == "http.response.start":
            status = message["status"]
            if self.gatekeeper.is_policed:
                headers = self._policed(status, headers)
            if consent.may_be_page and rules.is_page(status, fields):
                # Held if something goes into it, or if it depends on a look whether it is a page.
                if (not consent.is_paged or self.carries()) and self._opens(headers):
                    self._start = message = dict(message)
                    message["headers"] = headers
                    return _held()
                headers = self._finished(headers, page=True)
            elif status == 304 or consent.asked or consent.withheld or b"set-cookie" in fields:
                headers = self._unpaged(status, headers)
        if headers is not given:
            message = dict(message)
            message["headers"] = headers
        return self._send(message)

    # --- cookies ------------------------------------------------------------------------------

    def _gated(self, headers: list[Header]) -> list[Header]:
        """The write gate, what a view decided, and expiries of what the browser holds without consent."""
        consent = self.consent
        kept, taken = headers, _NOTHING
        if b"set-cookie" in self._fields:
            kept, taken = self.gatekeeper.cookies.filter_response(
                headers, self.standing, self.now, own=consent.own_cookies, host=consent.claimed_host
            )
            self._withheld = len(kept) < len(headers)
            if self._withheld:
                self.gatekeeper.counts.withheld("set", len(headers) - len(kept))
        if consent.decided is not None:
            kept = kept + cookies_for(consent, consent.decided, taken=taken)
            self._plain = False
            return rules.kept_private(kept, stored=False, on=self.gatekeeper.vary)
        if consent.withheld and self._may_expire(headers):
            kept = kept + expiries(consent, consent.withheld, taken=taken, turn=int(self.now * 1000))
        return kept

    def _policed(self, status: int, headers: list[Header]) -> list[Header]:
        """The policy gate: one more policy for a document, beside those that the site sends."""
        policy, links = self.policy, self.links
        if not (policy or links) or not is_document(status, headers):
            return headers
        if policy is not None:
            if not self.is_shared:
                headers = rules.kept_private(headers, stored=True, on=self.gatekeeper.vary)
                self._plain = False
            headers = [*headers, policy]
        return [*headers, *links]

    def _may_expire(self, headers: list[Header]) -> bool:
        """Whether the response is one visitor's: then it can tell the browser to delete (R36, R41)."""
        if self.is_prefetch or rules.is_public(headers):
            return False
        return not (self.is_shared and self.reads) or rules.is_private(headers)

    # --- pages --------------------------------------------------------------------------------

    def _unpaged(self, status: int, headers: list[Header]) -> list[Header]:
        """The headers of what is no page."""
        consent = self.consent
        if status == 304 and consent.conditioned:
            return self._finished(headers, page=True, grown=self.carries())
        return self._finished(headers, page=False)

    def _opens(self, headers: list[Header]) -> bool:
        """Prepare to look into the body; false where nothing goes in and nothing depends on a look."""
        consent, fields, reports = self.consent, self._fields, self.gatekeeper.reports
        name = rules.content_coding(headers) if b"content-encoding" in fields else ""
        if not consent.is_paged and (name or rules.is_private(headers)):
            return False
        codec = codec_of(fields[b"content-type"])
        if codec is None or (name and name not in CODINGS):
            kind = fields[b"content-type"].decode("latin-1")
            reports.unreadable(repr(name) if name else repr(kind))
            return False
        policed = not POLICIES.isdisjoint(fields)
        self._tags = tags = (
            self.gatekeeper.renderer.tags(headers, host=consent.host, base=consent.base) if policed else ANY_TAGS
        )
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
            await self._send({**message, "body": out})
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
        early = self.gatekeeper.fragments.calls and self.early(self._tags)
        return put_into(page, opening, end, written(early, self._codec) if early else b"", fragment)

    def _released(self, start: Message, *, page: bool, added: int | None) -> Message:
        """The start that was held; its headers tell what becomes of the body."""
        grown = page and (bool(added) or self.carries())
        start["headers"] = self._finished(start["headers"], page=page, grown=grown, added=added)
        return start

    # --- headers ------------------------------------------------------------------------------

    def _finished(
        self, headers: list[Header], *, page: bool, grown: bool = False, added: int | None = None
    ) -> list[Header]:
        """Headers that are true of what follows and of whom it is for."""
        fields, gatekeeper = self._fields, self.gatekeeper
        if grown:
            self._grown = True
            headers = rules.rewritten(headers, added=added)
        depends = grown or self.consent.asked
        own = page and not gatekeeper.is_shared
        if (depends or own) and (b"etag" in fields or b"last-modified" in fields):
            headers = rules.varied(headers, self.mark)
        if own or self._is_personal(headers):
            if self._plain:
                return [*headers, *gatekeeper.privacy[not depends]]
            headers = rules.kept_private(headers, stored=not depends, on=gatekeeper.vary)
        return headers

    def _is_personal(self, headers: list[Header]) -> bool:
        """Whether other visitors may get another response, so that no shared cache may keep this one."""
        if self.is_shared:
            if self.asked:
                self.gatekeeper.reports.personal()
            return self.asked or rules.sets_cookies(headers)
        if self.asked or self._withheld:
            return True
        return bool(self.consent.withheld) and not rules.is_public(headers)
