"""For each case of the regulator suite a tiny site on which it fails, broken as real ones are."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consent import Category, Verdict, get_consent
from tests.broken.apps import _with_tick, _without_reject
from tests.broken.proxies import KeepsCookie, LeavesCookie, RewritesPages
from tests.sites import PAGE, categories, cookie, service, site


def page_with(markup: str) -> Callable[[Request], Any]:
    async def page(request: Request) -> Response:
        return HTMLResponse(PAGE.replace("</body>", f"{markup}</body>"))

    return page


def site_with(markup: str, **values: Any) -> ASGIApp:
    """A site whose only page holds this markup."""
    return site(Route("/", page_with(markup)), **values)


def with_category(identifier: str, **changes: Any) -> ASGIApp:
    """A site of which one category is declared otherwise."""
    declared = [replace(c, **changes) if c.id == identifier else c for c in categories()]
    return site(categories=declared)


def rewritten(pattern: str, replacement: str, app: ASGIApp | None = None) -> ASGIApp:
    """A site behind something that rewrites its pages."""
    return RewritesPages(app or site(), lambda page: re.sub(pattern, replacement, page, flags=re.DOTALL))


class SpeaksForOthers:
    """A proxy that changes what visitors send or what they are answered, header by header."""

    def __init__(self, app: ASGIApp, *, drops: bytes = b"", loses: bytes = b"") -> None:
        self.app, self.drops, self.loses = app, drops, loses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["headers"] = [header for header in scope["headers"] if header[0] != self.loses]

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and self.drops:
                kept = [header for header in message["headers"] if not header[1].startswith(self.drops)]
                message = {**message, "headers": kept}
            await send(message)

        await self.app(scope, receive, sending)


class CountsTheDecided:
    """Something in front that takes 'has decided' for 'has agreed'."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        decided = b"consent=" in dict(scope.get("headers", ())).get(b"cookie", b"")
        await (LeavesCookie(self.app, "counted") if decided else self.app)(scope, receive, send)


async def walled(request: Request) -> Response:
    """A page that answers with less to who has refused."""
    if get_consent(request).verdict("marketing") is Verdict.DENIED:
        return HTMLResponse(PAGE, status_code=402)
    return HTMLResponse(PAGE)


async def shortened(request: Request) -> Response:
    denied = get_consent(request).verdict("marketing") is Verdict.DENIED
    return HTMLResponse(PAGE.replace("Hello", "Pay." if denied else "A long story. " * 20))


async def sheet(request: Request) -> Response:
    return PlainTextResponse("@import 'https://fonts.googleapis.com/css2?family=A';", media_type="text/css")


def _swapped(page: str) -> str:
    return (
        page.replace('value="accept"', "%")
        .replace('value="reject"', 'value="accept"')
        .replace("%", 'value="reject"')
    )


def _shared() -> list[Category]:
    """`_ga` serves analytics and marketing."""
    ads = Category(id="marketing", services=[service("ads", "_ga", hosts=["ads.example"])])
    return [*categories()[:3], ads]


def _tracking() -> list[Category]:
    login = service("login", "_ga", third_party=False, justification="We want it.", override="We do.")
    return [Category(id="necessary", services=[login]), *categories()[1:]]


TAG = '<script src="https://www.googletagmanager.com/gtm.js?id=GTM-1"></script>'
FONT = '<link rel="stylesheet" href="https://fonts.googleapis.com/css2?family=A">'

FAULTY: Mapping[str, list[Callable[[], ASGIApp]]] = {
    "no_cookie_on_arrival": [lambda: LeavesCookie(site(), "visitor"), lambda: LeavesCookie(site(), "_ga")],
    "refuse_expires_every_declared_cookie": [lambda: KeepsCookie(site(), "_ga_1")],
    "reject_in_one_click": [
        lambda: RewritesPages(site(), _without_reject),
        lambda: rewritten(r'value="accept"', 'value="ok"'),
        lambda: SpeaksForOthers(site(), drops=b"__Host-consent"),
        lambda: site(exclude=["/"]),
    ],
    "label_matches_effect": [
        lambda: rewritten("Reject all</button>", "Got it</button>"),
        lambda: rewritten("Accept all</button>", "*</button>"),
        lambda: RewritesPages(site(), _swapped),
        lambda: SpeaksForOthers(site(), drops=b"__Host-consent"),
    ],
    "multi_purpose_cookie_needs_all": [
        lambda: KeepsCookie(site(categories=_shared()), "_ga"),
        lambda: rewritten('type="checkbox"', 'type="text"', site(categories=_shared())),
    ],
    "vague_purposes_refused": [
        lambda: with_category("marketing", purpose="Improves your experience on this site."),
        lambda: with_category("marketing", services=[service("ads", cookie("IDE", purpose={"de": "Verbessert die Seite."}))]),
    ],
    "third_party_tags_absent_until_consent": [
        lambda: site_with('<img src="https://ads.example/1.gif">'),
        lambda: site_with('<iframe srcdoc="" src="//video.other.example/1"></iframe>'),
        lambda: site_with('<script>load("stats.example")</script>'),
        lambda: site_with('<p style="background: url(https://ads.example/1.gif)">'),
        lambda: site_with('<img srcset="/1.gif 1x, https://ads.example/2.gif 2x">'),
        lambda: site_with("<style>p { background: url('https://ads.example/1.gif') }</style>"),
    ],
    "reject_then_five_pages_nothing_new": [lambda: CountsTheDecided(site())],
    "withdrawal_deletes_ids_and_notifies": [
        lambda: KeepsCookie(site(), "IDE"),
        lambda: rewritten('value="withdraw"', 'value="stay"'),
        lambda: rewritten('value="withdraw"', 'value="accept" data-was="withdraw"') ,
    ],
    "save_with_nothing_ticked_is_refusal": [
        lambda: RewritesPages(site(), _with_tick),
        lambda: rewritten('type="checkbox"', 'type="text"'),
        lambda: rewritten('value="save"', 'value="accept" data-was="save"'),
    ],
    "withdrawal_has_no_penalty": [lambda: site(Route("/", walled)), lambda: site(Route("/", shortened))],
    "request_cookies_filtered_after_withdrawal": [lambda: site(exclude=["/"], gate_excluded=False)],
    "advertising_purpose_named": [lambda: with_category("marketing", name="Partners", purpose="Pays for all this.")],
    "one_consent_surface": [
        lambda: site_with('<script src="https://cdn.cookielaw.org/otSDKStub.js"></script>'),
        lambda: rewritten("<body[^>]*>(.*?</form>)", r"<body>\1<form method=post><button name=action value=accept>Yes</button></form>"),
    ],
    "second_layer_lists_third_parties": [lambda: rewritten("Heatmap Ltd", "somebody")],
    "inline_controls_symmetric_too": [
        lambda: site_with('<form method="post" action="/consent"><button name="action" value="accept">Yes</button></form>'),
        lambda: rewritten('class="cst-button" type="submit" name="action" value="reject"', 'class="small" type="submit" name="action" value="reject"'),
    ],
    "necessary_needs_justification": [lambda: site(categories=_tracking())],
    "no_re_prompt_after_refusal": [lambda: SpeaksForOthers(site(), drops=b"__Host-consent")],
    "partner_count_on_first_layer": [lambda: rewritten("3 partners are involved", "Partners are involved")],
    "tag_manager_gated": [lambda: site_with(TAG)],
    "equal_computed_style": [],  # seen by browsers alone
    "withdraw_clicks_at_most_accept_clicks_plus_one": [
        lambda: site(control="template"),
        lambda: rewritten('value="withdraw"', 'value="stay"'),
    ],
    "no_legitimate_interest_for_device_access": [
        lambda: with_category("marketing", purpose="Shows advertising, on the basis of our legitimate interest."),
        lambda: rewritten("Always on", "Berechtigtes Interesse"),
    ],
    "remote_fonts_gated": [
        lambda: site_with(FONT),
        lambda: site(Route("/own.css", sheet), Route("/", page_with('<link rel="stylesheet" href="/own.css">'))),
    ],
    "objection_signals_honoured": [
        lambda: site(signals=[]),
        lambda: SpeaksForOthers(site(), loses=b"sec-gpc"),
    ],
}  # fmt: skip
"""Sites on which the case of this name fails."""
