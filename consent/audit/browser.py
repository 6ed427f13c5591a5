"""A visitor in a real Chromium: opens pages, presses buttons, notes what is stored and contacted.

The only user of Playwright. It does what people do, and knows no declarations.
"""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Error, Locator, Page, Playwright, sync_playwright

from consent.audit.sightings import Notebook, Phase
from consent.audit.watching import Watch
from consent.chromium import NAMES, has_sandbox, installed
from consent.errors import ConsentError
from consent.printing import visible

Chromium: TypeAlias = Browser

FLAGS: Final = ("--disable-gpu",)
"""Nobody looks on: a tenth less work where there is no graphics card."""

BINDING: Final = "cstAuditTold"
"""What ``watch.js`` calls to tell what scripts store."""

_GPC: Final = "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long, in seconds, a page may take, and for how long nothing must happen for it to be done."""

    limit: float = 15.0
    quiet: float = 0.5


@contextmanager
def chromium(path: Path | None = None) -> Iterator[Chromium]:
    """A running browser: at ``path``, else the first on the ``PATH``, else Playwright's own.

    Raises `ConsentError` if there is none.
    """
    with ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        yield stack.enter_context(_launched(playwright, path))


@contextmanager
def _launched(playwright: Playwright, path: Path | None) -> Iterator[Chromium]:
    found = str(path) if path else installed()
    if found is None and not Path(playwright.chromium.executable_path).exists():
        raise ConsentError(
            f"There is no browser on the PATH (looked for {', '.join(NAMES)}); "
            "install Chromium, or name one with --browser."
        )
    try:
        browser = playwright.chromium.launch(
            executable_path=found, args=FLAGS, chromium_sandbox=has_sandbox()
        )
    except Error as error:
        raise ConsentError(f"--browser: {found!r} cannot be started: {_reason(error)}.") from None
    try:
        yield browser
    except Error as error:
        raise ConsentError(f"The browser could not go on: {_reason(error)}.") from None
    browser.close()


class Visitor:
    """One fresh profile on the site at ``origin``; ``watch`` takes note of what it meets."""

    def __init__(
        self, browser: Chromium, origin: str, notes: Notebook, patience: Patience, *, gpc: bool = False
    ) -> None:
        self.watch = Watch(notes, urlsplit(origin).hostname or "")
        self._origin = origin
        self._patience = patience
        self._last = 0.0
        headers = {"Sec-GPC": "1"} if gpc else {}
        self._context = browser.new_context(accept_downloads=False, extra_http_headers=headers)
        self._context.set_default_timeout(patience.limit * 1000)
        if gpc:
            self._context.add_init_script(_GPC)
        self._listens()
        self._window = self._opened()

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_: object) -> None:
        self._context.close()

    # --- what is seen -----------------------------------------------------------------------------

    def _listens(self) -> None:
        """To whatever any frame does."""
        context, watch = self._context, self.watch
        context.expose_binding(
            BINDING, lambda source, kind, text: watch.wrote(kind, text, source["frame"].url)
        )
        context.add_init_script(_script("watch.js"))
        context.on("request", lambda request: watch.requested(request.url, request.resource_type))
        context.on(
            "requestfailed",
            lambda request: watch.failed(request.url, request.resource_type, request.failure),
        )
        for event in ("request", "requestfinished", "requestfailed"):
            context.on(event, self._happened)

    def _opened(self) -> Page:
        """A window, and the headers of its page and what is loaded into it."""
        window = self._context.new_page()
        window.on("websocket", lambda socket: self.watch.requested(socket.url, "websocket"))
        window.on("dialog", lambda dialog: dialog.dismiss())
        wire = self._context.new_cdp_session(window)
        wire.on("Network.requestWillBeSentExtraInfo", self.watch.asking)
        wire.on("Network.responseReceivedExtraInfo", self.watch.answered)
        wire.send("Network.enable")
        return window

    def _happened(self, _: object = None) -> None:
        self._last = time.monotonic()

    def looks(self) -> None:
        """Note what the browser holds now: every cookie, and what the frames of the page can read."""
        for cookie in self._context.cookies():
            self.watch.held(cookie)
        for frame in self._window.frames:
            with suppress(Error):  # a frame may be gone by now
                self.watch.stored(frame.evaluate(_script("look.js")))

    # --- what is done -----------------------------------------------------------------------------

    def opens(self, page: str) -> str | None:
        """Go to a page and read it to its end; why that was not possible, or ``None``."""
        self.watch.page = page
        try:
            self._window.goto(self._origin + page, wait_until="domcontentloaded")
            with suppress(Error):  # something in it may never answer
                self._window.wait_for_load_state()
            self._window.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
            self._settles()
        except Error as error:
            return _reason(error)
        # Deletions may take several pages: a response deletes one cookie of a name (RFC 6265bis, 4.1.1).
        if self.watch.phase is not Phase.WITHDRAWN:
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
        """What the site tells at ``path``; ``None`` if it tells nothing there, or sends elsewhere."""
        try:
            return self._context.request.get(self._origin + path, max_redirects=0).json()
        except (Error, ValueError):
            return None

    def opens_choices(self) -> bool:
        """Open the second layer from the first; whether it came."""
        return self._clicks("#cst-ask button[formmethod=get]") and self._has("#cst-dialog")

    def presses(self, action: str, at: str) -> bool:
        """Press ``accept``, ``reject`` or ``withdraw`` on this page, else on the policy page ``at``.

        Whether there was such a button.
        """
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
        found.click()
        self._has("#cst-saved")  # the answer; only then is it known whether the page is loaded again
        self._window.wait_for_load_state()
        self._settles()
        return True

    def _clicks(self, selector: str) -> bool:
        found = self._seen(selector)
        if found is not None:
            found.click()
        return found is not None

    def _has(self, selector: str) -> bool:
        """Whether it is there now, or soon."""
        try:
            self._window.locator(selector).first.wait_for()
        except Error:
            return False
        return True

    def _seen(self, selector: str) -> Locator | None:
        """The first that can be seen."""
        return next((one for one in self._window.locator(selector).all() if one.is_visible()), None)


@lru_cache
def _script(name: str) -> str:
    return resources.files("consent.audit").joinpath(name).read_text("utf-8")


def _reason(error: Error) -> str:
    """What went wrong, without where in Playwright; a page may have written it."""
    line = error.message.partition("\n")[0]
    return visible(re.sub(r"^Page\.\w+: | at https?://\S+$", "", line).rstrip("."))
