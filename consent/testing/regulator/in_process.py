"""Looks at a site in this process, as a browser without scripts does; knows no other one."""

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from http.cookiejar import Cookie
from typing import Any
from urllib.parse import urlsplit

from starlette.testclient import TestClient
from starlette.types import ASGIApp

from consent.request_consent import RequestConsent
from consent.testing.regulator.declared import Declared
from consent.testing.regulator.markup import Button, Contact, Form, Markup, css_addresses
from consent.testing.regulator.site import NotGuardedError, Page, Site, Visitor
from consent.testing.watched import Watched

_NAVIGATES = {
    "accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "accept-language": "en",
    "sec-fetch-dest": "document",
    "sec-fetch-mode": "navigate",
    "sec-fetch-site": "same-origin",
}
_ASKS = {"accept": "*/*", "sec-fetch-dest": "empty", "sec-fetch-mode": "cors"}


class AppSite(Site):
    """An app in this process, under a host of its own and as if by https."""

    way = "app"

    def __init__(self, app: ASGIApp, *, name: str, host: str, paths: Sequence[str]) -> None:
        self.watched = Watched(app)
        self._stack = ExitStack()
        client = TestClient(self.watched, base_url=f"https://{host}", raise_server_exceptions=False)
        self.client = self._stack.enter_context(client)
        self._sheets: dict[str, Sequence[str]] = {}
        try:
            self.client.get(paths[0], headers=_NAVIGATES)
            settings = self._consent(name, paths[0]).gatekeeper.settings
        except NotGuardedError:
            self._stack.close()
            raise
        base = self._consent(name, paths[0]).base
        declared = Declared.of_settings(settings, host)
        super().__init__(name=name, host=host, paths=paths, path=base + settings.path, declared=declared)

    def _consent(self, name: str, path: str) -> RequestConsent:
        if self.watched.consent is None:
            problem = "ConsentMiddleware did not stand around it; put it around the app that you name"
            raise NotGuardedError(f"{name} answered {path} without a consent layer: {problem}.")
        return self.watched.consent

    def _make(self, headers: Mapping[str, str]) -> "AppVisitor":
        return AppVisitor(self, headers)

    def fetched_by(self, sheet: str) -> Sequence[str]:
        """The addresses that a stylesheet of the site fetches in its turn."""
        if urlsplit(sheet).hostname != self.host:
            return ()
        if sheet not in self._sheets:
            self._sheets[sheet] = css_addresses(self.client.get(sheet, headers=_ASKS).text)
        return self._sheets[sheet]

    def close(self) -> None:
        """End the app's life."""
        super().close()
        self._stack.close()


class AppVisitor(Visitor):
    """A browser without scripts: cookies of one host, and forms that are sent as they stand."""

    def __init__(self, site: AppSite, headers: Mapping[str, str]) -> None:
        super().__init__(site)
        self._app = site
        self._headers = dict(headers)
        self._cookies: Any = None
        self._page: Page | None = None
        self._consent: RequestConsent | None = None
        self._ticks: list[tuple[str, str]] = []

    def _request(self, method: str, address: str, headers: Mapping[str, str], **values: Any) -> Any:
        """One request with this visitor's cookies, which are put into the client that all share."""
        client = self._app.client
        client.cookies = self._cookies
        response = client.request(method, address, headers={**headers, **self._headers}, **values)
        self._cookies = client.cookies
        return response

    def open(self, path: str) -> Page:
        """Navigate there, and follow redirects."""
        response = self._request("GET", path, _NAVIGATES)
        self._consent = self._app.watched.consent
        return self._keep(path, response)

    def _keep(self, path: str, response: Any) -> Page:
        is_html = "html" in response.headers.get("content-type", "")
        markup = Markup(response.text if is_html else "", str(response.url))
        hosts = [host for host in self.site.declared.catalogue.hosts if self._names(markup, host)]
        contacts = [
            *markup.contacts,
            *(Contact(address=f"//{host}/", by="<script>, by name") for host in hosts),
            *(
                Contact(address=address, by=f"the stylesheet {urlsplit(sheet).path}")
                for sheet in markup.sheets
                for address in self._app.fetched_by(sheet)
            ),
        ]
        self._ticks = []
        self._page = Page(
            path=path,
            address=str(response.url),
            status=response.status_code,
            markup=self._as_shown(markup),
            contacts=contacts,
        )
        return self._page

    def _names(self, markup: Markup, host: str) -> bool:
        return any(host in script for script in markup.scripts)

    def _as_shown(self, markup: Markup) -> Markup:
        """Where pages are the same for all, a stylesheet shows the banner to who has not decided."""
        for form in markup.forms:
            sheet = f"{self.site.path}/asking.css"
            if form.hidden and form.layer == "banner" and any(sheet in at for at in markup.sheets):
                form.hidden = not self.read(sheet)[1].strip()
        return markup

    def press(self, form: Form, button: Button) -> None:
        """Send the form as a browser without scripts does."""
        pairs = [*form.fields, *((box.get("name", ""), box.get("value", "on")) for box in form.boxes
                                 if "checked" in box), *self._ticks]  # fmt: skip
        pairs.append((button.attributes.get("name", ""), button.attributes.get("value", "")))
        data: dict[str, list[str]] = {}
        for name, value in pairs:
            data.setdefault(name, []).append(value)
        headers = {**_NAVIGATES, "origin": f"https://{self.site.host}"}
        self._keep(self.page.path, self._request("POST", form.address, headers, data=data))

    def tick(self, form: Form, value: str) -> None:
        """Remember it for when the form is sent."""
        self._ticks += [("granted", value)] if value not in form.ticked else []

    def choose(self) -> Page:
        """The second layer without scripts is the page at the layer's own address."""
        return self.open(self.site.path)

    def plant(self, name: str, path: str = "/", domain: str | None = None) -> None:
        """As an earlier response would have set it."""
        client = self._app.client
        client.cookies = self._cookies
        at = domain.lstrip(".") if domain else self.site.host
        client.cookies.jar.set_cookie(_cookie(name, path, at if "." in at else f"{at}.local", bool(domain)))
        self._cookies = client.cookies

    def read(self, path: str) -> tuple[int, str]:
        """As ``fetch`` does."""
        response = self._request("GET", path, _ASKS)
        return response.status_code, response.text

    def withheld(self, path: str) -> set[str]:
        """The cookies that the app was not shown when this page was opened."""
        self.open(path)
        return set() if self._consent is None else set(self._consent.withheld)

    @property
    def _jar(self) -> Sequence[Cookie]:
        return () if self._cookies is None else tuple(self._cookies.jar)

    @property
    def cookies(self) -> set[str]:
        """What this visitor's next request can send."""
        return {cookie.name for cookie in self._jar}

    def unconsented(self) -> set[str]:
        """Cookies only: nothing runs here that could use other storage."""
        return {name for name in self.cookies if not self.site.declared.is_free(name)}

    def kept_for(self, name: str) -> float | None:
        """From the ``Max-Age`` or ``Expires`` it was set with."""
        found = next((cookie for cookie in self._jar if cookie.name == name), None)
        return None if found is None or found.expires is None else (found.expires - time.time()) / 86_400

    @property
    def page(self) -> Page:
        """The page that is open; the first one, if none is."""
        return self._page or self.open(self.site.paths[0])

    def untold(self, services: frozenset[str]) -> set[str]:
        """Nothing runs here that could be told."""
        return set()

    def looks(self) -> dict[str, dict[str, str]]:
        """Nothing is drawn here."""
        return {}

    def close(self) -> None:
        """Nothing is kept anywhere else."""


def _cookie(name: str, path: str, domain: str, dotted: bool) -> Cookie:
    return Cookie(
        version=0, name=name, value="planted", port=None, port_specified=False,
        domain=f".{domain}" if dotted else domain, domain_specified=dotted, domain_initial_dot=dotted,
        path=path, path_specified=True, secure=False, expires=None, discard=True, comment=None,
        comment_url=None, rest={},
    )  # fmt: skip
