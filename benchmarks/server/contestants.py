"""Who is measured on which workload: ours under several visitors, and what others offer."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from asgi_csrf import asgi_csrf
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp

from benchmarks.server import django_site
from benchmarks.server.driver import BROWSER, Driver, Errand, Headers, scripted
from benchmarks.server.others import Injecting, Replacing, Tokenizing
from benchmarks.server.site import bare
from benchmarks.server.visitors import STRANGERS, an_hour_ago, decided, garbage, set_by
from consent import ConsentMiddleware
from tests.sites import SECRET, Memory, settings

BARE: Final = "bare"
AGAIN: Final = "bare, once more"
UNDECIDED: Final = "ours, undecided"
ACCEPTED: Final = "ours, accepted"
LINKED: Final = "ours, accepted, with the link"
PARTLY: Final = "ours, analytics only"
STRANGE: Final = "ours, accepted, new visitors"
GARBAGE: Final = "ours, garbage"
SESSION: Final = "SessionMiddleware"
SESSION_GARBAGE: Final = "SessionMiddleware, garbage"
REPLACING: Final = "BaseHTTPMiddleware, replacing"
TOKENIZING: Final = "turbohtml tokenizing"
GATED: Final = "ours, undecided, markup gate"
DJANGO_CONSENT: Final = "django-cookie-consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """One app, and what its visitors send."""

    app: ASGIApp
    cookies: Sequence[bytes] = (b"",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One address under all who are measured there; the bare app is among them."""

    path: str
    contestants: Mapping[str, Contestant]
    headers: Headers = BROWSER
    kind: str = "http"

    def drivers(self) -> dict[str, Driver]:
        """One for each contestant, in order."""
        return {name: Driver(one.app, self._errand(one)) for name, one in self.contestants.items()}

    def _errand(self, one: Contestant) -> Errand:
        return Errand(path=self.path, cookies=one.cookies, headers=self.headers, kind=self.kind)


def layer(app: ASGIApp, **values: Any) -> ConsentMiddleware:
    """Ours around an app."""
    return ConsentMiddleware(app, settings(**values), Memory())


class Stage:
    """Everything around one bare app, made once."""

    def __init__(self) -> None:
        self.bare = bare()
        self._issuing = ConsentMiddleware(self.bare, settings(), Memory(), clock=an_hour_ago)
        self.accepted = decided(self._issuing, action="accept")
        self.partly = decided(self._issuing, action="save", granted="analytics")

    @cached_property
    def _strangers(self) -> Sequence[bytes]:
        return decided(self._issuing, STRANGERS, action="accept")

    @cached_property
    def _banner(self) -> str:
        """What goes into a page, for those who put it in more simply."""
        with_it = asyncio.run(Driver(self._ours, Errand(path="/html/10")).answer()).body.decode()
        without = asyncio.run(Driver(self.bare, Errand(path="/html/10")).answer()).body.decode()
        start = with_it.index(">", with_it.index("<body")) + 1
        return with_it[start : start + len(with_it) - len(without)]

    @cached_property
    def _ours(self) -> ConsentMiddleware:
        return layer(self.bare)

    @cached_property
    def everyone(self) -> Mapping[str, Contestant]:
        """Ours and all others."""
        app, templated = self.bare, layer(self.bare, control="template")
        session = SessionMiddleware(app, secret_key=SECRET)
        csrf = asgi_csrf(app, signing_secret=SECRET, always_set_cookie=True)
        logged_in = set_by(session, "/login")
        return {
            BARE: Contestant(app=app),
            AGAIN: Contestant(app=bare()),
            UNDECIDED: Contestant(app=self._ours),
            ACCEPTED: Contestant(app=templated, cookies=self.accepted),
            LINKED: Contestant(app=self._ours, cookies=self.accepted),
            PARTLY: Contestant(app=templated, cookies=self.partly),
            STRANGE: Contestant(app=templated, cookies=self._strangers),
            GARBAGE: Contestant(app=templated, cookies=[garbage(self.accepted[0])]),
            SESSION: Contestant(app=session, cookies=[logged_in]),
            SESSION_GARBAGE: Contestant(app=session, cookies=[garbage(logged_in)]),
            "SessionMiddleware, no cookie": Contestant(app=session),
            "CORSMiddleware": Contestant(app=CORSMiddleware(app, allow_origins=["https://other.example"])),
            "GZipMiddleware": Contestant(app=GZipMiddleware(app)),
            "asgi-csrf": Contestant(app=csrf, cookies=[set_by(csrf, "/html/10")]),
            "naive injector": Contestant(app=Injecting(app, self._banner)),
            REPLACING: Contestant(app=Replacing(app, self._banner)),
        }

    def gates(self) -> Mapping[str, Contestant]:
        """The gates that look further than cookies, one by one, and all together."""
        app = self.bare
        both = layer(app, gate_markup=True, csp="enforce")
        return {
            BARE: Contestant(app=app),
            AGAIN: Contestant(app=bare()),
            UNDECIDED: Contestant(app=self._ours),
            GATED: Contestant(app=layer(app, gate_markup=True)),
            "ours, undecided, policy gate": Contestant(app=layer(app, csp="enforce")),
            "ours, undecided, both gates": Contestant(app=both),
            LINKED: Contestant(app=self._ours, cookies=self.accepted),
            "ours, accepted, both gates": Contestant(app=both, cookies=self.accepted),
            TOKENIZING: Contestant(app=Tokenizing(app)),
        }

    def django(self, folder: Path) -> Mapping[str, Contestant]:
        """The same page from Django."""
        django_site.configure(folder)
        app, again, cleaning = (
            django_site.handler(*names) for names in ((), (), (django_site.COOKIE_CONSENT,))
        )
        return {
            BARE: Contestant(app=app),
            AGAIN: Contestant(app=again),
            UNDECIDED: Contestant(app=layer(app)),
            LINKED: Contestant(app=layer(app), cookies=self.accepted),
            DJANGO_CONSENT: Contestant(app=cleaning, cookies=[django_site.accepted()]),
            f"{DJANGO_CONSENT}, undecided": Contestant(app=cleaning),
        }


def workloads(folder: Path) -> Iterator[tuple[str, Workload]]:
    """By name; Django keeps its database in ``folder``."""
    stage = Stage()
    everyone, gates = stage.everyone, stage.gates()
    for size in (10, 60, 500):
        yield f"HTML, {size} KB", Workload(path=f"/html/{size}", contestants=everyone)
    yield "Jinja2 page", Workload(path="/jinja", contestants=everyone)
    yield "JSON", Workload(path="/json", contestants=everyone, headers=scripted(BROWSER))
    yield "100-chunk stream", Workload(path="/stream", contestants=everyone)
    yield "1 MB static file", Workload(path="/static", contestants=everyone, headers=scripted(BROWSER))
    yield "six Set-Cookie", Workload(path="/cookies", contestants=everyone)
    yield "WebSocket", Workload(path="/socket", contestants=everyone, kind="websocket")
    yield "HTML, 60 KB, gates", Workload(path="/html/60", contestants=gates)
    yield "HTML, 60 KB, gates, gated hosts", Workload(path="/gated", contestants=gates)
    django = stage.django(folder)
    yield "Django view", Workload(path="/sync", contestants=django)
    yield "Django coroutine", Workload(path="/async", contestants=django)
