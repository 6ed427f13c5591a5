"""One visitor's standing during one request: asked by views, obeyed by the guard; knows only the scope."""

from collections.abc import Sequence
from urllib.parse import quote

from starlette.types import Scope

from consent.decision import Action, Decision
from consent.errors import ConsentError
from consent.gatekeeper import Gatekeeper, Outcome
from consent.gates.cookies import cookie_name, cookie_pairs
from consent.gates.expiry import Visited
from consent.gates.headers import Header
from consent.gates.origin import mount_of, requested_address, return_address
from consent.gates.representation import UNHEARD, request_wants_page
from consent.reader import NOT_KNOWN
from consent.registrar import Registrar
from consent.state import Consent, Verdict

KEY = "consent"
"""Where a request's consent stands: ``scope["state"]["consent"]``, ``request.state.consent``."""


class RequestConsent:
    """One visitor's standing during one request.

    ``standing`` is the immutable value. In templates: ``request.state.consent.allows("marketing")``.
    A response whose view asks depends on the visitor, and is kept private; who asks only after the
    response has begun asks too late for that.
    """

    # What few requests change stands here: setting all of it each time took a tenth of the layer's time.

    asked = False
    """Whether the app has asked for the standing."""
    withheld: Sequence[str] = ()
    """Names of cookies that the browser sent and the app was not shown."""
    shows_choices = False
    """Whether the page carries the controls itself, so that no banner goes in."""
    may_be_page = False
    """Whether an HTML page in answer is one of those that ask."""
    places_banner = False
    """Whether the site's template has put the banner where it wants it."""
    decided: Outcome | None = None
    """What a view decided during this request; it goes out with the response."""
    has_started = False
    """Whether the response is on its way, so that no cookie can be set any more."""
    base = ""
    """Where the site is mounted: empty, or a path. Mounts further in change the scope's own."""
    is_plain = True
    """Whether nothing in the request's headers is out of the ordinary: no condition, no signal."""
    is_paged = False
    """Whether the answer is shown as a page of its own, so that a banner belongs into it."""
    until = NOT_KNOWN
    """Until when the ``Cookie`` header comes to the same, as `Reader.read` tells."""
    _languages = b""
    _fields: dict[bytes, bytes] | None = None

    def __init__(self, gatekeeper: Gatekeeper, registrar: Registrar, scope: Scope, now: float) -> None:
        self.gatekeeper = gatekeeper
        self._registrar = registrar
        # What is needed of the scope, and not the scope itself, which holds this: no cycle is left behind.
        self.method: str = scope.get("method", "")
        self._path: str = scope["path"]
        self._written_path: bytes = scope.get("raw_path") or b""
        self._query: bytes = scope.get("query_string") or b""
        self.is_secure = secure = scope.get("scheme") in ("https", "wss")
        """Whether the browser speaks TLS, as far as the server knows."""
        self.sent: list[Header] = scope["headers"]
        """The request's headers as they came, before the read gate."""
        self.now = now
        """When the request came, in Unix seconds."""
        if root := scope.get("root_path"):
            self.base = mount_of(root)
        # One look at the headers settles who asks for what, as long as nothing special is among them.
        notable, signals = gatekeeper.notable, gatekeeper.hearing.headers
        cookie, single, shown = b"", not gatekeeper.hears_all, True
        for name, value in self.sent:
            if name not in notable:
                continue
            if name == b"sec-fetch-dest":
                shown = value == b"document"
            elif name == b"accept-language":
                self._languages = value
            elif name == b"cookie" and not cookie:
                cookie = value
            else:
                self.is_plain = False
                single = single and name in UNHEARD and name not in signals
        self.cookie = cookie
        """The first ``Cookie`` header."""
        self.is_shown = shown if self.is_plain else request_wants_page(self.fields)
        """Whether the answer will be shown as a page of its own, if it is one."""
        if single:
            self.peek, self.until = gatekeeper.reader.read(cookie, secure=secure, now=now)
        else:
            self.peek = gatekeeper.reader.standing(self.sent, secure=secure, now=now)
        """The standing, for code whose answer does not depend on it."""

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
        if not ruling.whole:
            raise ConsentError("The decision could not be recorded, so nothing was granted.")

    def cookies_for(self, outcome: Outcome, *, taken: frozenset[str] = frozenset()) -> list[Header]:
        """The signed answer, and an expiry for all that it no longer covers."""
        cookie = self.gatekeeper.set_cookie(outcome.answer, secure=self.is_secure).encode()
        gate = self.gatekeeper.cookies
        sent = [cookie_name(pair) for pair in cookie_pairs(self.sent)]
        gone = [
            name
            for name in (*sent, *gate.declared_names(outcome.lost))
            if name not in self.own_cookies and gate.withholds(name, outcome.consent, host=self.claimed_host)
        ]
        return [(b"set-cookie", cookie), *self._marker(outcome), *self.expiries(gone, taken=taken)]

    def _marker(self, outcome: Outcome) -> list[Header]:
        """What scripts may read of the answer, where pages are the same for all."""
        if self.gatekeeper.settings.cache != "shared":
            return []
        return [
            (b"set-cookie", self.gatekeeper.marker_cookie(outcome.answer, secure=self.is_secure).encode())
        ]

    def expiries(
        self, names: Sequence[str], *, taken: frozenset[str] = frozenset(), turn: int = 0
    ) -> list[Header]:
        """What deletes the declared ones among these cookies in this visitor's browser."""
        visited = Visited(host=self.host, path=self._path, secure=self.is_secure)
        headers = self.gatekeeper.expiry.headers(names, visited, taken=taken, turn=turn)
        self.gatekeeper.counts.expired(len(headers))
        return headers

    @property
    def links(self) -> list[Header]:
        """What documents say of our consent requests, where the site listens to ADPC. [ADPC, 7.1]"""
        gatekeeper = self.gatekeeper
        if gatekeeper.requests is None:
            return []
        address = quote(f"{self.settings_url}/requests.json", safe="/~")
        target = address if gatekeeper.catalogue.asked else "about:blank"
        return [(b"link", f'<{target}>; rel="consent-requests"'.encode())]

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
        return self.gatekeeper.own_cookies(secure=self.is_secure)

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

    @property
    def path(self) -> str:
        """`address` without its query, the same for every visitor."""
        return requested_address(self._raw_path) or f"{self.base}/"

    @property
    def _raw_path(self) -> bytes:
        return self._written_path or quote(self._path, safe="/:@!$&'()*+,;=~-._").encode()

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
