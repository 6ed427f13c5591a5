"""The regulator suite in process: what it finds in the example, in its broken copies and in tiny broken sites."""

import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp

import consent.testing
from consent import Category
from consent.testing import plugin  # so that runs inside this one find it loaded
from consent.testing.regulator import collecting, opening  # noqa: F401  # as above
from consent.testing.regulator.cases import cases
from consent.testing.regulator.in_process import AppSite
from consent.testing.regulator.probes import PROBES
from consent.testing.regulator.site import Breach, Unjudged
from consent.testing.regulator.words import ACCEPTING, ADVERTISING, LEGITIMATE_INTEREST, REFUSING
from consent.ui.texts import Languages
from tests.broken import apps
from tests.sites import categories, service, site
from tests.testing.faulty import FAULTY, Swallows, site_with

ROOT = Path(__file__).parents[2]
PAGES = "/,/news/tollen-bridge-reopens,/no-such-page"

SEEN = {
    "arrival": {"no_cookie_on_arrival"},
    "buried": {"reject_in_one_click"},
    "surviving": {"refuse_expires_every_declared_cookie", "withdrawal_deletes_ids_and_notifies"},
    "mislabelled": {"necessary_needs_justification"},
    "ticked": {"save_with_nothing_ticked_is_refusal"},
    "early": {"third_party_tags_absent_until_consent"},
}
"""Which tests fail on which broken copy."""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs pytest in a folder of its own, with the plugin and the options given."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    quiet = ("-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "-p", "no:consent")
    return lambda *options: pytester.runpytest_inprocess("-p", "consent.testing.plugin", *quiet, *options)


def names(result: pytest.RunResult, outcome: str) -> set[str]:
    """The cases with this outcome, each once."""
    lines = "\n".join(result.outlines)
    return set(re.findall(rf"^regulator::test_(\w+)\S* {outcome}", lines, re.MULTILINE))


def test_the_whole_example_passes(suite: Any) -> None:
    """Every case passes on the example, but two that it gives no occasion for or that need a browser."""
    result = suite("--consent-app", "tests.broken.apps:whole", "--consent-paths", PAGES, "-v", "-rs")
    assert result.ret == 0
    skipped = {"multi_purpose_cookie_needs_all", "equal_computed_style"}
    assert names(result, "SKIPPED") == skipped
    assert names(result, "PASSED") == {case.name for case in cases()} - skipped
    result.stdout.fnmatch_lines(
        ["*No cookie serves more than one category.", "*styles are computed by browsers*"]
    )


@pytest.mark.parametrize("fault", apps.FAULTS)
def test_exactly_the_right_tests_fail(suite: Any, fault: str) -> None:
    """On each broken copy of the example the tests for its fault fail, and no other."""
    result = suite("--consent-app", f"tests.broken.apps:{fault}", "--consent-paths", PAGES, "-v")
    assert names(result, "FAILED") == SEEN[fault]
    assert result.ret == 1


# --- every case can fail, and does not without cause ----------------------------------------------


def verdicts(app: ASGIApp, *names: str, path: str = "/") -> dict[str, str]:
    """What these cases, or all, say of an app, as far as they do not pass."""
    opened = AppSite(app, name="a site", host="localhost", paths=[path])
    found = {}
    for name in names or [case.name for case in cases() if "app" not in case.unjudged]:
        try:
            opened.perform(PROBES[name], path)
        except (Breach, Unjudged) as said:
            found[name] = f"{type(said).__name__}: {said}"
    opened.close()
    return found


def test_a_page_with_the_controls_needs_no_link_to_them() -> None:
    """On the policy page consent can be given, refused and withdrawn where one stands (R8, R17)."""
    names = (
        "withdraw_clicks_at_most_accept_clicks_plus_one",
        "one_consent_surface",
        "no_re_prompt_after_refusal",
    )
    assert verdicts(site(), *names, path="/consent") == {}


def test_styles_are_not_judged_in_process() -> None:
    """Where nothing is drawn, looks are neither good nor bad."""
    found = verdicts(site(), "equal_computed_style")
    assert found == {"equal_computed_style": "Unjudged: Styles are computed by browsers."}


@pytest.mark.parametrize(
    ("case", "number"), [(case, number) for case, apps in FAULTY.items() for number in range(len(apps))]
)
def test_every_case_can_fail(case: str, number: int) -> None:
    """There are sites on which it does, and it says in one sentence what came."""
    said = verdicts(FAULTY[case][number](), case)[case]
    assert said.startswith("Breach: ")
    assert said.endswith(".")


@pytest.mark.parametrize("shared", [False, True], ids=["private", "shared"])
def test_no_case_fails_without_cause(shared: bool) -> None:
    """On a site that does what it should, no case fails, where pages are the same for all neither."""
    values: dict[str, Any] = {"cache": "shared"} if shared else {}
    said = "Unjudged: No cookie serves more than one category."
    assert verdicts(site(**values)) == {"multi_purpose_cookie_needs_all": said}


def test_what_a_site_gives_no_occasion_for_is_skipped() -> None:
    """A site without advertising, third parties and cookies says so instead of passing."""
    edition = Category(id="preferences", services=[service("edition", third_party=False)])
    found = verdicts(site(categories=[categories()[0], edition]))
    assert set(found) == {
        "refuse_expires_every_declared_cookie",
        "multi_purpose_cookie_needs_all",
        "request_cookies_filtered_after_withdrawal",
        "advertising_purpose_named",
        "second_layer_lists_third_parties",
        "partner_count_on_first_layer",
        "objection_signals_honoured",
    }
    assert all(why.startswith("Unjudged: No ") for why in found.values())


def test_every_case_has_a_site_on_which_it_fails() -> None:
    """Here or, where only browsers see it, with the tests of browsers; cases and probes are the same."""
    assert set(FAULTY) == set(PROBES) == {case.name for case in cases()}
    assert [name for name, sites in FAULTY.items() if not sites] == ["equal_computed_style"]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_every_case_names_a_decision_and_a_remedy(case: Any) -> None:
    """Who decided, when, under which number, and what to do, in whole sentences."""
    assert case.decisions
    assert all(2018 <= decision.year <= 2026 for decision in case.decisions)
    assert case.fault.endswith(".")
    assert case.remedy.endswith((".", "'"))
    assert re.fullmatch(r"R\d+", case.rule)
    explained = case.explain()
    assert case.remedy in explained
    assert all(decision.source in explained for decision in case.decisions)


@pytest.mark.parametrize("language", sorted(Languages({}, default="en").tags))
def test_words_are_recognised_in_every_language(language: str) -> None:
    """What the layer itself says of advertising and on its buttons is read aright in each language (R6, R7)."""
    texts = Languages({}, default="en").get(language)
    said = texts.text("category.marketing.name") + texts.text("category.marketing.purpose")
    assert ADVERTISING.search(said), said
    assert not LEGITIMATE_INTEREST.search(said)
    assert not REFUSING.search(texts.text("accept"))
    assert REFUSING.search(texts.text("reject")) or not ACCEPTING.search(texts.text("reject"))


# --- as a plugin ----------------------------------------------------------------------------------


def test_a_failure_says_who_decided_and_what_to_do(suite: Any) -> None:
    """What came, the fault, the decisions and the remedy are printed, and stand in the JUnit report."""
    result = suite("--consent-app", "tests.broken.apps:arrival", "-k", "arrival", "--junitxml=report.xml")
    result.stdout.fnmatch_lines([
        "consent: the regulator suite against tests.broken.apps:arrival in this process, pages /",
        "/ stored 'visitor' before any choice.",
        "Something was stored on the device before the visitor chose anything.",
        "  CNIL, Les Publications Condé Nast (2025, SAN-2025-010)",
        "What to do: Find what sets it*",
    ])  # fmt: skip
    report = Path("report.xml").read_text()
    assert 'name="decisions" value="CNIL, Google (2020, SAN-2020-012); ' in report


def test_what_a_site_answers_commands_nobody(suite: Any) -> None:
    """Escapes and line breaks in what it declares or links to reach no terminal and no build."""
    cases = "second_layer_lists or third_party_tags"
    result = suite("--consent-app", "tests.testing.test_regulator:attacking", "-k", cases, "-v")
    result.assert_outcomes(failed=2, deselected=23)
    told = result.stdout.str()
    assert "does not name 'Ads\\x1b]0;x" in told
    assert "/ contacts a\\u001bcb.example (by <img src>) before any choice." in told
    assert [letter for letter in told if letter != "\n" and not letter.isprintable()] == []
    assert "::error" not in told


ATTACK = "Ads\x1b]0;x\x1b\\\n::error::from the site"

attacking = site_with(
    "<img src='https://a\x1bcb.example/x.gif' alt=''>",
    categories=[categories()[0], Category(id="marketing", services=[service("ads", provider=ATTACK)])],
)


def test_tests_can_be_selected(suite: Any) -> None:
    """By name, by mark and by node id, as any other."""
    app = ("--consent-app", "tests.broken.apps:whole", "--consent-paths", "/,/about", "-v")
    by_name = suite(*app, "-k", "fonts or surface")
    by_name.assert_outcomes(passed=4, deselected=30)
    by_id = suite(
        *app, "regulator::test_one_consent_surface[/about]", "regulator::test_vague_purposes_refused"
    )
    by_id.assert_outcomes(passed=2)
    suite(*app, "-m", "not regulator").assert_outcomes(deselected=34)


def test_a_sites_own_tests_run_if_they_are_named(suite: Any, pytester: pytest.Pytester) -> None:
    """Without a file named only the suite runs; without options nothing of it does."""
    pytester.makepyfile(test_own="def test_own(): pass")
    app = ("--consent-app", "tests.broken.apps:whole", "-k", "own or surface")
    suite(*app).assert_outcomes(passed=1, deselected=24)
    suite(*app, "test_own.py").assert_outcomes(passed=2, deselected=24)
    suite().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--consent-app", "a:b", "--consent-url", "http://a"), "*came together; allowed is one at a time.*"),
        (
            ("--consent-app", "a:b", "--consent-paths", "news"),
            "*--consent-paths came as 'news'; allowed are paths*",
        ),
        (
            ("--consent-app", "nowhere:app"),
            "*'nowhere:app' names no app*allowed is 'module:app' or 'module:factory()'.*",
        ),
        (
            ("--consent-app", "tests.testing.test_regulator:bare"),
            "*without a consent layer: ConsentMiddleware*",
        ),
    ],
)
def test_what_cannot_be_tested_is_told_in_a_sentence(
    suite: Any, options: tuple[str, ...], message: str
) -> None:
    """Options that contradict each other, an app that is not there, and one without the middleware."""
    result = suite(*options)
    assert result.ret != 0
    assert any(fnmatchcase(line, message) for line in (*result.outlines, *result.errlines))


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """An app without a consent layer, and without a lifespan."""
    if scope["type"] == "lifespan":
        raise RuntimeError("no lifespan here")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body"})


def test_a_browser_that_is_missing_is_told(suite: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Playwright one sentence says what to install."""
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    for module in ("opening", "in_browser"):
        monkeypatch.delitem(sys.modules, f"consent.testing.regulator.{module}")
    result = suite("--consent-url", "http://127.0.0.1:9")
    assert any("pip install 'asgi-consent[audit]'" in line for line in result.outlines)


def test_an_error_of_another_kind_is_shown_as_it_is(suite: Any) -> None:
    """What is no verdict on the site has its traceback."""
    result = suite("--consent-app", "tests.testing.test_regulator:talking", "-k", "one_click")
    result.assert_outcomes(failed=1, deselected=24)
    assert any("JSONDecodeError" in line for line in result.outlines)


talking = Swallows(site(), "/consent/state", 200)


def test_an_app_that_cannot_start_is_no_app_to_test(suite: Any) -> None:
    """An error during its start is the app's own, and is shown."""
    result = suite("--consent-app", "tests.testing.test_regulator:broken_at_start")
    assert result.ret != 0
    assert any("the database is gone" in line for line in result.outlines)


def test_a_factory_is_called(suite: Any) -> None:
    """``module:factory()`` names an app too."""
    suite("--consent-app", "tests.sites:site()", "-k", "surface").assert_outcomes(passed=1, deselected=24)


async def broken_at_start(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "lifespan.startup.complete"})
    raise RuntimeError("the database is gone")


def test_the_entry_point_is_this_plugin() -> None:
    """A session that loads what pyproject.toml names knows the options, and has imported nothing of the suite."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["pytest11"]
    assert declared == {"consent": "consent.testing.plugin"}
    code = (
        "import sys, pytest; pytest.main(['-p', 'consent.testing.plugin', '--help', '-q', '-p', 'no:cacheprovider']);"
        "print(sorted(m for m in sys.modules if m.startswith(('consent.testing', 'playwright'))))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert "--consent-app=MODULE:APP" in run.stdout
    assert run.stdout.splitlines()[-1] == "['consent.testing', 'consent.testing.plugin']"


def test_the_table_of_the_docs_is_the_data() -> None:
    """test-your-site.md lists each case with its decisions and its remedy, and every option."""
    page = (ROOT / "docs" / "how-to" / "test-your-site.md").read_text()
    rows = [line for line in page.split("## The cases")[1].splitlines() if line.startswith("| `")]
    assert rows == [
        f"| `{case.name}`{' (each page)' if case.each_page else ''}: {case.fault} "
        f"| {'; '.join(map(str, case.decisions))} | {case.remedy} |"
        for case in cases()
    ]
    options = re.findall(r'"(--consent-[a-z]+)"', Path(plugin.__file__).read_text())
    assert re.findall(r"^\| `(--[a-z-]+)", page, re.MULTILINE) == options
    helpers = {
        name for row in re.findall(r"^\| `.*`", page, re.MULTILINE) for name in re.findall(r"\w+", row)
    }
    assert set(consent.testing.__all__) <= helpers
