"""One browser for all audits, in a thread of its own: it shares no event loop with other tests."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from starlette.types import ASGIApp

from consent.audit.browser import Patience, Visitor, chromium
from consent.audit.comparing import Comparison, compare
from consent.audit.declared import Declared
from consent.audit.links import Limits
from consent.audit.serving import served
from consent.audit.sightings import Notebook
from consent.audit.tour import Found, Plan, audit
from tests.chromium import chromium_path, without_chromium

Audit = Callable[..., "Audited"]
Visit = Callable[..., Any]
PATIENCE = Patience(limit=20, quiet=0.15)


class Audited:
    """What one audit came to."""

    def __init__(self, found: Found) -> None:
        self.observed = found.observed
        self.catalogue = found.catalogue
        self.comparison: Comparison = compare(found.observed, Declared(found.catalogue, found.observed.host))

    @property
    def faults(self) -> set[tuple[str, str, str]]:
        """Each finding in short."""
        return {(one.fault, one.what, one.name) for one in self.comparison.findings}


Work = Callable[[Browser], Any]


@pytest.fixture(scope="session")
def window() -> Iterator[Callable[[Work], Any]]:
    """Works in the one browser."""
    path = chromium_path()
    if path is None:
        without_chromium()
    with ThreadPoolExecutor(1) as thread:
        opened = chromium(Path(path))
        browser = thread.submit(opened.__enter__).result()
        yield lambda work: thread.submit(work, browser).result()
        thread.submit(opened.__exit__, None, None, None).result()


@pytest.fixture(scope="session")
def auditor(window: Callable[[Work], Any]) -> Audit:
    """Audits an app that is served meanwhile."""

    def auditing(
        app: ASGIApp, *paths: str, start: str = "", pages: int = 1, depth: int = 0, **values: Any
    ) -> Audited:
        with served(app, "the app") as address:
            limits = Limits(pages=pages, depth=depth)
            plan = Plan(start=address + start, paths=paths, limits=limits, patience=PATIENCE)
            found: Found = window(lambda browser: audit(browser, plan, **values))
        return Audited(found)

    return auditing


@pytest.fixture(scope="session")
def visit(window: Callable[[Work], Any]) -> Visit:
    """Opens the first page of an app, and gives what is made of it."""

    def visiting(app: ASGIApp, work: Callable[[Visitor], Any], patience: Patience = PATIENCE) -> Any:
        def look(browser: Browser) -> Any:
            with Visitor(browser, address.rstrip("/"), Notebook(), patience) as visitor:
                assert visitor.opens("/") is None
                return work(visitor)

        with served(app, "the app") as address:
            return window(look)

    return visiting
