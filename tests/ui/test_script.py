"""The script, in a real browser: it starts what consent allows, in order, under strict policies."""

import gzip
import json
from typing import Any

import pytest
from playwright.sync_api import Page

from consent.state import Consent
from consent.ui.content import standing_of
from tests.ui.conftest import Shown
from tests.ui.test_rendering import NOBODY, RENDERER, standing

pytestmark = pytest.mark.browser

STRICT = {
    "content-security-policy": "default-src 'none'; script-src 'nonce-n'; require-trusted-types-for 'script'; "
    "trusted-types consent; connect-src 'self'"
}


def held(consent: str, code: str = "", **attributes: str) -> str:
    given = " ".join(f'{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<script type="text/plain" data-consent="{consent}" {given}>{code}</script>'


def page_with(*scripts: str, consent: Consent = NOBODY, nonce: str | None = None, twice: bool = False) -> str:
    own = RENDERER.script(consent, base="", nonce=nonce) * (2 if twice else 1)
    first = f"<script{f' nonce={nonce}' if nonce else ''}>window.ran = []</script>"
    return f"<!doctype html><title>x</title>{first}{own}{''.join(scripts)}"


def ran(page: Page) -> Any:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(100)
    return page.evaluate("window.ran")


GRANTED = standing("analytics", services=("ads",))


def test_only_what_is_granted_runs(show: Shown) -> None:
    """A script runs if every category and service that it names is granted (R13, R55)."""
    html = page_with(
        held("analytics", "ran.push(1)"),
        held("marketing", "ran.push(2)"),
        held("ads", "ran.push(3)"),
        held("analytics marketing", "ran.push(4)"),
        held("analytics  ads", "ran.push(5)"),
        held("necessary", "ran.push(6)"),
        held("marketing|ads", "ran.push('one of them')"),
        held("marketing|ads heatmap", "ran.push('and another')"),
        held("marketing|gallery", "ran.push('neither')"),
        held("gallery", "ran.push(7)"),
        held("", "ran.push(8)"),
        consent=GRANTED,
    )
    assert show({"/": html}, ran) == [1, 3, 5, 6, "one of them", "and another"]
    assert show({"/": html.replace('granted="', 'granted="" data-was="')}, ran) == []


def test_scripts_run_in_document_order_and_once(show: Shown) -> None:
    """Later ones wait for earlier files, a missing file holds nobody up, and twice is once (R55)."""
    html = page_with(
        held("analytics", src="/slow.js"),
        held("analytics", "ran.push('inline')"),
        held("analytics", src="/missing.js"),
        held("analytics", src="/module.js", data_type="module"),
        held("analytics", "ran.push('last')"),
        consent=GRANTED,
        twice=True,
    )
    slow = "const end = Date.now() + 200; while (Date.now() < end); ran.push('file')"
    assert show(
        {"/": html, "/slow.js": slow, "/module.js": "ran.push(import.meta.url && 'module')"}, ran
    ) == ["file", "inline", "module", "last"]


def test_a_module_in_the_page_runs_too(show: Shown) -> None:
    """What kind of script it is stands in ``data-type``."""
    html = page_with(held("analytics", "ran.push(typeof import.meta)", data_type="module"), consent=GRANTED)
    assert show({"/": html}, ran) == ["object"]


def test_what_is_async_holds_nobody_up(show: Shown) -> None:
    """An async file is fetched while the next script runs."""
    files = {"/a.js": "ran.push('file')"}
    html = page_with(
        held("analytics", src="/a.js", **{"async": ""}), held("analytics", "ran.push(1)"), consent=GRANTED
    )
    assert show({"/": html, **files}, ran) == [1, "file"]


def test_attributes_stay(show: Shown) -> None:
    """Services read their own attributes from their tag (R55)."""
    html = page_with(
        held(
            "analytics",
            "ran.push(document.currentScript.dataset.site, document.currentScript.id)",
            data_site="7",
            id="x",
        ),
        consent=GRANTED,
    )
    assert show({"/": html}, ran) == ["7", "x"]


def test_it_works_under_nonces_and_trusted_types(show: Shown) -> None:
    """With a nonce-only policy and enforced Trusted Types nonces are kept and nothing is loosened (R34)."""
    html = page_with(
        held("analytics", "ran.push(1)", nonce="n"),
        held("analytics", src="/a.js", nonce="n"),
        held("analytics", "ran.push('no nonce')"),
        held("analytics", "ran.push(2)", nonce="n"),
        consent=GRANTED,
        nonce="n",
    )
    assert show({"/": html, "/a.js": "ran.push('file')"}, ran, headers=STRICT) == [1, "file", 2]


@pytest.mark.parametrize("now", [NOBODY, standing(), GRANTED])
def test_a_page_from_the_history_is_made_true(show: Shown, now: Consent) -> None:
    """A page that comes back from the browser's history asks for the standing, and follows it (R41)."""
    state = json.dumps({name: ids.split() for name, ids in standing_of(now).items()})

    def back(page: Page) -> Any:
        page.wait_for_function("window.consent")
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
        page.wait_for_timeout(300)
        return page.evaluate("[consent.get(), ran]")

    html = page_with(held("counter", "ran.push(1)"))
    told, started = show({"/": html, "/consent/state": state}, back)
    assert told == json.loads(state)
    assert started == ([1] if now is GRANTED else [])


def test_the_whole_of_it_is_small() -> None:
    """Script, both layers' stylesheets and the banner stay under 10 KB, compressed; a first visit loads 8 KB (R54)."""
    sizes = {
        name: len(gzip.compress(RENDERER.assets.content(name), 9)) for name in ("consent.js", "consent.css")
    }
    sizes["banner"] = len(gzip.compress(RENDERER.banner(language="en", base="", return_to="/").encode(), 9))
    assert sum(sizes.values()) < 8 * 1024
    sizes["choices.css"] = len(gzip.compress(RENDERER.assets.content("choices.css"), 9))
    assert sum(sizes.values()) < 10_000


DYNAMIC = {
    "content-security-policy": "default-src 'none'; script-src 'nonce-n' 'strict-dynamic'; connect-src 'self'"
}


def test_markup_alone_runs_no_script_on_a_strict_site(show: Shown) -> None:
    """Where the site's scripts carry a nonce, a smuggled one without it is not started for anybody (R34)."""
    html = page_with(
        held("necessary", "ran.push('smuggled')"),
        held("necessary", src="/code.js"),
        held("necessary", "ran.push('the site')", nonce="n"),
        nonce="n",
    )
    assert show({"/": html, "/code.js": "ran.push('smuggled')"}, ran, DYNAMIC) == ["the site"]


@pytest.mark.parametrize(
    "forged",
    [
        '<script type="text/plain" data-cst-granted="marketing" data-cst-denied=""></script>',
        '<script data-cst-granted="marketing" data-cst-denied=""></script>',
        '<script type="module" src="/other.js" data-cst-granted="marketing" data-cst-denied=""></script>',
        '<script type="module" src="{own}" data-cst-granted="marketing" data-cst-denied=""></script>',
    ],
)
def test_nobody_else_says_what_is_granted(show: Shown, forged: str) -> None:
    """A tag that looks like ours, wherever it stands, grants nothing (R34)."""
    own = RENDERER.assets.url("/consent", "consent.js")
    page = page_with(held("marketing", "ran.push('tracked')"))
    html = page.replace("<title>", forged.format(own=own) + "<title>")
    assert show({"/": html, "/other.js": ""}, ran) == []


def test_a_script_that_no_browser_runs_holds_nobody_up(show: Shown) -> None:
    """Neither `nomodule` nor an unknown type ends with an event; the next one starts all the same (R55)."""
    html = page_with(
        held("necessary", src="/code.js", nomodule=""),
        held("necessary", src="/code.js", data_type="text/x-template"),
        held("necessary", "ran.push('next')"),
    )
    assert show({"/": html, "/code.js": "ran.push('no')"}, ran) == ["next"]
