"""What a site's views and templates hold of the layer: this request's consent and our markup."""

from collections.abc import Mapping
from typing import Any, Protocol

from markupsafe import Markup

from consent.embeds import embed_address, frame
from consent.errors import ConsentError
from consent.gates.elements import THUMBNAIL, Embed
from consent.gates.origin import local_address
from consent.gates.site_policy import Tags
from consent.gates.tags import MARK
from consent.request_consent import KEY, RequestConsent
from consent.seen import ConsentReport


class Connection(Protocol):
    """The request or the WebSocket of a framework: whatever holds its ASGI scope."""

    @property
    def scope(self) -> Any:
        """What the server said of the request."""


def get_consent(connection: Connection) -> RequestConsent:
    """The consent of the visitor behind a request or a WebSocket.

    Raises `ConsentError` if no `ConsentMiddleware` stands outside this app.
    """
    found = connection.scope.get("state", {}).get(KEY)
    if not isinstance(found, RequestConsent):
        raise ConsentError(
            "This request has no consent: ConsentMiddleware does not stand outside this app; add it with "
            "app.add_middleware(ConsentMiddleware, settings=settings), or wrap the app: "
            "ConsentMiddleware(app, settings=settings)."
        )
    return found


def consent_report(connection: Connection) -> ConsentReport:
    """Which cookies and hosts were seen that nobody declares, and which declared cookies were not (R48).

    For views of the site's own, who see to it that only the owner reads it. Raises `ConsentError` if
    `ConsentMiddleware` was not given a ``may_report``: without it nothing is watched.
    """
    consent = get_consent(connection)
    gatekeeper = consent.gatekeeper
    if gatekeeper.sightings is None:
        raise ConsentError("Nothing is watched here: ConsentMiddleware has no 'may_report'.")
    hosts = gatekeeper.host_reports if gatekeeper.policies.is_on else None
    return gatekeeper.sightings.report(hosts, host=consent.host)


def render_policy(
    connection: Connection,
    *,
    language: str | None = None,
    heading_level: int = 2,
    nonce: str | None = None,
) -> Markup:
    """The cookie policy with its controls, as a fragment for the site's own policy page.

    A page that carries it carries no banner: one consent surface is enough (R8). ``nonce`` is the
    one that the page's policy asks of stylesheets, if it does. Raises `ConsentError` after `render_banner`.
    """
    consent = get_consent(connection)
    if consent.places_banner:
        raise ConsentError("The banner stands in this page already; leave it out of the one with the policy.")
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


def render_banner(connection: Connection, *, language: str | None = None, nonce: str | None = None) -> Markup:
    """The banner, for sites that place it themselves; everywhere else it stands first in ``<body>``.

    With it comes whatever else the layer would put there: the confirmation of a decision and, unless
    ``control`` is ``template``, the link and the script. It is empty where none would go in: in a part of a
    page, on an excluded path, beside the policy, and the second time (R8). ``nonce`` is the one that the
    page's own policy asks of stylesheets and scripts, if it does; pages that are the same for all have none.
    """
    consent = get_consent(connection)
    if not consent.is_paged or consent.shows_choices or consent.places_banner:
        return Markup()
    consent.places_banner = True
    gatekeeper = consent.gatekeeper
    place: Any = {"language": consent.shown_language(language), "base": consent.base}
    if gatekeeper.settings.cache == "shared":
        shared = gatekeeper.fragments.shared(return_to=consent.path, **place)
        return Markup(shared)  # noqa: S704  # our own templates, which escape what they are given
    tags = Tags(script_nonce=nonce, style_nonce=nonce)
    place |= {"return_to": consent.address, "now": consent.now, "tags": tags}
    personal = gatekeeper.fragments.personal(consent.standing, **place)
    return Markup(personal)  # noqa: S704  # as above


def render_link(connection: Connection, *, language: str | None = None) -> Markup:
    """The link with which visitors change their mind, for the footer of every page (R17)."""
    consent = get_consent(connection)
    shared = consent.gatekeeper.settings.cache == "shared"
    link = consent.gatekeeper.renderer.link(
        language=consent.shown_language(language),
        base=consent.base,
        return_to=consent.path if shared else consent.address,
    )
    return Markup(link)  # noqa: S704  # our own template, which escapes what it is given


def render_embed(  # noqa: PLR0913  # what a frame has
    connection: Connection,
    service: str,
    address: str,
    *,
    title: str,
    width: int = 560,
    height: int = 315,
    thumbnail: str | None = None,
    nonce: str | None = None,
    attributes: Mapping[str, str | int | bool] | None = None,
) -> Markup:
    """A frame from ``service`` for who has agreed to it; for others a placeholder of its size.

    ``width`` and ``height`` are CSS pixels, ``thumbnail`` is the local address of a picture to show in the
    placeholder, ``attributes`` are more of the frame's own, such as ``allow``. Raises `ConsentError` for a
    service or an address that is not declared, and for a thumbnail that is not local.
    """
    consent = get_consent(connection)
    found = consent.gatekeeper.catalogue.service(service)
    if found is None:
        raise ConsentError(f"{service!r} was to be embedded; the settings declare no such service.")
    if thumbnail is not None and local_address(thumbnail) is None:
        raise ConsentError(
            f"The thumbnail came as {thumbnail!r}; allowed is a local address such as '/a.jpg'."
        )
    written: dict[str, str | int | bool] = {"title": title, "width": width, "height": height}
    written |= {
        "loading": "lazy",
        "allowfullscreen": True,
        THUMBNAIL: thumbnail or False,
        **(attributes or {}),
    }
    shown = frame(at := embed_address(found, address), written)
    settings = consent.gatekeeper.settings
    is_shared = settings.cache == "shared"
    if settings.gate_markup or (not is_shared and consent.allows(service)):
        return shown  # the gate puts the placeholder where it belongs
    embed = Embed(
        kind="iframe",
        services=frozenset({service}),
        address=at,
        title=title,
        width=str(width),
        height=str(height),
        thumbnail=thumbnail or "",
    )
    waiting = Markup('<template data-cst-embed {}="{}">{}</template>').format(MARK, service, shown)
    return _placeholder(consent, embed, nonce=nonce) + waiting


def _placeholder(consent: RequestConsent, embed: Embed, *, nonce: str | None) -> Markup:
    is_shared = consent.gatekeeper.settings.cache == "shared"
    html = consent.gatekeeper.renderer.placeholder(
        embed,
        language=consent.shown_language(),
        base=consent.base,
        return_to=consent.path if is_shared else consent.address,
        nonce=nonce,
    )
    return Markup(html)  # noqa: S704  # our own template, which escapes what it is given


def render_calls(connection: Connection, *, nonce: str | None = None) -> Markup:
    """The script of the vendors' consent calls, to stand first in ``<head>``.

    Only where ``control`` is ``template``: otherwise it is in the page already, and this is empty. It is also
    empty as long as no service has a ``consent_call``.
    """
    consent = get_consent(connection)
    if consent.gatekeeper.settings.injects:
        return Markup()
    calls = consent.gatekeeper.renderer.calls(consent.standing, base=consent.base, nonce=nonce)
    return Markup(calls)  # noqa: S704  # our own template, which escapes what it is given


def render_script(connection: Connection, *, nonce: str | None = None) -> Markup:
    """Our script, which starts ``<script type="text/plain" data-consent="...">`` where consent allows."""
    consent = get_consent(connection)
    renderer = consent.gatekeeper.renderer
    if consent.gatekeeper.settings.cache == "shared":
        return Markup(renderer.shared_script(base=consent.base, nonce=nonce))  # noqa: S704  # as below
    script = renderer.script(consent.standing, base=consent.base, nonce=nonce)
    return Markup(script)  # noqa: S704  # our own template, which escapes what it is given
