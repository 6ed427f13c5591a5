"""The example site of ready-made services in a browser for which one server is every third party there is."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import trustme
from playwright.sync_api import Browser, BrowserContext, Page

from examples.services.app import PAGES, create_app
from tests.browser.conftest import Serve
from tests.browser.readers import answered
from tests.browser.test_calls import DEFAULT, DENIED
from tests.chromium import FLAGS, chromium_path

pytestmark = pytest.mark.browser

SITE: Final = "www.harbour.test"
EVERY_PAGE: Final = ("/", *(f"/{name}" for name in PAGES))

LOADER: Final = "www.googletagmanager.com"
ANALYTICS: Final = {f"{LOADER}/gtag/js", f"{LOADER}/gtm.js", "www.google-analytics.com/g/collect"}
ADS: Final = {"www.googleadservices.com/pagead/conversion", "googleads.g.doubleclick.net/pagead/viewthrough"}
FILM: Final = {"www.youtube.com/embed/EXAMPLE4"}
POST: Final = {
    "platform.twitter.com/widgets.js",
    "platform.twitter.com/embed/Tweet.html",
    "syndication.twitter.com/settings",
}
ALL: Final = ANALYTICS | ADS | FILM | POST

ALLOWED: Final = {
    **DENIED,
    **dict.fromkeys(("analytics_storage", "ad_storage", "ad_user_data", "ad_personalization"), "granted"),
}
"""What the site's two categories mean to Google."""

OURS: Final = {"consent"}
COUNTED: Final = {"_ga", "_ga_EXAMPLE1"}
CLICKED: Final = {"_gcl_au", "_gcl_aw"}
THEIRS: Final = {"YSC", "guest_id"}

TAG: Final = """
const state = {};
for (const [name, , given] of dataLayer.map((call) => Array.from(call))) if (name == "consent") Object.assign(state, given);
const keep = (name) => document.cookie = `${name}=1; domain=harbour.test; path=/; max-age=600`;
const send = (address) => fetch(`https://${address}`, { mode: "no-cors", keepalive: true });
if (state.analytics_storage == "granted") {
  keep("_ga"), keep("_ga_EXAMPLE1"), send("www.google-analytics.com/g/collect");
}
if (state.ad_storage == "granted") {
  keep("_gcl_au"), keep("_gcl_aw");
  send("www.googleadservices.com/pagead/conversion"), send("googleads.g.doubleclick.net/pagead/viewthrough");
}
"""
"""What Google's tags do with the consent that they are told of: nothing, or store and send."""

WIDGETS: Final = """
for (const quote of document.querySelectorAll(".twitter-tweet")) {
  const frame = document.createElement("iframe");
  frame.src = "https://platform.twitter.com/embed/Tweet.html";
  quote.replaceWith(frame);
}
fetch("https://syndication.twitter.com/settings", { mode: "no-cors" });
"""

SCRIPTS: Final = {
    f"{LOADER}/gtag/js": TAG,
    f"{LOADER}/gtm.js": TAG,
    "platform.twitter.com/widgets.js": WIDGETS,
}
COOKIES: Final = {"www.youtube.com": "YSC", "platform.twitter.com": "guest_id"}


CHROMIUMS_OWN: Final = ("accounts.google.com", "update.googleapis.com")
"""Whom Chromium asks by itself, whatever page is open, and in spite of its flags; no service here declares them."""

TLS_BEGINS: Final = b"\x16"


@dataclass
class Parties:
    """All third parties: their port, the hosts that were connected to, and the pages and files asked for."""

    port: int = 0
    reached: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)

    def forget(self) -> None:
        self.reached.clear()
        self.asked.clear()

    @property
    def contacted(self) -> set[str]:
        """Host and path of each request, and hosts that were connected to without one."""
        places = {*self.asked}
        return places | (self.reached - {place.partition("/")[0] for place in places})


@pytest.fixture(scope="module")
def parties(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parties]:
    noted = Parties()
    tls = _tls(tmp_path_factory.mktemp("tls"))
    tls.sni_callback = lambda _socket, host, _context: noted.reached.add(host)

    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            if self.request.recv(1, socket.MSG_PEEK) == TLS_BEGINS:
                self.request = tls.wrap_socket(self.request, server_side=True)
            super().setup()

        def finish(self) -> None:
            super().finish()
            self.request.close()

        def do_GET(self) -> None:
            place = self.headers["host"] + urlsplit(self.path).path
            noted.asked.add(place)
            body = SCRIPTS.get(place, "<!doctype html><title>x</title>").encode()
            self.send_response(200)
            self.send_header("content-type", "text/javascript" if place in SCRIPTS else "text/html")
            self.send_header("cache-control", "no-store")
            self.send_header("content-length", str(len(body)))
            if name := COOKIES.get(self.headers["host"]):
                self.send_header("set-cookie", f"{name}=1; Secure; HttpOnly; SameSite=None; Partitioned")
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    noted.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield noted
    server.shutdown()
    thread.join()
    server.server_close()


def _tls(folder: Path) -> ssl.SSLContext:
    leaf = trustme.CA().issue_cert("third-parties.test")
    leaf.private_key_and_cert_chain_pem.write_to_path(folder / "leaf.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "leaf.pem")
    return context


@pytest.fixture(scope="module")
def everywhere(chromium: Browser, parties: Parties) -> Iterator[Browser]:
    """A browser that finds the third parties under their real names, and nobody else at all."""
    rules = ", ".join(
        (
            *(f"MAP {host} ~NOTFOUND" for host in CHROMIUMS_OWN),
            f"MAP {SITE} 127.0.0.1",
            f"MAP * 127.0.0.1:{parties.port}",
            "EXCLUDE 127.0.0.1",
            "EXCLUDE localhost",
        )
    )
    flags = [*FLAGS, "--ignore-certificate-errors", f"--host-resolver-rules={rules}"]
    browser = chromium.browser_type.launch(executable_path=chromium_path(), args=flags)
    yield browser
    browser.close()


class Visitor:
    """A fresh profile on the site, and what a test sees of it."""

    def __init__(self, context: BrowserContext, address: str, parties: Parties) -> None:
        self._context, self._address, self._parties = context, address, parties
        self.page: Page = context.new_page()

    def opens(self, *paths: str) -> set[str]:
        """Open these pages, and tell what third parties were asked for meanwhile."""
        self._parties.forget()
        for path in paths:
            self.page.goto(self._address + path)
            self.page.wait_for_timeout(300)
        return self._parties.contacted

    def contacts(self, expected: set[str]) -> set[str]:
        """What third parties were asked for, after all of these or after five seconds."""
        for _ in range(50):
            if self._parties.asked >= expected:
                break
            self.page.wait_for_timeout(100)
        self.page.wait_for_timeout(300)
        return self._parties.contacted

    def presses(self, label: str) -> None:
        with answered(self.page):
            self.page.get_by_role("button", name=label, exact=True).locator("visible=true").first.click()

    def ticks(self, category: str) -> None:
        """Open the second layer and switch one category on."""
        self.page.get_by_role("button", name="Choose", exact=True).click()
        self.page.get_by_role("dialog").locator(f'input[value="{category}"]').check()

    @property
    def told(self) -> list[Any]:
        """What Google was told of consent, all of which stands in its queue before anything else."""
        queue: list[Any] = self.page.evaluate("dataLayer.map((given) => Array.from(given))")
        told = [call for call in queue if call[:1] in (["consent"], ["set"])]
        assert queue[: len(told)] == told
        return told

    @property
    def cookies(self) -> set[str]:
        return {str(cookie.get("name")) for cookie in self._context.cookies()}


Visits = Callable[..., Visitor]


@pytest.fixture
def visits(everywhere: Browser, served: Serve, parties: Parties, tmp_path: Path) -> Iterator[Visits]:
    contexts = []
    address = f"http://{SITE}:{served(create_app(records=tmp_path / 'consent.sqlite3'))}"

    def visit(*, scripts: bool = True) -> Visitor:
        contexts.append(everywhere.new_context(java_script_enabled=scripts))
        return Visitor(contexts[-1], address, parties)

    yield visit
    for context in contexts:
        context.close()


def test_nobody_hears_of_a_visit_before_a_choice_or_after_a_refusal(visits: Visits, scripts: bool) -> None:
    """Google, YouTube and X are asked for nothing and nothing is stored, also on five pages after a refusal (R1, R2, R14)."""
    visitor = visits(scripts=scripts)
    assert visitor.opens(*EVERY_PAGE) == set()
    assert visitor.cookies == set()
    visitor.presses("Reject all")
    assert visitor.contacts(set()) == set()
    assert visitor.opens(*EVERY_PAGE) == set()
    assert visitor.cookies == OURS


def test_accepting_starts_all_of_them_in_the_same_page(visits: Visits) -> None:
    """One press: each host is contacted without a reload, and Google's queue holds the default, then one update (R2, R14, R49)."""
    visitor = visits()
    visitor.opens("/")
    assert visitor.told == DEFAULT
    visitor.page.evaluate("window.same = true")
    visitor.presses("Accept all")
    assert visitor.contacts(ALL) == ALL
    assert visitor.told == [*DEFAULT, ["consent", "update", ALLOWED]]
    assert visitor.page.evaluate("window.same")
    assert visitor.cookies == OURS | COUNTED | CLICKED | THEIRS


def test_the_next_page_starts_all_of_them_by_itself(visits: Visits) -> None:
    """Later pages need no second press: the default and one update come before the tags (R49)."""
    visitor = visits()
    visitor.opens("/")
    visitor.presses("Accept all")
    visitor.opens("/film")
    assert visitor.contacts(ALL) == ALL
    assert visitor.told == [*DEFAULT, ["consent", "update", ALLOWED]]


def test_without_scripts_frames_alone_come_after_consent(visits: Visits) -> None:
    """The film and Tag Manager's frame are in the next page, and nothing that needs scripts is asked for (R2, R14, R56)."""
    visitor = visits(scripts=False)
    visitor.opens("/")
    visitor.presses("Accept all")
    frames = FILM | {f"{LOADER}/ns.html"}
    visitor.opens("/film")
    assert visitor.contacts(frames) == frames


def test_analytics_alone_opens_no_host_of_advertising(visits: Visits) -> None:
    """The loader that they share comes, is told of analytics only, and nothing of Ads, YouTube or X is asked for (R2, R49)."""
    visitor = visits()
    visitor.opens("/")
    visitor.ticks("analytics")
    visitor.presses("Save selection")
    assert visitor.contacts(ANALYTICS) == ANALYTICS
    update = ["consent", "update", {**DENIED, "analytics_storage": "granted"}]
    assert visitor.told == [*DEFAULT, update]
    visitor.opens("/film")
    assert visitor.contacts(ANALYTICS) == ANALYTICS
    assert visitor.told == [*DEFAULT, update]
    assert visitor.cookies == OURS | COUNTED


def test_advertising_alone_counts_nobody(visits: Visits) -> None:
    """The same loader is told of advertising only; Tag Manager and the counting wait for their own category (R2, R14, R49)."""
    visitor = visits()
    visitor.opens("/")
    visitor.ticks("marketing")
    visitor.presses("Save selection")
    expected = {f"{LOADER}/gtag/js"} | ADS | FILM | POST
    assert visitor.contacts(expected) == expected
    assert visitor.told == [*DEFAULT, ["consent", "update", {**ALLOWED, "analytics_storage": "denied"}]]
    assert visitor.cookies == OURS | CLICKED | THEIRS


def test_withdrawing_deletes_and_silences(visits: Visits) -> None:
    """The cookies of Analytics and Ads are gone at once, and the next page asks nobody for anything (R2, R18)."""
    visitor = visits()
    visitor.opens("/")
    visitor.presses("Accept all")
    assert visitor.cookies >= COUNTED | CLICKED
    visitor.page.get_by_role("link", name="Cookie settings").first.click()
    visitor.presses("Withdraw consent")
    assert visitor.cookies == OURS | THEIRS
    assert visitor.opens(*EVERY_PAGE) == set()
    assert visitor.cookies == OURS | THEIRS
    assert visitor.told == [*DEFAULT, ["consent", "update", DENIED]]
