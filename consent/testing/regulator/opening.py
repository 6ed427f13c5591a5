"""Opens a site in a browser: starts the browser in its thread, and learns what the site declares."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import APIRequestContext, Browser, Error, Playwright, sync_playwright

from consent.chromium import has_sandbox, installed
from consent.settings import MIN_SECRET_LENGTH, ConsentSettings
from consent.testing.regulator.declared import Declared
from consent.testing.regulator.in_browser import BrowserSite
from consent.testing.regulator.markup import Markup
from consent.testing.regulator.site import NotGuardedError

_DEFAULT: Final = "/consent"


def open_site(url: str, *, paths: Sequence[str], settings: Path | None) -> BrowserSite:
    """The site at ``url``, with a browser in a thread of its own, until it is closed."""
    thread = ThreadPoolExecutor(1, thread_name_prefix="consent-browser")
    stack = ExitStack()

    def start() -> BrowserSite:
        return site_at(
            stack.enter_context(launched(stack.enter_context(sync_playwright()))),
            url.rstrip("/"),
            paths=paths,
            settings=settings,
        )

    def stop() -> None:
        thread.submit(stack.close).result()
        thread.shutdown()

    try:
        site = thread.submit(start).result()
    except BaseException:
        stop()
        raise
    site.moves_to(lambda work: thread.submit(work).result(), stop)
    return site


@contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    """Playwright's own Chromium, else the machine's; in its sandbox, which it has for everybody but root."""
    try:
        browser = playwright.chromium.launch(chromium_sandbox=has_sandbox())
    except Error as missing:
        path = installed()
        if path is None:
            raise NotGuardedError("No Chromium was found; run: playwright install chromium.") from missing
        browser = playwright.chromium.launch(executable_path=path, chromium_sandbox=has_sandbox())
    yield browser
    browser.close()


def site_at(browser: Browser, url: str, *, paths: Sequence[str], settings: Path | None = None) -> BrowserSite:
    """The site at ``url`` with what it declares."""
    context = browser.new_context(extra_http_headers={"accept": "text/html, application/json"})
    asks = context.request
    try:
        path = _path(asks, url + paths[0])
        declared = _declared(asks, url, path) if settings is None else _read(settings, url)
    except Error as error:
        raise NotGuardedError(f"{url} does not answer: {error.message.splitlines()[0]}") from error
    finally:
        context.close()
    return BrowserSite(browser, url, paths=paths, path=path, declared=declared)


def _path(asks: APIRequestContext, address: str) -> str:
    """Where the layer answers, as the first form of it on the page says."""
    markup = Markup(asks.get(address).text(), address)
    ours = (form.address for form in markup.forms if form.layer and form.button("accept"))
    return next((path for each in ours if (path := _on_site(each, address))), _DEFAULT)


def _on_site(address: str, page: str) -> str | None:
    """The path of an address on the same site as the page: what is elsewhere is not asked."""
    parts, own = urlsplit(address), urlsplit(page)
    is_own = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
    return parts.path if is_own and parts.path.startswith("/") and not parts.path.startswith("//") else None


def _declared(asks: APIRequestContext, url: str, path: str) -> Declared:
    """From the addresses at which the layer publishes what it was told."""
    host = urlsplit(url).hostname or ""
    found: list[Any] = []
    for name in ("policy.json?language=en", "device-storage.json"):
        answer = asks.get(f"{url}{path}/{name}", max_redirects=0)
        try:
            found.append(json.loads(answer.text()))
        except ValueError:
            what = f"{url}{path}/{name} answered {answer.status}"
            raise NotGuardedError(f"{what}: no ConsentMiddleware publishes its declarations there.") from None
    try:
        return Declared.of_policy(found[0], found[1], host)
    except ValueError as error:
        raise NotGuardedError(f"{url}{path}/policy.json is {error}.") from None


def _read(settings: Path, url: str) -> Declared:
    """From the settings file; its keys are not needed."""
    environ = {"CONSENT_SECRET_KEYS": "-" * MIN_SECRET_LENGTH}
    return Declared.of_settings(
        ConsentSettings.from_toml(settings, environ=environ), urlsplit(url).hostname or ""
    )
