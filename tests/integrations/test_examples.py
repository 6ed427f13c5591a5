"""The same small site in every framework: what it shows, and that it is one site."""

import runpy
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

from tests.sites import browser, decide
from tests.ui.markup import read

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = ("starlette", "fastapi", "litestar", "quart", "blacksheep")


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(name: str) -> TestClient:
    return browser(import_module(f"examples.{name}.app").create_app())


def test_on_arrival_everything_waits(client: TestClient) -> None:
    """The page asks, the cookie is withheld, the tag is no script yet, and the policy is a link away (R1, R2, R17)."""
    answer = client.get("/")
    page = read(answer.text)
    assert page.one("section", id="cst-ask")
    assert "set-cookie" not in answer.headers
    assert "Your visits are not counted." in answer.text
    assert "brought to you" not in answer.text
    assert page.one("script", src="https://gullwing.example/ads.js")["type"] == "text/plain"
    assert page.one("a", **{"class": "cst-link"})["href"] == "/consent?next=%2F"
    assert [link.text for link in page.one("footer").all("a")][1:] == ["Cookie policy"]
    assert "gullwing.example" in client.get("/consent").text


def test_accepted_it_counts_and_withdrawn_it_forgets(client: TestClient) -> None:
    """The next visit is counted from nothing, and after a withdrawal nothing is left of it (R1, R18)."""
    client.get("/")
    decide(client, "accept")
    first, second = client.get("/").text, client.get("/").text
    assert "Visit number 1." in first
    assert "brought to you by Gullwing" in first
    assert "cst-ask" not in first
    assert "Visit number 2." in second
    assert client.cookies["visits"].strip('"') == "2"
    decide(client, "withdraw")
    assert "visits" not in client.cookies
    assert "Your visits are not counted." in client.get("/").text
    assert "visits" not in client.cookies


def test_services_are_chosen_singly(client: TestClient) -> None:
    """Counting without advertising: the view and the template each follow their own service."""
    decide(client, "save", granted="analytics")
    text = client.get("/").text
    assert "Visit number 1." in text
    assert "brought to you" not in text


def test_it_is_the_same_site(name: str) -> None:
    """Declarations and page are one for all, so that only what is each framework's own differs."""
    folder, first = EXAMPLES / name, EXAMPLES / NAMES[0]
    [page] = [*folder.glob("*/page.*")]
    assert page.read_text() == (first / "templates" / "page.html").read_text()
    assert (folder / "consent.toml").read_text() == (first / "consent.toml").read_text()


def test_fastapis_document_tells_of_consent() -> None:
    """`/docs` shows the layer's addresses, and not the page."""
    client = browser(import_module("examples.fastapi.app").create_app())
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/consent", "/consent/state"} <= set(paths)
    assert "/" not in paths


@pytest.mark.parametrize("example", [*NAMES, "htmx", "spa"])
def test_each_example_starts(example: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m examples.<name>` serves it at the port that PORT names."""
    ran: dict[str, Any] = {}
    monkeypatch.setenv("PORT", "8123")
    monkeypatch.setattr(uvicorn, "run", lambda app, **values: ran.update(values))
    runpy.run_module(f"examples.{example}", run_name="__main__")
    assert ran == {"host": "127.0.0.1", "port": 8123}
