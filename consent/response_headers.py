"""What becomes of the headers of one response; knows no message and sends nothing."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from consent.gates import representation as rules
from consent.gates.csp import is_document
from consent.gates.headers import Header
from consent.outgoing import cookies_for, expiries
from consent.visit import Visit

_NOTHING: Final = frozenset[str]()
_NO_FIELDS: Final[Mapping[bytes, bytes]] = MappingProxyType({})


class ResponseHeaders(Visit):
    """The write gate and the policy gate, and what a response says of whom it is for."""

    __slots__ = ("_fields", "_grown", "_kind", "_plain", "_withheld")

    _fields: Mapping[bytes, bytes]
    """The headers by their names in lower case, each with its last value; none where all are plain."""
    _kind: bytes
    """The ``Content-Type``."""
    _plain: bool
    """Whether nothing in the headers needs a second look, neither the app's nor ours."""
    _grown: bool
    _withheld: bool

    def _gated(self, given: Iterable[Header]) -> list[Header]:
        """The write gate, what a view decided, and expiries of what the browser holds without consent."""
        consent = self.consent
        consent.has_started = True
        headers = given if type(given) is list else [*given]
        kind, plain = b"", True
        for name, value in headers:
            if name == b"content-type":
                kind = value
            elif name not in rules.PLAIN:
                plain = False
        self._plain = plain
        # Most have nothing else: they are spared a dictionary, 2,500 instructions.
        self._fields = fields = _NO_FIELDS if plain else {name.lower(): value for name, value in headers}
        self._kind = kind if plain else fields.get(b"content-type", b"")
        if consent.withheld or consent.decided is not None or b"set-cookie" in fields:
            return self._cookies(headers)
        return headers

    def _cookies(self, headers: list[Header]) -> list[Header]:
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

    def _unpaged(self, status: int, headers: list[Header]) -> list[Header]:
        """The headers of what is no page."""
        consent = self.consent
        if self.gatekeeper.is_policed:
            headers = self._policed(status, headers)
        if status == 304 and consent.conditioned:
            return self._finished(headers, page=True, grown=self.carries())
        if consent.asked or consent.withheld or b"set-cookie" in self._fields:
            return self._finished(headers, page=False)
        return headers

    def _finished(
        self, headers: list[Header], *, page: bool, grown: bool = False, added: int | None = None
    ) -> list[Header]:
        """Headers that are true of what follows and of whom it is for."""
        fields, gatekeeper = self._fields, self.gatekeeper
        if grown:
            self._grown = True
            if self._plain and added is not None:
                headers = rules.lengthened(headers, added)
            else:
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
