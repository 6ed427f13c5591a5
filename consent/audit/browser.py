"""A visitor in a real Chromium: opens pages, presses buttons, notes what is stored and contacted.

The only user of Playwright. It does what people do, and knows no declarations.
"""

import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, Frame, Locator, Page, Request, sync_playwright

from consent.audit.sightings import STORED, Facts, Notebook, Phase, Thing
from consent.audit.written import read_cookie
from consent.errors import ConsentError

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""What a browser is looked for as on the ``PATH``."""

_HINT: Final = re.compile(r"<([^>]*)>[^,]*\brel=\"?[^\",]*\b(?:preconnect|dns-prefetch)\b", re.IGNORECASE)
_BINDING: Final = "cstAuditTold"
_BLOCKED: Final = frozenset({"csp", "mixed-content", "net::ERR_BLOCKED_BY_CLIENT", "net::ERR_BLOCKED_BY_CSP"})
"""Why a request never left the browser."""

_GPC: Final = "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long, in seconds, a page may take, and for how long nothing must happen for it to be done."""

    limit: float = 15.0
    quiet: float = 0.5


@contextmanager
def chromium(path: Path | None = None) -> Iterator[Browser]:
    """A running browser: at ``path``, else the first on the ``PATH``, else Playwright's own.

    Raises `ConsentError` if there is none.
    """
    found = str(path) if path else next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        if found is None and not Path(playwright.chromium.executable_path).exists():
            looked = ", ".join(NAMES)
            raise ConsentError(
                f"There is no browser on the PATH (looked for {looked}); install Chromium, or name one with --browser."
            )
        try:
            browser = playwright.chromium.launch(executable_path=found)
        except Error as error:
            raise ConsentError(f"--browser: {found!r} cannot be started: {_reason(error)}.") from None
        yield browser
        browser.close()


class Visitor:
    """One fresh profile on the site at ``origin``; everything seen goes into ``notes``."""

    def __init__(
        self, browser: Browser, origin: str, notes: Notebook, patience: Patience, *, gpc: bool = False
    ) -> None:
        self.phase = Phase.BEFORE
        self.page = "/"
        self._origin = origin
        self._host = urlsplit(origin).hostname or ""
        self._notes = notes
        self._patience = patience
        self._last = 0.0
        self._asked: dict[str, str] = {}
        headers = {"Sec-GPC": "1"} if gpc else {}
        self._context = browser.new_context(accept_downloads=False, extra_http_headers=headers)
        self._context.set_default_timeout(patience.limit * 1000)
        if gpc:
            self._context.add_init_script(_GPC)
        self._window = self._watched(self._context)

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_: object) -> None:
        self._context.close()

    # --- what is seen -----------------------------------------------------------------------------

    def _watched(self, context: BrowserContext) -> Page:
        context.expose_binding(_BINDING, self._told)
        context.add_init_script(_script("watch.js"))
        context.on("request", self._requested)
        context.on("requestfinished", self._happened)
        context.on("requestfailed", self._failed)
        window = context.new_page()
        window.on("websocket", lambda socket: self._contacted(socket.url))
        window.on("dialog", lambda dialog: dialog.dismiss())
        wire = context.new_cdp_session(window)
        wire.on("Network.requestWillBeSentExtraInfo", self._asking)
        wire.on("Network.responseReceivedExtraInfo", self._answered)
        wire.send("Network.enable")
        return window

    def _happened(self, _: object = None) -> None:
        self._last = time.monotonic()

    def _requested(self, request: Request) -> None:
        self._happened()
        self._contacted(request.url)
        parts = urlsplit(request.url)
        if request.resource_type == "image" and parts.hostname:
            self._note(Thing(kind="pixel", name=parts.path.rpartition("/")[2], host=parts.hostname))

    def _failed(self, request: Request) -> None:
        """A request that the browser itself stopped has reached nobody; all other failures count."""
        self._happened()
        host = urlsplit(request.url).hostname
        if host and request.failure in _BLOCKED:
            for thing in (Thing(kind="host", name=host), _pixel(request.url, host)):
                self._notes.forget(thing, self.phase, self.page)

    def _contacted(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in (None, "", self._host):
            self._note(Thing(kind="host", name=str(parts.hostname)))

    def _told(self, source: Any, kind: str, text: str) -> None:
        """A script of the page writes; our own has told what, without the value."""
        host = urlsplit(source["frame"].url).hostname or self._host
        self._wrote(text, host) if kind == "cookie" else self._note(Thing(kind=kind, name=text, host=host))

    def _asking(self, event: Any) -> None:
        fields = {name.lower(): value for name, value in event["headers"].items()}
        host = fields.get(":authority") or fields.get("host") or ""
        self._asked[event["requestId"]] = host.partition(":")[0] or self._host

    def _answered(self, event: Any) -> None:
        host = self._asked.get(event["requestId"], self._host)
        refused = {blocked["cookieLine"] for blocked in event["blockedCookies"]}
        for name, value in event["headers"].items():
            if name.lower() == "set-cookie":
                for line in value.split("\n"):
                    if line not in refused:
                        self._wrote(line, host)
            elif name.lower() == "link":
                for address in _HINT.findall(value):
                    self._contacted(address)

    def _wrote(self, line: str, host: str) -> None:
        found = read_cookie(line, host, time.time())
        if found is not None:
            self._notes.note(found[0], self.phase, self.page, found[1])

    def _note(self, thing: Thing) -> None:
        self._notes.note(thing, self.phase, self.page)

    def looks(self) -> None:
        """Note what the browser holds now: every cookie, and what the frames of the page can read."""
        now = time.time()
        for cookie in self._context.cookies():
            expires = cookie.get("expires", -1)
            facts = Facts(
                seconds=None if expires < 0 else round(expires - now),
                path=cookie.get("path", "/"),
                http_only=cookie.get("httpOnly", False),
                partitioned=bool(cookie.get("partitionKey")),
            )
            thing = Thing(kind="cookie", name=cookie["name"], host=cookie["domain"].removeprefix("."))
            self._notes.note(thing, self.phase, self.page, facts)
        for frame in self._window.frames:
            self._reads(frame)

    def _reads(self, frame: Frame) -> None:
        with suppress(Error):  # a frame may be gone by now
            found = frame.evaluate(_script("look.js"))
            for kind in STORED:
                for name in found[kind]:
                    self._note(Thing(kind=kind, name=name, host=found["host"] or self._host))
            for address in found["hints"]:
                self._contacted(address)

    # --- what is done -----------------------------------------------------------------------------

    def opens(self, page: str) -> str | None:
        """Go to a page and read it to its end; why that was not possible, or ``None``."""
        self.page = page
        try:
            self._window.goto(self._origin + page, wait_until="load")
            self._window.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
            self._settles()
        except Error as error:
            return _reason(error)
        if self.phase is not Phase.WITHDRAWN:  # deletions may take several pages (RFC 6265bis: one a name)
            self.looks()
        return None

    def _settles(self) -> None:
        """Wait until nothing has been requested for a while; streams that never end are not waited for."""
        self._happened()
        end = time.monotonic() + self._patience.limit
        while time.monotonic() < min(end, self._last + self._patience.quiet):
            self._window.wait_for_timeout(50)

    @property
    def address(self) -> str:
        """Where the browser is."""
        return self._window.url

    def links(self) -> Sequence[str]:
        """Where the links of the page lead, the layer's own and downloads left out."""
        found: list[str] = self._window.evaluate(_script("links.js"))
        return found

    def asked(self) -> Any:
        """What the page shows of the asking: see ``asking.js``."""
        return self._window.evaluate(_script("asking.js"))

    def reads_json(self, path: str) -> Any:
        """What the site tells at ``path``; ``None`` if it tells nothing there."""
        with suppress(Error, ValueError):
            answer = self._context.request.get(self._origin + path)
            return answer.json() if answer.ok else None
        return None

    def opens_choices(self) -> bool:
        """Open the second layer from the first; whether it came."""
        return self._clicks("#cst-ask button[formmethod=get]") and self._has("#cst-dialog")

    def presses(self, action: str, at: str) -> bool:
        """Press ``accept`` or ``reject`` where the site asks, or ``withdraw`` in the settings; else at ``at``."""
        if action == "withdraw" and self._clicks("[data-cst-open]"):
            self._has("#cst-dialog")
        button = f"button[name=action][value={action}]"
        for scope in ("#cst-dialog", "#cst-ask", ".cst-policy"):
            if self._decides(f"{scope} {button}"):
                return True
        return self.opens(at) is None and self._decides(f".cst-policy {button}")

    def _decides(self, selector: str) -> bool:
        found = self._seen(selector)
        if found is None:
            return False
        with self._window.expect_response(lambda response: response.request.method == "POST"):
            found.click()
        self._window.wait_for_timeout(100)  # a reload may be on its way
        self._window.wait_for_load_state()
        self._settles()
        return True

    def _clicks(self, selector: str) -> bool:
        found = self._seen(selector)
        if found is not None:
            found.click()
        return found is not None

    def _has(self, selector: str) -> bool:
        with suppress(Error):
            self._window.locator(selector).first.wait_for(timeout=3000)
            return True
        return False

    def _seen(self, selector: str) -> Locator | None:
        """The first that can be seen."""
        return next((one for one in self._window.locator(selector).all() if one.is_visible()), None)


def _pixel(address: str, host: str) -> Thing:
    return Thing(kind="pixel", name=urlsplit(address).path.rpartition("/")[2], host=host)


def _script(name: str) -> str:
    return resources.files("consent.audit").joinpath(name).read_text("utf-8")


def _reason(error: Error) -> str:
    """What went wrong, without where in Playwright."""
    line = error.message.partition("\n")[0]
    return re.sub(r"^Page\.\w+: | at https?://\S+$", "", line).rstrip(".")
