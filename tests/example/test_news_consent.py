"""What the consent layer keeps the example's paper from doing, although the paper tries."""

import re

import pytest
from starlette.testclient import TestClient

from tests.example.readers import THIRD_PARTIES, NewReader, decide

STORY = "/news/tollen-bridge-reopens"
HABITS = {"reader_id", "layout_test", "campaign", "edition"}
COMPANIES = ("northwind", "gullwing", "peepbox")


def origin(company: str) -> str:
    return THIRD_PARTIES.replace("//", f"//{company}.")


@pytest.mark.parametrize(
    "path", ["/", STORY, "/?utm_campaign=x", "/no-such-page", "/press-jam", "/feed.xml", "/live"]
)
def test_nothing_on_arrival(reader: TestClient, path: str) -> None:
    """Before a choice no cookie leaves, whatever page is asked for (R1)."""
    assert "set-cookie" not in reader.get(path).headers


@pytest.mark.parametrize("says", [None, "reject"])
def test_the_banned_stay_out(new_reader: NewReader, says: str | None) -> None:
    """Without a grant no page names an address of an ad, a film or a pixel for the browser to fetch (R2).

    What stands in a template that waits for consent is fetched by no browser.
    """
    whole = new_reader(says).get(STORY).text
    page = re.sub(r"<template data-consent=.*?</template>", "", whole, flags=re.DOTALL)
    assert whole.count("<template") == 2
    assert origin("gullwing") not in page
    assert origin("peepbox") not in page
    assert "<iframe" not in page


@pytest.mark.parametrize("says", [None, "reject"])
def test_analytics_is_only_announced(new_reader: NewReader, says: str | None) -> None:
    """Without a grant the analytics script stands in the page as text, which no browser runs (R2)."""
    page = new_reader(says).get(STORY).text
    source = f'src="{origin("northwind")}/analytics.js"'
    assert f'<script type="text/plain" data-consent="northwind-insight" {source}>' in page
    assert page.count(origin("northwind")) == 1


def test_accepting_lets_them_in(new_reader: NewReader) -> None:
    """After "I accept cookies" the advert, the film and the pixel are in the page."""
    page = new_reader("accept").get(STORY).text
    for address in (
        "gullwing.localhost:9999/ad",
        "gullwing.localhost:9999/pixel.gif",
        "peepbox.localhost:9999/video/",
    ):
        assert address in page


def test_accepting_lets_declared_cookies_leave(new_reader: NewReader) -> None:
    """After accepting, the declared cookies leave and the undeclared one still does not (R1)."""
    reader = new_reader("accept")
    reader.get("/?utm_campaign=harbour-day")
    reader.post("/edition", data={"edition": "hills"})
    assert HABITS & set(reader.cookies) == {"reader_id", "campaign", "edition"}


def test_rejecting_changes_nothing(new_reader: NewReader) -> None:
    """After "I reject cookies", five pages bring nothing new (R16)."""
    reader = new_reader("reject")
    kept = set(reader.cookies)
    for path in ("/", STORY, "/?utm_campaign=x", "/search?q=wool", "/cookies"):
        reader.get(path)
    assert set(reader.cookies) == kept


def test_the_edition_is_remembered_only_if_allowed(new_reader: NewReader) -> None:
    """The edition is remembered only where preference cookies are allowed, and the page says why."""
    undecided, agreed = new_reader(), new_reader("accept")
    answer = undecided.post("/edition", data={"edition": "hills"}).text
    agreed.post("/edition", data={"edition": "hills"})
    assert "We would need a cookie to remember that" in answer
    assert "Front page, coast edition" in undecided.get("/").text
    assert "Front page, hills edition" in agreed.get("/").text


def test_withdrawing_clears_up(new_reader: NewReader) -> None:
    """Withdrawal deletes what was set, and later pages set nothing again (R18)."""
    reader = new_reader("accept")
    reader.get("/?utm_campaign=harbour-day")
    decide(reader, "withdraw")
    reader.get(STORY)
    assert not HABITS & set(reader.cookies)


def test_a_leftover_cookie_is_not_read(new_reader: NewReader) -> None:
    """A cookie that still arrives after a refusal is not shown to the paper (R18)."""
    reader = new_reader("reject")
    page = reader.get("/", headers={"cookie": "edition=hills"}).text
    assert "Front page, coast edition" in page


def test_one_surface(new_reader: NewReader) -> None:
    """The policy page carries the controls itself, once, and no banner besides (R8)."""
    page = new_reader().get("/cookies").text
    assert page.count("I accept cookies</button>") == 1
    assert page.count("I reject cookies</button>") == 1


def test_the_first_page_asks(reader: TestClient) -> None:
    """The front page asks in the paper's own words and names the controller; the policy has the address (R7)."""
    page = reader.get("/").text
    assert "I accept cookies" in page
    assert "I reject cookies" in page
    assert "The Ostermere Courier asks for your consent" in page
    assert "The Ostermere Courier, 3 Quay Row" in reader.get("/cookies").text


@pytest.mark.parametrize("word", [
    "session", "edition", "reader_id", "_na", "campaign", "ad_id", "vp_session",
    "Northwind Insight plc", "Gullwing Adverts Ltd", "Peepbox Video Co-operative",
])  # fmt: skip
def test_the_policy_names_everything(reader: TestClient, word: str) -> None:
    """The paper's policy page lists every cookie and every company (R46)."""
    assert word in reader.get("/cookies").text


def test_what_is_undeclared_is_not_listed(reader: TestClient) -> None:
    """The policy lists no cookie that nobody declared (R46)."""
    assert "layout_test" not in reader.get("/cookies").text


@pytest.mark.parametrize(("path", "status"), [("/no-such-page", 404), ("/press-jam", 500)])
def test_pages_about_mistakes_ask_too(reader: TestClient, path: str, status: int) -> None:
    """A missing page and a broken one carry the banner and the way back like any other (R17)."""
    page = reader.get(path, headers={"accept": "text/html"})
    assert page.status_code == status
    assert page.text.count('id="cst-ask"') == 1
    assert "Cookie settings" in page.text
