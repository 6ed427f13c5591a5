"""The gallery as readers of the paper find it: all of it is there, and nothing of it decides anything."""

import re

import pytest
from starlette.testclient import TestClient

from examples.news.gallery.specimens import Look, specimens

ALL = list(specimens())


def test_the_overview_lists_every_specimen(reader: TestClient) -> None:
    """Each state of each example is linked in the look that the form asks for, and the form keeps it."""
    look = Look(layout="box", theme="contrast", language="de")
    page = reader.get("/components?layout=box&theme=contrast&language=de").text
    for specimen in ALL:
        assert f'href="{specimen.address(look).replace("&", "&amp;")}"' in page
    assert page.count(" selected") == 3


def test_the_paper_leads_to_it(reader: TestClient) -> None:
    """It is linked from the footer of every page."""
    assert 'href="/components"' in reader.get("/").text


@pytest.mark.parametrize("path", ["/components", ALL[0].address(Look()), "/components/consent"])
def test_it_carries_no_banner_of_the_paper(reader: TestClient, path: str) -> None:
    """Its pages are excluded: only specimens are seen there, and no cookie is set."""
    page = reader.get(path)
    assert page.status_code == 200
    assert 'action="/consent"' not in page.text
    assert "set-cookie" not in page.headers


def test_every_specimen_is_served_with_what_it_loads(reader: TestClient) -> None:
    """Each opens, and every stylesheet and script that it names is there."""
    named = set()
    for specimen in ALL:
        page = reader.get(specimen.address(Look(theme="plain")))
        assert page.status_code == 200
        named |= set(
            re.findall(r'<(?:link rel="stylesheet" href|script type="module" src)="([^"]+)"', page.text)
        )
    assert len(named) == 7
    assert {reader.get(path).status_code for path in named} == {200}


def test_a_specimen_decides_nothing(reader: TestClient) -> None:
    """Its form leads to a page that says so; no cookie is set and nothing is granted."""
    answer = reader.post("/components/consent", data={"action": "accept"})
    assert "Nothing was decided" in answer.text
    assert "set-cookie" not in answer.headers
    assert "marketing" in reader.get("/consent/state").json()["undecided"]


@pytest.mark.parametrize("query", ["layout=round", "theme=none", "language=xx", "layout=&theme=&language="])
def test_what_is_asked_for_in_vain_stays_as_it_is(reader: TestClient, query: str) -> None:
    """An unknown layout, theme or language gives the usual one."""
    path = "/components/typical/banner"
    assert reader.get(f"{path}?{query}").text == reader.get(path).text


@pytest.mark.parametrize(
    "path",
    [
        "typical/none",
        "none/banner",
        "one-category/banner-again",
        "consent/assets/none.css",
        "themes/none.css",
    ],
)
def test_nothing_else_is_there(reader: TestClient, path: str) -> None:
    """What no example shows is not found."""
    assert reader.get(f"/components/{path}").status_code == 404
