"""Audits in a real browser, of small sites."""

import os
import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from consent import ConsentError
from consent.audit.browser import Patience, Visitor, chromium
from consent.audit.comparing import Comparison
from consent.audit.serving import served
from consent.audit.sightings import Phase
from tests.audit.conftest import Audit, Audited, Visit
from tests.audit.pages import VALUE, Site, small
from tests.broken.proxies import RewritesPages
from tests.chromium import chromium_path
from tests.sites import settings

pytestmark = pytest.mark.browser

BANNER = re.compile(r'<section class="cst-ask.*?</section>', re.DOTALL)


@pytest.fixture(scope="module")
def site() -> Site:
    return Site()


@pytest.fixture(scope="module")
def audited(auditor: Audit, site: Site) -> Audited:
    """Two pages from the front page on, and one that is named."""
    told: list[float] = []
    found = auditor(site.app, "/download", pages=3, depth=1, tell=told.append)
    assert told == sorted(told)
    assert 0 < told[0] <= told[-1] <= 1
    return found


def of_kind(comparison: Comparison, what: str) -> set[str]:
    return {f"{one.name} {one.host}".strip() for one in comparison.findings if one.what == what}


def test_everything_that_a_page_stores_is_seen(audited: Audited) -> None:
    """By headers and by scripts, kept or removed at once, here and in frames of others; what the browser refuses is not (R48)."""
    assert of_kind(audited.comparison, "cookie") == {
        "outside", "fleeting", "framed frame.localhost", "",
    }  # fmt: skip
    assert of_kind(audited.comparison, "local") == {"kept", "assigned"}
    assert of_kind(audited.comparison, "session") == {"tab"}
    assert of_kind(audited.comparison, "indexeddb") == {"base"}
    assert of_kind(audited.comparison, "cache") == {"shelf"}


def test_every_host_that_is_called_is_seen(audited: Audited) -> None:
    """Pictures that fail, beacons, WebSockets, preconnects and frames; not what a policy has blocked (R2, R48)."""
    assert of_kind(audited.comparison, "host") == {
        "gone.invalid", "beacon.invalid", "socket.invalid", "pre.invalid", "frame.localhost",
    }  # fmt: skip


def test_what_is_gated_is_no_fault(audited: Audited) -> None:
    """Declared cookies come after accepting, go with the withdrawal, and stay away with GPC (R1, R18, R43)."""
    assert {one.fault for one in audited.comparison.findings} == {"undeclared"}
    seen = {
        name: {one.phase for one in audited.observed.sightings if one.thing.name == name}
        for name in ("visits", "advert")
    }
    assert seen == {"visits": {Phase.ACCEPTED, Phase.GPC}, "advert": {Phase.ACCEPTED}}
    assert [item.name for item in audited.comparison.unseen] == ["never"]


def test_cookies_are_seen_with_their_facts(audited: Audited) -> None:
    """How long they stay and who can read them, for the proposal."""
    [outside] = [one for one in audited.comparison.findings if one.name == "outside"]
    assert outside.facts.http_only
    assert abs((outside.facts.seconds or 0) - 31_536_000) < 60
    [framed] = [one for one in audited.comparison.findings if one.name == "framed"]
    assert framed.facts.partitioned


def test_it_walks_through_the_site_without_doing_harm(audited: Audited, site: Site) -> None:
    """From where the address leads to; it never logs out, and fetches no file (R3: walking decides nothing)."""
    assert audited.observed.pages == ("/front", "/two")
    assert audited.observed.phases == tuple(Phase)
    assert {"logout", "file.pdf", "list", "three"}.isdisjoint(site.opened)
    assert list(audited.observed.failed) == ["/download"]


def test_no_value_is_kept(audited: Audited) -> None:
    """Neither of a cookie nor of a key, nor anything of another site's address (R48)."""
    assert VALUE not in repr(audited.observed)


def rewritten(pattern: str | re.Pattern[str], text: str, **values: Any) -> ASGIApp:
    return RewritesPages(small(**values), lambda page: re.sub(pattern, text, page))


def test_a_site_that_does_not_ask_is_told_of(auditor: Audit) -> None:
    """The choices are then made on the policy page, and the audit goes on; declarations may come from elsewhere."""
    given = settings().catalogue
    found = auditor(rewritten(BANNER, ""), catalogue=given)
    assert found.faults == {("asking", "first layer", "nothing asks, although there is something to decide")}
    assert found.observed.phases == tuple(Phase)
    assert found.catalogue is given


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        ("", {"accept": True, "reject": True, "alike": True, "ticked": []}),
        ("opacity: 0.6", {"accept": True, "reject": True, "alike": False, "ticked": []}),
        ("background: none", {"accept": True, "reject": True, "alike": False, "ticked": []}),
        ("visibility: hidden", {"accept": True, "reject": False, "alike": True, "ticked": []}),
        ("opacity: 0", {"accept": True, "reject": False, "alike": True, "ticked": []}),
    ],
)
def test_rejecting_has_to_be_seen_and_to_look_like_accepting(
    visit: Visit, rule: str, shown: dict[str, Any]
) -> None:
    """What an eye does not see is not there, and paler is not alike (R5)."""
    style = f"<style>#cst-ask button[value=reject][type] {{ {rule} }}</style></head>"
    assert visit(rewritten("</head>", style), lambda visitor: visitor.asked()["layers"]) == {
        "first layer": shown
    }


ELSEWHERE = "@127.0.0.1:9/admin"


@pytest.mark.parametrize(
    ("action", "at"),
    [
        ("/choices", "/choices"),
        (f"x:{ELSEWHERE}", ""),
        ("http://127.0.0.1:9/admin", ""),
        ("http://[", ""),
    ],
)
def test_a_page_cannot_say_that_the_layer_answers_elsewhere(visit: Visit, action: str, at: str) -> None:
    """Whatever stands in a form, only a path of the same origin counts."""
    site = rewritten(r'action="/consent"', f'action="{action}"')
    assert visit(site, lambda visitor: visitor.asked()["at"]) == at


def test_what_a_page_makes_of_the_question_leads_nowhere(auditor: Audit) -> None:
    """A page that lies to the script is asked where it usually answers, and no other host is."""
    lie = f"({{ origin: location.origin, pathname: '{ELSEWHERE}' }})"
    script = f"<script>URL.parse = () => {lie}; RegExp.prototype.test = () => true</script>"
    form = "</h1><form class=cst-choice action=x></form>"
    assert auditor(rewritten("</h1>", form + script, categories=[])).faults == set()


def test_what_is_read_is_not_read_elsewhere(visit: Visit) -> None:
    """An answer that sends to another address is none: the audit stands where a browser would not let pages read."""

    async def moving(scope: Scope, receive: Receive, send: Send) -> None:
        moved = scope["type"] != "lifespan" and scope["path"] == "/moved.json"
        await (RedirectResponse("/consent/policy.json") if moved else small())(scope, receive, send)

    def read(visitor: Visitor) -> list[Any]:
        return [visitor.reads_json(path) for path in ("/moved.json", "/consent/policy.json")]

    moved, told = visit(moving, read)
    assert moved is None
    assert told


def test_what_never_answers_does_not_hold_a_page_up(visit: Visit) -> None:
    """A picture that does not come is waited for only so long; its host was called, and the page is read."""

    async def hanging(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and scope["path"] == "/hangs.gif":
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await rewritten("</h1>", "</h1><img src=/hangs.gif>")(scope, receive, send)

    assert "first layer" in visit(
        hanging, lambda visitor: visitor.asked()["layers"], Patience(limit=1, quiet=0.1)
    )


def test_a_second_layer_that_does_not_come_is_no_error(visit: Visit) -> None:
    """It is asked for as a visitor does, and there is nothing to judge."""

    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        gone = scope["type"] != "lifespan" and scope["path"].endswith("/choices")
        await (Starlette() if gone else small())(scope, receive, send)

    assert visit(small(), lambda visitor: visitor.opens_choices()) is True
    assert visit(failing, lambda visitor: visitor.opens_choices(), Patience(limit=1, quiet=0.1)) is False


def test_what_a_browser_cannot_do_is_one_sentence() -> None:
    """Without a traceback, whatever it was."""

    def work() -> None:
        with chromium(Path(chromium_path() or "")) as browser:
            browser.new_context().new_page().evaluate("nothing.there")

    with (
        pytest.raises(ConsentError, match=r"^The browser could not go on: "),
        ThreadPoolExecutor(1) as thread,
    ):
        thread.submit(work).result()


@pytest.mark.parametrize(("user", "is_sandboxed"), [(0, False), (1000, True)])
def test_pages_stay_in_the_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, is_sandboxed: bool
) -> None:
    """What an unknown site runs is kept apart from the machine, but for root, for whom Chromium has no sandbox."""
    monkeypatch.setattr(os, "geteuid", lambda: user)
    started = tmp_path / "chromium"
    started.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/told\n')
    started.chmod(0o755)

    def work() -> None:
        with chromium(started):
            """It ends at once."""

    with pytest.raises(ConsentError, match="cannot be started"), ThreadPoolExecutor(1) as thread:
        thread.submit(work).result()
    assert ("--no-sandbox" not in (tmp_path / "told").read_text()) is is_sandboxed


def test_where_nothing_can_be_pressed_the_audit_says_so(auditor: Audit) -> None:
    """One sentence instead of half a report."""
    with pytest.raises(ConsentError, match=r"/consent: there is no button to reject that could be pressed"):
        auditor(rewritten(r'<button[^>]*value="reject"[^>]*>', "<button disabled hidden>"))


def test_a_site_that_asks_nothing_is_only_looked_at(auditor: Audit) -> None:
    """Without categories to decide on there is nothing to press."""
    found = auditor(small(categories=[]))
    assert found.faults == set()
    assert found.observed.phases == (Phase.BEFORE,)


def test_a_site_that_does_not_tell_its_declarations_needs_a_file(auditor: Audit) -> None:
    """One sentence says how to name them."""
    with pytest.raises(ConsentError, match=r"^policy\.json: the declarations cannot be read"):
        auditor(Starlette())


def test_an_app_that_does_not_start_is_one_sentence() -> None:
    """What it says itself is in the log; nothing waits for it."""

    @asynccontextmanager
    async def failing(app: Starlette) -> AsyncIterator[None]:
        if not hasattr(app.state, "database"):
            raise RuntimeError("There is no database.")
        yield

    with (
        pytest.raises(ConsentError, match=r"^site:app does not start"),
        served(Starlette(lifespan=failing), "site:app"),
    ):
        pass
