"""The regulator suite in a real browser: the example passes, and what only a browser sees is found."""

import os
import re
from typing import Any

import pytest
from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from consent import Category
from consent.testing import plugin  # noqa: F401  # so that runs inside this one find it loaded
from consent.testing.regulator import collecting  # noqa: F401  # as above
from consent.testing.regulator.cases import cases
from consent.testing.regulator.opening import site_at
from consent.testing.regulator.probes import PROBES
from consent.testing.regulator.site import Breach, NotGuardedError, Unjudged
from tests.broken import apps
from tests.broken.proxies import RewritesPages
from tests.browser.conftest import Serve
from tests.sites import categories, cookie, service, site
from tests.testing.faulty import rewritten, site_with

pytestmark = pytest.mark.browser

PAGE = "/about"
"""A page of the example that is loaded quickly."""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs pytest in a folder of its own, with the plugin and the options given."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    quiet = ("-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "-p", "no:consent")
    return lambda *options: pytester.runpytest_inprocess("-p", "consent.testing.plugin", *quiet, *options)


def verdicts(chromium: Browser, url: str, *names: str, paths: tuple[str, ...] = ("/",)) -> dict[str, str]:
    """What these cases say of the site, as far as they do not pass."""
    opened = site_at(chromium, url, paths=paths)
    found = {}
    for name in names:
        try:
            opened.perform(PROBES[name], paths[0])
        except (Breach, Unjudged) as said:
            found[name] = f"{type(said).__name__}: {said}"
    opened.close()
    return found


def test_the_whole_example_passes(suite: Any, served: Serve) -> None:
    """Every case passes, but two that it gives no occasion for or that are seen from inside alone."""
    url = f"http://127.0.0.1:{served(apps.whole)}"
    result = suite("--consent-url", url, "--consent-paths", PAGE, "-v")
    lines = "\n".join(result.outlines)
    skipped = {"multi_purpose_cookie_needs_all", "request_cookies_filtered_after_withdrawal"}
    outcomes = dict(re.findall(r"^regulator::test_(\w+)\S* (\w+)", lines, re.MULTILINE))
    assert {name for name, outcome in outcomes.items() if outcome == "SKIPPED"} == skipped
    assert {name for name, outcome in outcomes.items() if outcome == "PASSED"} == set(PROBES) - skipped
    assert len(outcomes) == len(cases())
    assert f"consent: the regulator suite against {url} in a browser, pages {PAGE}" in lines


def test_a_tag_before_consent_is_seen(chromium: Browser, served: Serve) -> None:
    """The injected script contacts its host; the cookie that it leaves is swept up again by ours."""
    names = (
        "no_cookie_on_arrival",
        "third_party_tags_absent_until_consent",
        "reject_then_five_pages_nothing_new",
        "reject_in_one_click",
    )
    found = verdicts(chromium, f"http://127.0.0.1:{served(apps.early)}", *names, paths=(PAGE,))
    assert found == {
        "third_party_tags_absent_until_consent": f"Breach: {PAGE} contacts northwind.localhost (by script) before any choice.",
    }


@pytest.mark.parametrize(
    ("fault", "found", "others"),
    [
        ("buried", {"reject_in_one_click"}, ("no_re_prompt_after_refusal",)),
        ("ticked", {"save_with_nothing_ticked_is_refusal"}, ("reject_in_one_click",)),
        ("surviving", {"withdrawal_deletes_ids_and_notifies"}, ("reject_then_five_pages_nothing_new",)),
        ("mislabelled", {"necessary_needs_justification"}, ("no_cookie_on_arrival",)),
    ],
)
def test_faults_are_found_from_outside(
    chromium: Browser, served: Serve, fault: str, found: set[str], others: tuple[str, ...]
) -> None:
    """Over the wire, with scripts running, the same tests fail as in process."""
    url = f"http://127.0.0.1:{served(getattr(apps, fault))}"
    assert set(verdicts(chromium, url, *found, *others, paths=(PAGE,))) == found


def _styled(css: str) -> ASGIApp:
    return rewritten("</head>", f"<style>.cst-ask button[value=reject] {{ {css} }}</style></head>")


@pytest.mark.parametrize(
    ("app", "said"),
    [
        (_styled("font-size: 11px !important"), "Breach: Accept and reject differ: "),
        (_styled("background: #eee !important; color: #777 !important"), "Breach: Accept and reject differ: background "),
        (rewritten("</head>", "<style>.cst-pair button { background: #999 !important; color: #aaa !important }</style></head>"), "Breach: The labels have a contrast of 1"),
        (rewritten(r'<button[^>]*value="reject">Reject all</button>', ""), "Unjudged: There is no reject button"),
    ],
)  # fmt: skip
def test_buttons_that_look_unlike_are_found(
    chromium: Browser, served: Serve, app: ASGIApp, said: str
) -> None:
    """Another size, other colours and too little contrast are breaches (R5)."""
    found = verdicts(chromium, f"http://127.0.0.1:{served(app)}", "equal_computed_style")
    assert found["equal_computed_style"].startswith(said)


def test_what_scripts_store_is_seen(chromium: Browser, served: Serve) -> None:
    """Storage counts like a cookie; so does a banner that cannot be pressed, and a signal that is heard."""
    app = site_with(
        "<script>localStorage.visited = 1</script><style>.cst-ask { display: none !important }</style>"
    )
    names = ("no_cookie_on_arrival", "reject_in_one_click", "objection_signals_honoured")
    found = verdicts(chromium, f"http://127.0.0.1:{served(app)}", *names)
    assert set(found) == {"no_cookie_on_arrival", "reject_in_one_click"}
    assert found["no_cookie_on_arrival"] == "Breach: / stored 'visited' before any choice."
    assert found["reject_in_one_click"].startswith("Breach: Pressing 'Reject all' on / came to nothing: ")


def test_a_cookie_of_two_categories_goes(chromium: Browser, served: Serve) -> None:
    """With one of its categories granted in the dialog, a shared cookie is deleted (R13)."""
    declared = [
        *categories()[:3],
        Category(id="marketing", services=[service("ads", cookie("_ga"))]),
    ]
    url = f"http://127.0.0.1:{served(site(categories=declared))}"
    assert verdicts(chromium, url, "multi_purpose_cookie_needs_all") == {}


def test_pages_without_a_banner_or_a_link_are_opened_too(chromium: Browser, served: Serve) -> None:
    """Then the visitor goes to the layer's own address; what scripts are not told of, ends with the page."""
    kept = service("login", cookie("__Host-id"), third_party=False)
    app = site(control="template", categories=[Category(id="preferences", services=[kept])])
    names = ("save_with_nothing_ticked_is_refusal", "withdrawal_deletes_ids_and_notifies")
    url = f"http://127.0.0.1:{served(app)}"
    assert verdicts(chromium, url, *names, paths=("/consent",)) == {}
    assert verdicts(chromium, url, names[1], "request_cookies_filtered_after_withdrawal") == {
        "request_cookies_filtered_after_withdrawal": "Unjudged: What the app behind / is shown cannot be seen from outside.",
    }


def test_a_script_that_tells_nobody_is_found(chromium: Browser, served: Serve) -> None:
    """After a withdrawal the page is told which services lost consent (R18)."""
    app = RewritesPages(
        site(), lambda script: script.replace('"consent:change"', '"nothing"'), b"text/javascript"
    )
    found = verdicts(chromium, f"http://127.0.0.1:{served(app)}", "withdrawal_deletes_ids_and_notifies")
    said = found["withdrawal_deletes_ids_and_notifies"]
    assert said.startswith("Breach: After a withdrawal no script in the page was told of 'ads', 'analytics'")


def test_a_chromium_is_found(suite: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Playwright has none of its own the machine's is taken, and without that one sentence says what to do."""
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    result = suite("--consent-url", "http://127.0.0.1:9")
    assert any("http://127.0.0.1:9 does not answer: " in line for line in result.outlines)
    monkeypatch.setenv("PATH", str(tmp_path))
    result = suite("--consent-url", "http://127.0.0.1:9")
    assert any("No Chromium was found; run: playwright install chromium." in line for line in result.outlines)


@pytest.mark.parametrize(("user", "is_sandboxed"), [(0, False), (1000, True)])
def test_pages_stay_in_the_sandbox(
    suite: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, user: int, is_sandboxed: bool
) -> None:
    """What a site runs is kept apart from the machine, but for root, for whom Chromium has no sandbox."""
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    started = tmp_path / "chromium"
    started.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/told\n')
    started.chmod(0o755)
    suite("--consent-url", "http://127.0.0.1:9")
    assert ("--no-sandbox" not in (tmp_path / "told").read_text()) is is_sandboxed


async def elsewhere(request: Request) -> Response:
    return HTMLResponse("<p>nothing of the kind")


async def otherwise(request: Request) -> Response:
    return JSONResponse([{"id": "analytics"}])


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        ([Route("/{path:path}", elsewhere)], "/consent/policy.json?language=en answered 200: no ConsentMiddleware "),
        ([Route("/{path:path}", otherwise)], "/consent/policy.json is not a policy of ConsentMiddleware "),
    ],
)  # fmt: skip
def test_a_site_without_the_layer_is_told(chromium: Browser, served: Serve, routes: Any, said: str) -> None:
    """One sentence names the address and what came from it."""
    url = f"http://127.0.0.1:{served(Starlette(routes=routes))}"
    with pytest.raises(NotGuardedError, match=re.escape(said)):
        site_at(chromium, url, paths=["/"])


@pytest.mark.parametrize("action", ["x:@127.0.0.1:9/admin", "http://127.0.0.1:9/admin", "x://y//z"])
def test_only_the_site_itself_is_asked(chromium: Browser, served: Serve, action: str) -> None:
    """A form that names another host is not believed, a link to one is not followed, nor is a redirect of what is read."""

    async def moved(request: Request) -> Response:
        return RedirectResponse("/consent/state")

    app = rewritten(r'action="/consent"', f'action="{action}"', site(Route("/moved", moved)))
    opened = site_at(chromium, f"http://127.0.0.1:{served(app)}", paths=["/"])
    assert opened.path == "/consent"
    visitor = opened.visitor()
    visitor.open("/")
    assert visitor.read("/moved")[0] == 307
    with pytest.raises(Breach, match=r"^The link to '@127.0.0.1:9/admin' leads away from the site\.$"):
        visitor.open("@127.0.0.1:9/admin")
    visitor.close()
    opened.close()


def test_a_site_that_does_not_answer_is_told(suite: Any) -> None:
    """Nobody listens: one sentence, and no test runs."""
    result = suite("--consent-url", "http://127.0.0.1:9")
    assert any("http://127.0.0.1:9 does not answer: " in line for line in result.outlines)
    result.assert_outcomes(errors=1)


def test_declarations_can_come_from_a_file(chromium: Browser, served: Serve, tmp_path: Any) -> None:
    """``--consent-settings`` is believed rather than what the site publishes."""
    path = tmp_path / "consent.toml"
    path.write_text('controller = "The Courier"\n')
    opened = site_at(chromium, f"http://127.0.0.1:{served(site())}", paths=["/"], settings=path)
    assert opened.declared.asked == frozenset()
    opened.close()
