"""What a site's views and templates hold of the layer: this request's consent and our markup."""

from markupsafe import Markup
from starlette.requests import HTTPConnection
from starlette.types import Scope

from consent.errors import ConsentError
from consent.gatekeeper import Gatekeeper
from consent.gates.headers import Header
from consent.state import Consent, Verdict

KEY = "consent"
"""Where a request's consent stands: ``scope["state"]["consent"]``, ``request.state.consent``."""


class RequestConsent:
    """One visitor's standing during one request.

    ``standing`` is the immutable value. In templates: ``request.state.consent.allows("marketing")``.
    A response whose view asks depends on the visitor, and is kept private; who asks only after the
    response has begun asks too late for that.
    """

    __slots__ = ("_scope", "asked", "base", "gatekeeper", "peek", "shows_choices", "withheld")

    def __init__(self, gatekeeper: Gatekeeper, scope: Scope, now: float) -> None:
        self.gatekeeper = gatekeeper
        self._scope = scope
        self.base: str = scope.get("root_path", "").rstrip("/")
        """Where the site is mounted: empty, or a path. Mounts further in change the scope's own."""
        self.peek: Consent = gatekeeper.standing(scope["headers"], secure=self.is_secure, now=now)
        """The standing, for code whose answer does not depend on it."""
        self.asked = False
        """Whether the app has asked for the standing."""
        self.withheld: list[str] = []
        """Names of cookies that the browser sent and the app was not shown."""
        self.shows_choices = False
        """Whether the page carries the controls itself, so that no banner goes in."""

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

    @property
    def host(self) -> str:
        """The host that the browser asked, with its port if it named one."""
        return header(self._scope["headers"], b"host") or ""

    @property
    def is_secure(self) -> bool:
        """Whether the browser speaks TLS, as far as the server knows."""
        return self._scope.get("scheme") in ("https", "wss")

    @property
    def settings_url(self) -> str:
        """The address at which visitors change their mind."""
        return self.base + self.gatekeeper.settings.path

    @property
    def address(self) -> str:
        """The address of the request itself, to come back to."""
        query = self._scope.get("query_string", b"").decode("latin-1")
        return f"{self.path}?{query}" if query else self.path

    @property
    def path(self) -> str:
        """The address of the request without its query."""
        path: str = self._scope.get("raw_path", b"").decode("latin-1") or self._scope["path"]
        return path

    def language(self, page_language: str | None = None) -> str:
        """The language of our texts: the setting, else the page's, else one that the visitor reads."""
        settings, languages = self.gatekeeper.settings, self.gatekeeper.renderer.languages
        accepted = header(self._scope["headers"], b"accept-language")
        return languages.negotiate(accepted, settings.language or page_language)

    def shown_language(self, page_language: str | None = None) -> str:
        """The language of what stands in pages; where these are the same for all, no visitor's own."""
        settings, languages = self.gatekeeper.settings, self.gatekeeper.renderer.languages
        if settings.cache == "shared":
            return languages.negotiate(None, settings.language or page_language)
        return self.language(page_language)


def header(headers: list[Header], name: bytes) -> str | None:
    """The first value of a request's header, or ``None``."""
    return next((value.decode("latin-1") for key, value in headers if key == name), None)


def get_consent(connection: HTTPConnection) -> RequestConsent:
    """The consent of the visitor behind a request or a WebSocket.

    Raises `ConsentError` if no `ConsentMiddleware` stands outside this app.
    """
    found = connection.scope.get("state", {}).get(KEY)
    if not isinstance(found, RequestConsent):
        raise ConsentError("This request has no consent: ConsentMiddleware does not stand outside this app.")
    return found


def render_policy(
    connection: HTTPConnection, *, language: str | None = None, heading_level: int = 2
) -> Markup:
    """The cookie policy with its controls, as a fragment for the site's own policy page.

    A page that carries it carries no banner: one consent surface is enough (R8).
    """
    consent = get_consent(connection)
    consent.shows_choices = True
    return Markup(  # noqa: S704  # our own template, which escapes what it is given
        consent.gatekeeper.renderer.policy(
            consent.standing,
            language=consent.language(language),
            base=consent.base,
            return_to=consent.address,
            heading_level=heading_level,
        )
    )


def render_link(connection: HTTPConnection, *, language: str | None = None) -> Markup:
    """The link with which visitors change their mind, for the footer of every page (R17)."""
    consent = get_consent(connection)
    shared = consent.gatekeeper.settings.cache == "shared"
    link = consent.gatekeeper.renderer.link(
        language=consent.shown_language(language),
        base=consent.base,
        return_to=consent.path if shared else consent.address,
    )
    return Markup(link)  # noqa: S704  # our own template, which escapes what it is given


def render_script(connection: HTTPConnection, *, nonce: str | None = None) -> Markup:
    """Our script, which starts ``<script type="text/plain" data-consent="...">`` where consent allows."""
    consent = get_consent(connection)
    renderer = consent.gatekeeper.renderer
    if consent.gatekeeper.settings.cache == "shared":
        return Markup(renderer.shared_script(base=consent.base, nonce=nonce))  # noqa: S704  # as below
    script = renderer.script(consent.standing, base=consent.base, nonce=nonce)
    return Markup(script)  # noqa: S704  # our own template, which escapes what it is given
