"""What is counted: the bare app, ours around it under several visitors, and one well-known middleware."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp

from benchmarks.server.driver import BROWSER, Errand, scripted
from benchmarks.server.site import bare
from benchmarks.server.visitors import an_hour_ago, decided, garbage, set_by
from consent import ConsentMiddleware
from tests.sites import SECRET, Memory, settings

REQUESTS: Final = 200
"""Of each case, after as many to warm up."""

BARE: Final = "bare"
BARE_JSON: Final = "bare, JSON"
SESSION: Final = "SessionMiddleware"

BASES: Final[Mapping[str, str]] = {
    SESSION: BARE,
    "undecided": BARE,
    "accepted": BARE,
    "accepted, with the link": BARE,
    "accepted, seven cookies": BARE,
    "accepted, new visitors": BARE,
    "garbage": BARE,
    "JSON": BARE_JSON,
}
"""The case without middleware that each is compared with."""

NAMES: Final = (BARE, BARE_JSON, *BASES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One app under one errand."""

    app: ASGIApp
    errand: Errand


def cases() -> Mapping[str, Case]:
    """By name."""
    app = bare()
    plain = settings(control="template")
    ours, linked = (ConsentMiddleware(app, site, Memory()) for site in (plain, settings()))
    issuing = ConsentMiddleware(app, plain, Memory(), clock=an_hour_ago)
    session = SessionMiddleware(app, secret_key=SECRET)
    accepted = decided(issuing, action="accept")
    strangers = decided(issuing, 2 * REQUESTS, action="accept")
    logged_in = [set_by(session, "/login")]
    return {
        BARE: Case(app=app, errand=_page()),
        BARE_JSON: Case(app=app, errand=_json()),
        SESSION: Case(app=session, errand=_page(*logged_in)),
        "undecided": Case(app=linked, errand=_page()),
        "accepted": Case(app=ours, errand=_page(*accepted)),
        "accepted, with the link": Case(app=linked, errand=_page(*accepted)),
        "accepted, seven cookies": Case(app=ours, errand=_page(*_among_others(accepted[0]))),
        "accepted, new visitors": Case(app=ours, errand=_page(*strangers)),
        "garbage": Case(app=linked, errand=_page(garbage(accepted[0]))),
        "JSON": Case(app=ours, errand=_json(*accepted)),
    }


def _page(*cookies: bytes) -> Errand:
    return Errand(path="/html/10", cookies=cookies or (b"",))


def _among_others(cookie: bytes) -> Sequence[bytes]:
    """What a visitor sends who has accepted a counter that rewrites its cookie on every page."""
    others = b"session=4711; csrf=0815; edition=hills; _ga=GA1.1.1234.5678; _hm=1"
    return [b"%b; %b; _ga_X=GS1.1.%d" % (cookie, others, number) for number in range(2 * REQUESTS)]


def _json(*cookies: bytes) -> Errand:
    return Errand(path="/json", cookies=cookies or (b"",), headers=scripted(BROWSER))
