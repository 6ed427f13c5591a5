"""What is counted: the bare app, ours around it under several visitors, and one well-known middleware."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp

from benchmarks.server.driver import Errand
from benchmarks.server.site import bare
from benchmarks.server.visitors import an_hour_ago, decided, garbage, set_by
from consent import ConsentMiddleware
from tests.sites import SECRET, Memory, settings

REQUESTS: Final = 200
"""Of each case, after as many to warm up."""

PAGE: Final = "/html/10"
BARE: Final = "bare"
SESSION: Final = "SessionMiddleware, valid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One app under one errand; ``base`` is the case without any middleware."""

    app: ASGIApp
    errand: Errand
    base: str = BARE


def cases() -> Mapping[str, Case]:
    """By name, in the order in which they are counted."""
    app = bare()
    plain = settings(control="template")
    ours, linked = (ConsentMiddleware(app, site, Memory()) for site in (plain, settings()))
    issuing = ConsentMiddleware(app, plain, Memory(), clock=an_hour_ago)
    session = SessionMiddleware(app, secret_key=SECRET)
    accepted = decided(issuing, action="accept")
    strangers = decided(issuing, 2 * REQUESTS, action="accept")
    logged_in = (set_by(session, "/login"),)
    page = Errand(path=PAGE)
    return {
        BARE: Case(app=app, errand=page),
        "bare, JSON": Case(app=app, errand=Errand(path="/json")),
        SESSION: Case(app=session, errand=Errand(path=PAGE, cookies=logged_in)),
        "undecided": Case(app=linked, errand=page),
        "decided": Case(app=ours, errand=Errand(path=PAGE, cookies=accepted)),
        "decided, with the link": Case(app=linked, errand=Errand(path=PAGE, cookies=accepted)),
        "decided, new visitors": Case(app=ours, errand=Errand(path=PAGE, cookies=strangers)),
        "garbage": Case(app=ours, errand=Errand(path=PAGE, cookies=[garbage(accepted[0])])),
        "JSON": Case(app=ours, errand=Errand(path="/json", cookies=accepted), base="bare, JSON"),
    }
