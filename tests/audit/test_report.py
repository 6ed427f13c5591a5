"""The report: what it says in words, as JSON, and as a page in a real browser."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from consent import Category
from consent.audit import report as reports
from consent.audit.asking import silent
from consent.audit.comparing import FAULTS, compare
from consent.audit.proposals import propose
from consent.audit.report import Report, page, shortened, summary, told
from consent.audit.sightings import Facts, Phase
from tests.audit.seen import declared, observed, sighting, thing
from tests.sites import categories, service

BEFORE, REJECTED, ACCEPTED, WITHDRAWN, GPC = Phase
PAGES = tuple(f"/news/a-story-whose-address-is-rather-long-{number}?edition=coast" for number in range(8))
LONG = "an_undeclared_key_with_a_name_that_somebody_must_have_been_paid_for_by_the_character_1234567890"


def report(*, known: bool = False, clean: bool = False) -> Report:
    tracked = service("statistics", "_ga", justification="We want it.", override="We really do.")
    given = declared([Category(id="necessary", services=[tracked]), *categories()[1:3]])
    seen = [] if clean else [
        [one for each in PAGES for one in sighting(thing("cookie", "edition"), BEFORE, REJECTED, page=each)],
        sighting(thing("cookie", "_hm"), WITHDRAWN, page=PAGES[0]),
        sighting(thing("local", LONG), *Phase),
        sighting(thing("cookie", "uid", "ads.example"), ACCEPTED, facts=Facts(seconds=86_400 * 30)),
        sighting(thing("host", "www.googletagmanager.com"), ACCEPTED),
    ]  # fmt: skip
    asking = [] if clean else [silent("/")]
    looked = observed(
        *seen, asking=asking, pages=("/", *PAGES), failed={} if clean else {"/list": "Download is starting"}
    )
    compared = compare(looked, declared(categories()) if clean else given)
    return Report(
        observed=looked,
        comparison=compared,
        proposal=propose(compared.findings, given.catalogue),
        known=frozenset(one.key for one in compared.findings if known or one.fault == "early"),
        made=datetime(2026, 11, 28, 9, 5, tzinfo=UTC),
    )


def test_what_has_no_name_is_called_so() -> None:
    """A cookie that is written without ``=`` is all value, of which nothing is told (R48)."""
    nameless = thing("cookie", "")
    compared = compare(observed(sighting(nameless, BEFORE)), declared())
    found = replace(report(), comparison=compared, proposal="")
    assert '<th role="rowheader" scope="row">(without a name)</th>' in page(found)
    assert json.loads(told(found))["findings"][0]["name"] == ""


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (report(clean=True), "Nothing found on 9 pages of https://www.paper.example."),
        (report(), "7 findings, 1 of them known, on 9 pages of https://www.paper.example."),
        (report(known=True), "7 findings, 7 of them known, on 9 pages of https://www.paper.example."),
    ],
)
def test_one_sentence_says_what_was_found(given: Report, sentence: str) -> None:
    """How much, how much of it is known, and on how many pages."""
    assert summary(given) == sentence


def test_what_fails_is_what_nobody_knew() -> None:
    """A baseline's findings are told and do not count."""
    assert {one.fault for one in report().new} == {"surviving", "undeclared", "mislabelled", "asking"}
    assert report(known=True).new == ()
    assert [*report().groups] == [*FAULTS]


def test_many_pages_are_told_shortly() -> None:
    """The first three, and how many more."""
    assert shortened(["/a", "/b"]) == "/a, /b"
    assert shortened([*"abcde"]) == "a, b, c and 2 more"


def test_programs_read_all_of_it() -> None:
    """Every finding with its phases and pages, what was not seen, and what to add."""
    found = json.loads(told(report()))
    assert found.keys() == {
        "site",
        "made",
        "phases",
        "pages",
        "not_visited",
        "findings",
        "unseen",
        "proposal",
    }
    assert found["made"] == "2026-11-28T09:05:00+00:00"
    [early] = [one for one in found["findings"] if one["fault"] == "early"]
    assert early == {
        "fault": "early", "what": "cookie", "name": "edition", "host": "", "services": ["edition"],
        "seen": {"before": [*PAGES], "rejected": [*PAGES]}, "because": "", "known": True,
    }  # fmt: skip
    assert {"what": "host", "name": "stats.example", "host": "", "service": "counter"} in found["unseen"]
    assert found["not_visited"] == {"/list": "Download is starting"}
    assert "[[category.service]]" in found["proposal"]


def test_the_page_escapes_what_sites_make_up() -> None:
    """A cookie can have any name."""
    evil = compare(observed(sighting(thing("local", "<img src=x onerror=alert(1)>"), ACCEPTED)), declared())
    given = Report(
        observed=observed(), comparison=evil, proposal="</pre><script>", known=frozenset(), made=report().made
    )
    assert "<img" not in page(given)
    assert "<script" not in page(given)


def test_every_kind_of_fault_has_words() -> None:
    """A heading and what to do about it."""
    assert [*reports.HEADINGS] == [*reports.ADVICE] == [*FAULTS]


LOOKED_AT = """() => ({
  sideways: document.documentElement.scrollWidth > innerWidth,
  outside: [...document.querySelectorAll("th, td, p, li, h1, h2")].filter((part) => {
    const rect = part.getBoundingClientRect();
    return !part.closest("pre") && rect.width && (rect.left < -1 || rect.right > innerWidth + 1) && !part.closest("thead");
  }).length,
  requests: performance.getEntriesByType("resource").length,
  headings: [...document.querySelectorAll("h2")].map((heading) => heading.textContent),
})"""


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_is_readable(window: Callable[[Any], Any], scheme: Any, width: int) -> None:
    """On a telephone and on a desk, light and dark: nothing leaves the window, and axe finds nothing (R51)."""

    def look(browser: Browser) -> Any:
        with browser.new_context(viewport={"width": width, "height": 700}, color_scheme=scheme) as opened:
            shown = opened.new_page()
            shown.set_content(page(report()))
            violations = Axe().run(shown).response["violations"]
            names = [f"{one['id']}: {node['html']}" for one in violations for node in one["nodes"]]
            return {**shown.evaluate(LOOKED_AT), "axe": names}

    assert window(look) == {
        "sideways": False,
        "outside": 0,
        "requests": 0,
        "headings": [
            *reports.HEADINGS.values(),
            "To add to the settings",
            "Declared, and not seen",
            "What was visited",
        ],
        "axe": [],
    }


@pytest.mark.browser
def test_where_nothing_is_wrong_the_page_is_short(window: Callable[[Any], Any]) -> None:
    """What was visited, and what was not seen."""

    def look(browser: Browser) -> Any:
        with browser.new_context() as opened:
            shown = opened.new_page()
            shown.set_content(page(report(clean=True)))
            return shown.evaluate(LOOKED_AT)["headings"]

    assert window(look) == ["Declared, and not seen", "What was visited"]
