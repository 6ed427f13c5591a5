"""Stands between the app and the server for one response; knows ASGI, and leaves every rule to others."""

from functools import partial
from typing import Final

from anyio import Path as AsyncPath
from starlette.types import Message, Scope, Send

from consent.gates.csp import is_document, wants_document
from consent.gates.headers import Header
from consent.gates.insertion import Insertion
from consent.gates.representation import codec_of, is_page, is_public, kept_private, rewritten
from consent.gates.site_policy import Tags
from consent.visit import RequestConsent

_STARTS: Final = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})
"""Messages whose headers can set cookies."""


class ResponseGuard:
    """One response: its ``__call__`` is the app's ``send``.

    The start of a page is held until it is known what goes into the page, which the first bytes of
    its body tell; every other message is given on as it comes.
    """

    def __init__(self, send: Send, scope: Scope, visit: RequestConsent, *, paged: bool, now: float) -> None:
        self._send = send
        self._scope = scope
        self._visit = visit
        self._paged = paged
        self._now = now
        self._start: Message | None = None
        self._insertion: Insertion | None = None
        self._codec = "ascii"

    async def __call__(self, message: Message) -> None:
        """Take one message from the app."""
        kind = message["type"]
        if kind in _STARTS:
            self._visit.has_started = True
            message = {**message, "headers": self._gated([*message.get("headers", ())])}
        if kind == "http.response.start":
            await self._begin(self._policed(message))
        elif self._insertion is not None and kind == "http.response.body":
            await self._insert(message, self._insertion)
        elif self._insertion is not None and kind == "http.response.pathsend":
            body = await AsyncPath(message["path"]).read_bytes()
            await self._insert({"type": "http.response.body", "body": body}, self._insertion)
        else:
            self._insertion = None
            await self._release(None)
            await self._send(message)

    def _gated(self, headers: list[Header]) -> list[Header]:
        """The write gate, what a view decided, and expiries of what the browser holds without consent."""
        visit = self._visit
        kept, taken = visit.gatekeeper.cookies.filter_response(
            headers, visit.standing, self._now, own=visit.own_cookie
        )
        if visit.decided is not None:
            kept += visit.cookies_for(visit.decided, taken=taken)
            return kept_private(kept, stored=False)
        if visit.withheld and not is_public(headers):
            kept += visit.expiries(visit.withheld, taken=taken, turn=int(self._now * 1000))
        return kept

    def _policed(self, message: Message) -> Message:
        """The policy gate: one more policy for a document, beside those that the site sends."""
        visit, headers = self._visit, message["headers"]
        policies = visit.gatekeeper.policies
        if not policies.is_on or not is_document(message["status"], headers):
            return message
        if not wants_document(self._scope["headers"]):
            return message
        policy = policies.header(visit.standing, base=visit.base)
        return {**message, "headers": [*kept_private(headers, stored=True), policy]}

    async def _begin(self, message: Message) -> None:
        headers = message["headers"]
        if not self._paged or not is_page(message["status"], headers):
            await self._send(message)
            return
        codec = codec_of(headers)
        if codec is None or not self._has_something_to_insert():
            await self._send({**message, "headers": kept_private(headers, stored=True)})
        elif self._scope["method"] == "HEAD":
            await self._send({**message, "headers": self._headers_of_rewritten(headers, None)})
        else:
            self._start, self._codec, self._insertion = message, codec, self._insertion_into(headers)

    def _has_something_to_insert(self) -> bool:
        visit = self._visit
        if visit.shows_choices:
            return False
        return visit.gatekeeper.has_fragment(visit.standing, now=self._now)

    def _insertion_into(self, headers: list[Header]) -> Insertion:
        tags = self._visit.gatekeeper.renderer.tags(headers, host=self._visit.host, base=self._visit.base)
        return Insertion(partial(self._fragment, tags))

    def _fragment(self, tags: Tags, page_language: str | None) -> bytes:
        visit = self._visit
        fragment = visit.gatekeeper.fragment(
            visit.standing,
            language=visit.language(page_language),
            base=visit.base,
            return_to=visit.address,
            now=self._now,
            tags=tags,
        )
        return fragment.encode(self._codec, "xmlcharrefreplace")

    async def _insert(self, message: Message, insertion: Insertion) -> None:
        final = not message.get("more_body", False)
        body = insertion.feed(bytes(message.get("body", b"")), final=final)
        if not insertion.settled:
            return
        await self._release(insertion.fragment)
        await self._send({**message, "body": body})
        if insertion.done:
            self._insertion = None

    async def _release(self, fragment: bytes | None) -> None:
        """Send the start that was held; its headers tell what became of the body."""
        start, self._start = self._start, None
        if start is None:
            return
        if fragment is None:
            headers = kept_private(start["headers"], stored=True)
        else:
            headers = self._headers_of_rewritten(start["headers"], len(fragment))
        await self._send({**start, "headers": headers})

    def _headers_of_rewritten(self, headers: list[Header], added: int | None) -> list[Header]:
        return kept_private(rewritten(headers, added=added), stored=False)
