"""The whole paper and its broken copies, each an app by its name: ``uvicorn tests.broken.apps:arrival``.

The third parties answer on the same port, at ``northwind.localhost`` and so on, which browsers find on
this machine by themselves. Open the paper as ``127.0.0.1``, so that they are other sites to it.
"""

import atexit
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consent import Category, ConsentMiddleware, ConsentSettings, Cookie, Service, SQLiteRecords
from examples.news.app import create_app
from examples.news.companies import COMPANIES, NORTHWIND
from examples.news.observers import OuterObserver
from examples.news.third_parties import create_third_parties
from examples.news.wire import Wire
from tests.broken.proxies import KeepsCookie, LeavesCookie, RewritesPages

FAULTS: Mapping[str, str] = {
    "arrival": "A load balancer in front sets a cookie 'visitor' on arrival, for a year; nobody declared it.",
    "buried": "An optimiser in front takes the reject button out of the banner; it is left on layer two.",
    "surviving": "A cache in front lets no deletion of the analytics cookie 'reader_id' through.",
    "mislabelled": "Google Analytics' '_ga' is declared necessary, with an override, and set on arrival.",
    "ticked": "An optimiser in front ticks analytics for the visitor, on layer two and on the policy page.",
    "early": "A tag injector in front writes Northwind's analytics script into every page, consent or not.",
}
"""One sentence for each broken copy."""

Break = Callable[[ASGIApp, str], ASGIApp]
"""What makes a broken copy of the paper; it is also told the third parties' origin."""

_REJECT = re.compile(r'<button[^>]*\bname="action" value="reject"[^>]*>[^<]*</button>')
_BANNER = re.compile(r'<section class="cst-ask.*?</section>', re.DOTALL)


def _without_reject(page: str) -> str:
    return _BANNER.sub(lambda banner: _REJECT.sub("", banner[0]), page)


def _with_tick(page: str) -> str:
    return re.sub(r'(name="granted" value="analytics"[^>]*?)(?: checked)?>', r"\1 checked>", page)


def _with_tag(third_parties: str) -> Callable[[str], str]:
    tag = f'<script src="{NORTHWIND.origin(third_parties)}/analytics.js"></script>'
    return lambda page: page.replace("</head>", f"{tag}</head>")


def _mislabelled(app: ASGIApp, _origin: str) -> ASGIApp:
    """The paper with other declarations, and a view that counts everybody."""
    assert isinstance(app, OuterObserver)
    guarded = app.app
    assert isinstance(guarded, ConsentMiddleware)
    records = SQLiteRecords(Path(_folder()) / "consent.sqlite3")
    declared = _with_necessary_tracker(guarded.settings)
    return ConsentMiddleware(LeavesCookie(guarded.app, "_ga"), settings=declared, records=records)


def _with_necessary_tracker(settings: ConsentSettings) -> ConsentSettings:
    statistics = Service(
        id="statistics",
        name="Statistics",
        provider="Google Ireland Ltd",
        purpose="Counts the readers of each story.",
        justification="An editor has to know what is read.",
        override="We could not run the paper without knowing how many people read it.",
        cookies=[Cookie(name="_ga", duration="2 years", purpose="Recognises a returning reader.")],
    )
    changed = [_including(category, statistics) for category in settings.categories]
    return replace(settings, categories=changed)


def _including(category: Category, service: Service) -> Category:
    if category.id != "necessary":
        return category
    return replace(category, services=[*category.services, service])


_BREAKS: Mapping[str, Break] = {
    "whole": lambda app, _: app,
    "arrival": lambda app, _: LeavesCookie(app, "visitor"),
    "buried": lambda app, _: RewritesPages(app, _without_reject),
    "surviving": lambda app, _: KeepsCookie(app, "reader_id"),
    "mislabelled": _mislabelled,
    "ticked": lambda app, _: RewritesPages(app, _with_tick),
    "early": lambda app, origin: RewritesPages(app, _with_tag(origin)),
}


def _folder() -> str:
    folder = tempfile.mkdtemp(prefix="consent-broken-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


class Copy:
    """One copy, built when its first request tells at which port it is reached."""

    def __init__(self, breaks: Break) -> None:
        self._break = breaks
        self._built: dict[int, ASGIApp] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        port = scope["server"][1]
        if port not in self._built:
            self._built[port] = self._at(f"http://localhost:{port}")
        await self._built[port](scope, receive, send)

    def _at(self, third_parties: str) -> ASGIApp:
        wire = Wire()
        instance = Path(_folder())
        paper = create_app(instance=instance, third_parties=third_parties, environ={}, wire=wire, tick=0.2)
        return _ByHost(self._break(paper, third_parties), create_third_parties(wire))

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for app in self._built.values():
            await _close(app)
        await send({"type": "lifespan.shutdown.complete"})


class _ByHost:
    """The companies at their own hosts, and the paper everywhere else."""

    def __init__(self, paper: ASGIApp, third_parties: ASGIApp) -> None:
        self.app, self.third_parties = paper, third_parties
        self._labels = tuple(f"{company.label}.".encode() for company in COMPANIES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = dict(scope.get("headers", ())).get(b"host", b"")
        await (self.third_parties if host.startswith(self._labels) else self.app)(scope, receive, send)


async def _close(app: ASGIApp) -> None:
    """Start and end an app's life, so that its store is finished."""
    messages: list[Message] = [{"type": "lifespan.shutdown"}, {"type": "lifespan.startup"}]

    async def receive() -> Message:
        return messages.pop()

    async def send(_: Message) -> None:
        pass

    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)


def __getattr__(name: str) -> ASGIApp:
    """The copy of this name, made when it is asked for."""
    if name not in _BREAKS:
        raise AttributeError(name)
    copy = globals()[name] = Copy(_BREAKS[name])
    return copy
