"""Stands between the app and the server for one response; knows ASGI, and leaves every rule to others."""

from collections.abc import Awaitable
from functools import partial
from typing import Final

from starlette.types import Message, Send

from consent.files import pieces
from consent.gates import representation as rules
from consent.gates.body import CodedBody, PageBody
from consent.gates.charsets import codec_of
from consent.gates.codings import CODINGS
from consent.gates.csp import is_document
from consent.gates.headers import Header
from consent.gates.site_policy import ANY_TAGS, POLICIES
from consent.visit import Visit

_STARTS: Final = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})
"""Messages whose headers can set cookies."""

_NOTHING: Final = frozenset[str]()
_DATED: Final = frozenset({b"etag", b"last-modified"})

_FILES: Final = frozenset({"http.response.pathsend", "http.response.zerocopysend"})


async def _held() -> None:
    """What the app awaits where nothing leaves yet."""


class ResponseGuard:
    """One response: its ``__call__`` is the app's ``send``.

    The start of a page is held until it is known what goes into the page, which the first bytes of
    its body tell; every other message is given on as it comes.
    """

    def __init__(self, send: Send, visit: Visit) -> None:
        self._send = send
        self._visit = visit
        self._fields: dict[bytes, bytes] = {}
        self._withheld = False
        self._rewritten = False
        self._empty = True
        self._start: Message | None = None
        self._body: PageBody | CodedBody | None = None

    def __call__(self, message: Message) -> Awaitable[None]:
        """Take one message from the app; what is only passed on costs no coroutine of ours."""
        kind = message["type"]
        if kind in _STARTS:
            return self._begin(message, kind)
        if self._body is not None and kind == "http.response.body":
            return self._put(message, self._body)
        if self._body is not None and kind in _FILES:
            return self._read(message)
        if self._rewritten and kind == "http.response.trailers":
            return self._send({**message, "headers": rules.without_digests(message.get("headers", ()))})
        return self._send(message)

    def _begin(self, message: Message, kind: str) -> Awaitable[None]:
        """The start: gated at once, and held where the body tells what becomes of it."""
        self._visit.consent.has_started = True
        headers: list[Header] = [*message.get("headers", ())]
        self._fields = rules.fields_of(headers)
        headers = self._gated(headers)
        if kind != "http.response.start":
            return self._send({**message, "headers": headers})
        status = message["status"]
        return self._settle({**message, "headers": self._policed(status, headers)}, status)

    # --- cookies ------------------------------------------------------------------------------

    def _gated(self, headers: list[Header]) -> list[Header]:
        """The write gate, what a view decided, and expiries of what the browser holds without consent."""
        visit, consent = self._visit, self._visit.consent
        kept, taken = headers, _NOTHING
        if b"set-cookie" in self._fields:
            kept, taken = visit.gatekeeper.cookies.filter_response(
                headers, visit.standing, visit.now, own=consent.own_cookies, host=consent.claimed_host
            )
            self._withheld = len(kept) < len(headers)
            if self._withheld:
                visit.gatekeeper.counts.withheld("set", len(headers) - len(kept))
        if consent.decided is not None:
            kept = kept + consent.cookies_for(consent.decided, taken=taken)
            return self._private(kept, stored=False)
        if consent.withheld and self._may_expire(headers):
            kept = kept + consent.expiries(consent.withheld, taken=taken, turn=int(visit.now * 1000))
        return kept

    def _policed(self, status: int, headers: list[Header]) -> list[Header]:
        """The policy gate: one more policy for a document, beside those that the site sends."""
        visit = self._visit
        if not visit.is_policed:
            return headers
        policy, links = visit.policy, visit.links
        if not (policy or links) or not is_document(status, headers):
            return headers
        if policy is not None:
            headers = headers if visit.is_shared else self._private(headers, stored=True)
            headers = [*headers, policy]
        return [*headers, *links]

    def _may_expire(self, headers: list[Header]) -> bool:
        """Whether the response is one visitor's: then it can tell the browser to delete (R36, R41)."""
        if self._visit.is_prefetch or rules.is_public(headers):
            return False
        return not (self._visit.is_shared and self._visit.reads) or rules.is_private(headers)

    # --- pages --------------------------------------------------------------------------------

    def _settle(self, message: Message, status: int) -> Awaitable[None]:
        visit = self._visit
        if status == 304 and visit.conditioned:
            return self._send(self._finished(message, page=True, grown=visit.carries_fragment))
        if not rules.is_page(status, self._fields) or not visit.may_be_page:
            return self._send(self._finished(message, page=False))
        if body := self._opened(message["headers"]):
            self._start, self._body = message, body
            return _held()
        return self._send(self._finished(message, page=True))

    def _opened(self, headers: list[Header]) -> PageBody | CodedBody | None:
        """What looks into the body; ``None`` where nothing goes in and nothing depends on a look."""
        reports = self._visit.gatekeeper.reports
        name = rules.content_coding(headers) if b"content-encoding" in self._fields else ""
        if not self._visit.carries_fragment and (self._visit.is_paged or name or rules.is_private(headers)):
            return None
        kind = self._fields.get(b"content-type", b"")
        codec = codec_of(kind)
        if codec is None or (name and name not in CODINGS):
            reports.unreadable(repr(name) if name else repr(kind.decode("latin-1")))
            return None
        consent = self._visit.consent
        tags = ANY_TAGS
        if not POLICIES.isdisjoint(self._fields):
            tags = self._visit.gatekeeper.renderer.tags(headers, host=consent.host, base=consent.base)
        fragment, early = partial(self._visit.fragment, tags), self._visit.early(tags)
        if not name:
            return PageBody(fragment, codec, early)
        reports.opened(name)
        return CodedBody(fragment, codec, CODINGS[name], early)

    async def _read(self, message: Message) -> None:
        """A file that the server was to send: it is read here, a piece at a time."""
        async for piece, more in pieces(message):
            part: Message = {"type": "http.response.body", "body": piece, "more_body": more}
            if self._body is None:
                await self._send(part)
            else:
                await self._put(part, self._body)

    async def _put(self, message: Message, body: PageBody | CodedBody) -> None:
        chunk = bytes(message.get("body", b""))
        more = message.get("more_body", False)
        self._empty = self._empty and not chunk
        out = body.feed(chunk, final=not more)
        if not body.settled:
            return
        await self._release(body)
        if out or not more:
            await self._send({**message, "body": out})
        if body.done:
            self._body = None

    async def _release(self, body: PageBody | CodedBody) -> None:
        """Send the start that was held; its headers tell what becomes of the body."""
        start, self._start = self._start, None
        if start is None:
            return
        unseen = self._visit.is_head and self._empty
        page = body.is_page or unseen
        grown = page and self._visit.carries_fragment
        await self._send(self._finished(start, page=page, grown=grown, added=body.added))

    # --- headers ------------------------------------------------------------------------------

    def _finished(
        self, start: Message, *, page: bool, grown: bool = False, added: int | None = None
    ) -> Message:
        """The start with headers that are true of what follows and of whom it is for."""
        visit, fields, headers = self._visit, self._fields, start["headers"]
        self._rewritten = grown
        if grown:
            headers = rules.rewritten(headers, added=added)
        if (visit.asked or grown or (page and not visit.is_shared)) and not _DATED.isdisjoint(fields):
            headers = rules.varied(headers, visit.mark)
        if self._is_personal(headers, page=page):
            headers = self._private(headers, stored=not (visit.asked or grown))
        start["headers"] = headers
        return start

    def _private(self, headers: list[Header], *, stored: bool) -> list[Header]:
        return rules.kept_private(headers, stored=stored, on=self._visit.gatekeeper.vary)

    def _is_personal(self, headers: list[Header], *, page: bool) -> bool:
        """Whether other visitors may get another response, so that no shared cache may keep this one."""
        visit = self._visit
        if visit.is_shared:
            if visit.asked:
                visit.gatekeeper.reports.personal()
            return visit.asked or rules.sets_cookies(headers)
        if page or visit.asked or self._withheld:
            return True
        return bool(visit.consent.withheld) and not rules.is_public(headers)
