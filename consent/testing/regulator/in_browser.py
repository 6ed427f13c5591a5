"""Looks at a site that answers somewhere, with a browser that is given; starts none."""

import time
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Error, Request, Response

from consent.testing.regulator.markup import Button, Contact, Form
from consent.testing.regulator.pages import Page
from consent.testing.regulator.site import Breach, Site, Unjudged, Visitor

_LISTEN: Final = "document.addEventListener('consent:change', ({ detail }) => consentLost(detail.lost))"
_OBJECT: Final = "Object.defineProperty(navigator, 'globalPrivacyControl', { get: () => true })"
_STORED: Final = "() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]"
_PAUSE, _PAUSES = 150, 10
"""Milliseconds without a request after which a page has settled, and how often that is waited for."""


class BrowserSite(Site):
    """A site as a browser sees it; every visitor has a profile of their own."""

    way = "url"

    def __init__(self, browser: Browser, url: str, **values: Any) -> None:
        super().__init__(name=url, host=urlsplit(url).hostname or "", **values)
        self.browser, self.url = browser, url
        self._run: Callable[[Callable[[], None]], None] = lambda work: work()
        self._stop: Callable[[], None] = lambda: None

    def moves_to(self, run: Callable[[Callable[[], None]], None], stop: Callable[[], None]) -> None:
        """Let everything run where the browser does, and end that in the end."""
        self._run, self._stop = run, stop

    def _make(self, headers: Mapping[str, str]) -> "BrowserVisitor":
        return BrowserVisitor(self, headers)

    def perform(self, probe: Callable[[Site, str], None], path: str) -> None:
        """Try a case, in the browser's own thread."""
        self._run(lambda: super(BrowserSite, self).perform(probe, path))

    def close(self) -> None:
        """End the browser, if it was started for this site."""
        self._run(super().close)
        self._stop()


class BrowserVisitor(Visitor):
    """One browser profile with one page."""

    def __init__(self, site: BrowserSite, headers: Mapping[str, str]) -> None:
        super().__init__(site)
        self._url = site.url
        self._context = site.browser.new_context(extra_http_headers=dict(headers), locale="en-GB")
        self._lost = set[str]()
        self._context.expose_binding("consentLost", lambda _, lost: self._lost.update(lost))
        self._context.add_init_script(_LISTEN + (f";{_OBJECT}" if headers else ""))
        self._page = self._context.new_page()
        self._page.on("request", self._note)
        self._contacts: list[Contact] = []
        self._path, self._status = "", 0
        self._is_new = False

    def _note(self, request: Request) -> None:
        self._contacts.append(Contact(address=request.url, by=request.resource_type))

    def open(self, path: str) -> Page:
        """Navigate there, and wait until nothing more is fetched."""
        if not path.startswith("/"):  # behind a host it could name another one
            raise Breach(f"The link to {path!r} leads away from the site.")
        self._contacts = []
        response = self._page.goto(self._url + path, wait_until="load")
        self._settle()
        self._path, self._status = path, response.status if response else 0
        return self.page

    def _settle(self) -> None:
        fetched = [-1]
        while fetched[-1] != len(self._contacts) and len(fetched) <= _PAUSES:
            fetched.append(len(self._contacts))
            self._page.wait_for_timeout(_PAUSE)
        self._page.wait_for_load_state()

    @property
    def page(self) -> Page:
        """The page as it stands now, with all that scripts have made of it."""
        fetched = list(self._contacts)
        return Page(
            self._page.content(),
            path=self._path,
            address=self._page.url,
            status=self._status,
            fetches=lambda _: fetched,
        )

    def press(self, form: Form, button: Button) -> None:
        """Click it, and wait for the answer."""
        selector = f'{_form(form)} button[name="action"][value="{button.action}"]'
        target = self._page.locator(selector).first
        # Tracing loses this frame once Playwright switches greenlets, though not the calls made from it.
        try:
            with self._page.expect_response(_is_posted, timeout=8_000) as answer:  # pragma: no cover
                target.click(timeout=4_000)
        except Error as error:  # pragma: no cover
            came = f"came to nothing: {_first(error)}"
            raise Breach(f"Pressing {button.label!r} on {self._path} {came}") from None
        self._arrive(answer.value)  # pragma: no cover

    def _arrive(self, answer: Response) -> None:
        """Wait for what the answer to a form brings."""
        self._is_new = answer.request.is_navigation_request()
        self._page.wait_for_timeout(_PAUSE)
        self._settle()

    def tick(self, form: Form, value: str) -> None:
        """Click its box."""
        self._page.locator(f'{_form(form)} input[name="granted"][value="{value}"]').first.check()

    def choose(self) -> Page:
        """Press the banner's button for single choices; without a banner, go to the layer's own address."""
        more = self._page.locator('form:has(input[name="method"][value="banner"]) button[formaction]')
        if not more.count():  # pragma: no branch  # as in `press`
            return self.open(self.site.path)
        more.first.click()
        self._page.locator('input[name="granted"]').first.wait_for(state="attached", timeout=4_000)
        self._settle()
        return self.page

    def withdraw(self) -> None:
        """From the page that is open, by the link to the settings."""
        link = self._page.locator("[data-cst-open]:visible").last
        if not link.count():  # pragma: no branch  # as in `press`
            super().withdraw()
            return
        link.click()
        self._page.locator('button[name="action"][value="withdraw"]').first.wait_for(timeout=4_000)
        form = next(form for form in self.page.markup.forms if form.button("withdraw"))
        self.press(form, form.action("withdraw"))

    def plant(self, name: str, path: str = "/", domain: str | None = None) -> None:
        """As an earlier response would have set it; by plain http no browser takes prefixed names."""
        is_secure = self._url.startswith("https:")
        if name.startswith(("__Host-", "__Secure-")) and not is_secure:
            return
        at = domain or self.site.host
        self._context.add_cookies(
            [{"name": name, "value": "planted", "path": path, "domain": at, "secure": is_secure}]
        )

    def read(self, path: str) -> tuple[int, str]:
        """With the profile's cookies."""
        response = self._context.request.get(self._url + path, max_redirects=0)
        return response.status, response.text()

    @property
    def cookies(self) -> set[str]:
        """What this host can read, scripts or not."""
        return {str(cookie.get("name")) for cookie in self._context.cookies() if self._is_ours(cookie)}

    def _is_ours(self, cookie: Any) -> bool:
        return f".{self.site.host}".endswith(f".{cookie['domain'].lstrip('.')}")

    def unconsented(self) -> set[str]:
        """Cookies of every host in the profile, and what scripts of this one store."""
        declared = self.site.declared
        found = {
            cookie["name"] if self._is_ours(cookie) else f"{cookie['name']} of {cookie['domain']}"
            for cookie in self._cookies()
            if not declared.is_free(cookie["name"], cookie["domain"].lstrip("."))
        }
        stored: list[str] = self._page.evaluate(_STORED)
        return found | {name for name in stored if not declared.is_free_storage(name)}

    def _cookies(self) -> Sequence[Any]:
        return self._context.cookies()

    def kept_for(self, name: str) -> float | None:
        """As the browser tells it."""
        kept = [cookie["expires"] for cookie in self._cookies() if cookie["name"] == name]
        return (kept[0] - time.time()) / 86_400 if kept and kept[0] > 0 else None

    def withheld(self, path: str) -> set[str]:
        """What the app is shown stays behind its server."""
        raise Unjudged(f"What the app behind {path} is shown cannot be seen from outside.")

    def untold(self, services: frozenset[str]) -> set[str]:
        """As the event ``consent:change`` said; where the page was loaded anew, nothing of it runs on."""
        return set() if self._is_new else set(services) - self._lost

    def looks(self) -> dict[str, dict[str, str]]:
        """Whatever makes a button stand out."""
        script = resources.files(__package__).joinpath("looks.js").read_text("utf-8")
        found: dict[str, dict[str, str]] = self._page.evaluate(script)
        return found

    def close(self) -> None:
        """Throw the profile away."""
        self._context.close()


def _form(form: Form) -> str:
    return f'form:has(input[name="method"][value="{form.layer}"])'


def _is_posted(response: Response) -> bool:
    return response.request.method == "POST"


def _first(error: Error) -> str:
    return error.message.splitlines()[0]
