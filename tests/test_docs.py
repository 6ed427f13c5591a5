"""The documents: what they show runs as printed, and what they name is there."""

import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from consent import ConsentSettings
from tests.sites import SECRET

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
BROWSER = {"sec-fetch-site": "same-origin", "accept": "text/html"}


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_the_quickstart_runs_as_printed(tmp_path: Path) -> None:
    """README's one file, served by uvicorn, asks, withholds its cookie and lets it out after consent."""
    source = blocks("README.md", "python")[0]
    assert len([line for line in source.splitlines() if line.strip()]) <= 20
    (tmp_path / "app.py").write_text(source)
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "error"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as server:
        try:
            address = f"http://127.0.0.1:{port}"
            with httpx2.Client(base_url=address, headers=BROWSER) as client:
                page = until_it_answers(client)
                assert "You are not counted." in page.text
                assert 'value="accept"' in page.text
                assert "set-cookie" not in page.headers
                assert client.post("/consent", data={"action": "accept", "next": "/"}).status_code == 303
                page = client.get("/")
                assert "You are counted." in page.text
                assert page.headers["set-cookie"].startswith("visits=1")
        finally:
            server.terminate()


def until_it_answers(client: httpx2.Client) -> httpx2.Response:
    for attempt in range(500):
        try:
            return client.get("/")
        except httpx2.TransportError:
            if attempt == 499:
                raise
            time.sleep(0.05)
    raise AssertionError


def test_the_declarations_in_the_docs_are_valid(tmp_path: Path) -> None:
    """The settings file that the docs print can be copied."""
    [text] = blocks("docs/index.md", "toml")
    path = tmp_path / "consent.toml"
    path.write_text(text)
    settings = ConsentSettings.from_toml(path, environ={"CONSENT_SECRET_KEYS": SECRET})
    assert settings.catalogue.requires("reader_7") == {"readership"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_local_links_lead_somewhere(page: Path) -> None:
    """No page of the documentation points at a file that is not there."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_rule_of_http_names_its_test() -> None:
    """Each row of the conformance table names tests, and every one of them is there."""
    text = (ROOT / "docs" / "reference" / "http.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("|") and "|---" not in line]
    rules = [row for row in rows if not row.endswith("| proved by |")]
    assert len(rules) >= 40
    for row in rules:
        named = re.findall(r"`([\w/]+\.py)::(\w+)`", row.rsplit("|", 2)[1])
        assert named, row
        for file, name in named:
            assert f"def {name}(" in (ROOT / "tests" / file).read_text(), (file, name)
