"""What a site's views and templates hold of the layer: this request's consent and our markup."""

from markupsafe import Markup
from starlette.requests import HTTPConnection

from consent.errors import ConsentError
from consent.request_consent import KEY, RequestConsent


def get_consent(connection: HTTPConnection) -> RequestConsent:
    """The consent of the visitor behind a request or a WebSocket.

    Raises `ConsentError` if no `ConsentMiddleware` stands outside this app.
    """
    found = connection.scope.get("state", {}).get(KEY)
    if not isinstance(found, RequestConsent):
        raise ConsentError("This request has no consent: ConsentMiddleware does not stand outside this app.")
    return found


def render_policy(
    connection: HTTPConnection,
    *,
    language: str | None = None,
    heading_level: int = 2,
    nonce: str | None = None,
) -> Markup:
    """The cookie policy with its controls, as a fragment for the site's own policy page.

    A page that carries it carries no banner: one consent surface is enough (R8). ``nonce`` is the
    one that the page's policy asks of stylesheets, if it does.
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
            nonce=nonce,
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


def render_calls(connection: HTTPConnection, *, nonce: str | None = None) -> Markup:
    """The script of the vendors' consent calls, to stand first in ``<head>``.

    Only where ``control`` is ``template``: otherwise it is in the page already, and this is empty. It is also
    empty as long as no service has a ``consent_call``.
    """
    consent = get_consent(connection)
    if consent.gatekeeper.settings.injects:
        return Markup()
    calls = consent.gatekeeper.renderer.calls(consent.standing, base=consent.base, nonce=nonce)
    return Markup(calls)  # noqa: S704  # our own template, which escapes what it is given


def render_script(connection: HTTPConnection, *, nonce: str | None = None) -> Markup:
    """Our script, which starts ``<script type="text/plain" data-consent="...">`` where consent allows."""
    consent = get_consent(connection)
    renderer = consent.gatekeeper.renderer
    if consent.gatekeeper.settings.cache == "shared":
        return Markup(renderer.shared_script(base=consent.base, nonce=nonce))  # noqa: S704  # as below
    script = renderer.script(consent.standing, base=consent.base, nonce=nonce)
    return Markup(script)  # noqa: S704  # our own template, which escapes what it is given
