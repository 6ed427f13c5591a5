"""One visitor's standing during one request: asked by views, obeyed by the guard; knows only the scope."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from starlette.types import Scope

from consent.decision import Action, Decision
from consent.errors import ConsentError
from consent.gatekeeper import Gatekeeper, Outcome
from consent.gates.headers import Header
from consent.gates.origin import mount_of, requested_address, return_address
from consent.gates.representation import UNHEARD, request_wants_page
from consent.reader import NOT_KNOWN, told_until
from consent.registrar import Registrar
from consent.state import ANSWER, Consent, Verdict

_SECURE: Final = frozenset({"https", "wss"})

KEY = "consent"
"""Where a request's consent stands: ``scope["state"]["consent"]``, ``request.state.consent``."""


class RequestConsent:
    """One visitor's standing during one request.

    ``standing`` is the immutable value. In templates: ``request.state.consent.allows("marketing")``.
    A response whose view asks depends on the visitor, and is kept private; who asks only after the
    response has begun asks too late for that.
    """

    # Slots, since what stands in the class is looked up slowly: 3,000 instructions a page.
    __slots__ = {
        "_fields": "",
        "_languages": "",
        "_query": "",
        "_registrar": "",
        "_written_path": "",
        "asked": "Whether the app has asked for the standing.",
        "asked_path": "The path of the request, without its escapes.",
        "base": "Where the site is mounted: empty, or a path. Mounts further in change the scope's own.",
        "conditioned": "Whether the request named a response that depended on consent.",
        "cookie": "The first ``Cookie`` header.",
        "decided": "What a view decided during this request; it goes out with the response.",
        "gatekeeper": "What the site's settings come to.",
        "has_started": "Whether the response is on its way, so that no cookie can be set any more.",
        "is_paged": "Whether the answer is shown as a page of its own, so that a banner belongs into it.",
        "is_plain": "Whether no header of the request is out of the ordinary: no condition, no signal.",
        "is_secure": "Whether the browser speaks TLS, as far as the server knows.",
        "is_shown": "Whether the answer will be shown as a page of its own, if it is one.",
        "is_single": "Whether at most the one ``Cookie`` header tells of the standing.",
        "may_be_page": "Whether an HTML page in answer is one of those that ask.",
        "method": "The request's method; empty for a WebSocket.",
        "now": "When the request came, in Unix seconds.",
        "peek": "The standing, for code whose answer does not depend on it.",
        "places_banner": "Whether the site's template has put the banner where it wants it.",
        "sent": "The request's headers as they came, before the read gate.",
        "shows_choices": "Whether the page carries the controls itself, so that no banner goes in.",
        "told_until": "Until when pages have something to tell this visitor, as `reader.told_until` says.",
        "until": "Until when the ``Cookie`` header comes to the same, as `Reader.read` tells.",
        "withheld": "Names of cookies that the browser sent and the app was not shown.",
    }

    def __init__(self, gatekeeper: Gatekeeper, registrar: Registrar, scope: Scope, now: float) -> None:
        self.gatekeeper = gatekeeper
        self._registrar = registrar
        self.now = now
        # What is needed of the scope, and not the scope itself, which holds this: no cycle is left behind.
        self.method: str = scope.get("method", "")
        self.asked_path: str = scope["path"]
        self._written_path: bytes | None = scope.get("raw_path")
        self._query: bytes = scope.get("query_string") or b""
        self.is_secure = secure = scope.get("scheme") in _SECURE
        self.sent: list[Header] = scope["headers"]
        root = scope.get("root_path")
        self.base = mount_of(root) if root else ""
        self.asked = self.conditioned = self.has_started = self.places_banner = self.shows_choices = False
        self.decided: Outcome | None = None
        self.withheld: Sequence[str] = ()
        self._fields: dict[bytes, bytes] | None = None
        self._look(gatekeeper)
        self.may_be_page = paged = self.method in gatekeeper.page_methods
        self.is_paged = paged and (self.is_shown or gatekeeper.is_shared)
        if self.is_single:
            self.peek, self.until, self.told_until = gatekeeper.readers[secure].read(self.cookie, now)
        else:
            self.peek, self.until = gatekeeper.readers[secure].standing(self.sent, now), NOT_KNOWN
            self.told_until = told_until(self.peek)

    def _look(self, gatekeeper: Gatekeeper) -> None:
        """One look at the headers settles who asks for what, as long as nothing special is among them."""
        notable, signals = gatekeeper.notable, gatekeeper.hearing.headers
        cookie, languages, plain, shown, single = b"", b"", True, True, not gatekeeper.hears_all
        for name, value in self.sent:
            if name not in notable:
                continue
            if name == b"sec-fetch-dest":
                shown = value == b"document"
            elif name == b"accept-language":
                languages = value
            elif name == b"cookie" and not cookie:
                cookie = value
            else:
                plain = False
                single = single and name in UNHEARD and name not in signals
        self.cookie, self._languages, self.is_plain, self.is_single = cookie, languages, plain, single
        self.is_shown = shown if plain else request_wants_page(self.fields)

    def asks_nothing(self) -> None:
        """Nothing of ours goes into the answer, page or not."""
        self.may_be_page = self.is_paged = False

    @property
    def fields(self) -> dict[bytes, bytes]:
        """The request's headers by name: put together only where it is asked for, which saves 0.6 us."""
        if self._fields is None:
            self._fields = dict(self.sent)
        return self._fields

    @property
    def standing(self) -> Consent:
        """What this visitor has granted and denied."""
        self.asked = True
        return self.peek

    def allows(self, name: str) -> bool:
        """Whether the category or service ``name`` is granted; an unknown one never is."""
        return self.standing.allows(name)

    def verdict(self, name: str) -> Verdict:
        """Whether the category or service ``name`` is granted, denied or undecided."""
        return self.standing.verdict(name)

    async def grant(self, *names: str) -> None:
        """Grant categories or services, as the visitor just asked in a form of the site's own.

        Recorded before it counts; the cookie goes out with this very response, and `allows` says so at
        once. Granting what is granted does nothing. Raises `ConsentError` once the response has
        started, for an unknown name, and if the decision cannot be recorded.
        """
        await self._decide(names, self.standing.granted.union(names))

    async def withdraw(self, *names: str) -> None:
        """Take back categories or services, or with no name everything; the cookies go at once.

        Raises `ConsentError` once the response has started and for an unknown name.
        """
        catalogue = self.gatekeeper.catalogue
        lost = catalogue.expanded(frozenset(names)) | catalogue.categories_of(names)
        await self._decide(names, self.standing.granted - lost if names else frozenset())

    async def _decide(self, names: tuple[str, ...], granted: frozenset[str]) -> None:
        catalogue = self.gatekeeper.catalogue
        if self.has_started:
            raise ConsentError("The response has started: consent can only be changed before it does.")
        if unknown := sorted(set(names) - catalogue.ids):
            raise ConsentError(f"{unknown[0]!r} is neither a category nor a service of this site.")
        asked = catalogue.categories_of(names) if names else None
        decision = Decision(action=Action.SAVE, method="view", granted=granted, asked=asked)
        before = self.peek
        outcome = self._registrar.outcome(decision, before, self.language())
        if not outcome.changes:
            return
        ruling = await self._registrar.rule(outcome, decision, before)
        if ruling.outcome is not None:
            self.decided, self.peek = ruling.outcome, ruling.outcome.consent
            self.told_until = told_until(self.peek)
        if not ruling.whole:
            raise ConsentError("The decision could not be recorded, so nothing was granted.")

    def _field(self, name: bytes) -> str:
        return self.fields.get(name, b"").decode("latin-1")

    @property
    def host(self) -> str:
        """The host that the browser asked, with its port if it named one."""
        return self._field(b"host")

    @property
    def claimed_host(self) -> str:
        """`host` where it matters to some declared cookie; else nothing, to save the look."""
        return self.host if self.gatekeeper.catalogue.differs_by_host else ""

    @property
    def own_cookies(self) -> tuple[str, ...]:
        """What the layer's cookies are called here."""
        return self.gatekeeper.own[self.is_secure]

    @property
    def settings_url(self) -> str:
        """The address at which visitors change their mind."""
        return self.base + self.gatekeeper.settings.path

    @property
    def address(self) -> str:
        """Where the visitor goes on after a decision: here, or where a form on this page was sent from."""
        if self.method == "POST":
            sent = {"host": self._field(b"host"), "referer": self._field(b"referer")}
            return return_address(None, sent) or f"{self.base}/"
        return requested_address(self._raw_path, self._query) or f"{self.base}/"

    def place(self, language: str | None, codec: str) -> tuple[object, ...]:
        """All that our part of a page depends on which was asked for by GET."""
        fresh = not self.peek.undecided and self.now < self.told_until
        path = self._written_path or self.asked_path
        return (self.peek[:ANSWER], fresh, self.base, self._languages, path, self._query, language, codec)

    @property
    def path(self) -> str:
        """`address` without its query, the same for every visitor."""
        return requested_address(self._raw_path) or f"{self.base}/"

    @property
    def _raw_path(self) -> bytes:
        return self._written_path or quote(self.asked_path, safe="/:@!$&'()*+,;=~-._").encode()

    def language(self, page_language: str | None = None) -> str:
        """The language of our texts: the setting, else the page's, else one that the visitor reads."""
        settings, languages = self.gatekeeper.settings, self.gatekeeper.renderer.languages
        accepted = self._languages.decode("latin-1")
        return languages.negotiate(accepted, settings.language or page_language)

    def shown_language(self, page_language: str | None = None) -> str:
        """The language of what stands in pages; where these are the same for all, no visitor's own."""
        if not self.gatekeeper.is_shared:
            return self.language(page_language)
        settings, languages = self.gatekeeper.settings, self.gatekeeper.renderer.languages
        return languages.negotiate(None, settings.language or page_language)
