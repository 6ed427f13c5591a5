"""The documents: what they show runs as printed, and what they name is there."""

import ast
import re
import socket
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import httpx2
import pytest

from consent import ConsentSettings
from consent.ui.assets import Assets
from consent.ui.rendering import Renderer
from consent.ui.sources import template_names
from tests.sites import SECRET, browser, decide, settings

ROOT = Path(__file__).parents[1]
UI = ROOT / "consent" / "ui"
HOW_TO = sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs" / "how-to").glob("*.md"))
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


def test_the_front_page_runs_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its settings file and its app can be copied: together they ask, and obey (R1)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONSENT_SECRET_KEYS", SECRET)
    [declarations], [source] = blocks("docs/index.md", "toml"), blocks("docs/index.md", "python")
    (tmp_path / "consent.toml").write_text(declarations)
    made: dict[str, Any] = {}
    exec(source, made)  # noqa: S102  # our own documents
    assert made["app"].settings.catalogue.requires("reader_7") == {"readership"}
    with browser(made["app"]) as client:
        page = client.get("/").text
        assert "You are not counted." in page
        assert 'id="cst-ask"' in page
        decide(client, "accept")
        assert "You are counted." in client.get("/").text


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


# --- how-to pages ---------------------------------------------------------------------------------


def printed(language: str) -> list[Any]:
    """Every block of a language in the how-to pages."""
    return [
        pytest.param(block, id=f"{Path(page).stem}-{number}")
        for page in HOW_TO
        for number, block in enumerate(blocks(page, language))
    ]


def how_to(page: str) -> str:
    return (ROOT / "docs" / "how-to" / page).read_text()


def templates() -> dict[str, str]:
    """The templates that own-templates.md prints, by the name in their first line."""
    printed = blocks("docs/how-to/own-templates.md", "jinja")
    return {block.split("#", 2)[1].strip(): block for block in printed}


@pytest.mark.parametrize("block", printed("python"))
def test_python_of_the_how_tos_runs(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What imports what it needs runs; the rest is Python."""
    monkeypatch.chdir(tmp_path)

    def execute() -> None:
        code = compile(block, "how-to", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        if block.startswith(("from ", "import ")):
            exec(code, {"__name__": "how_to"})  # noqa: S102  # our own documents

    with ThreadPoolExecutor(1) as thread:  # a browser's loop may be running in this one
        thread.submit(execute).result()


@pytest.mark.parametrize("block", printed("toml"))
def test_toml_of_the_how_tos_sets_a_site_up(block: str, tmp_path: Path) -> None:
    """As printed, or inside the least there can be around it, texts and templates included."""
    folder = tmp_path / "consent_templates"
    folder.mkdir()
    for name, source in templates().items():
        (folder / name).write_text(source)
    group = '[[category]]\nid = "media"\nname = "Media"\npurpose = "Shows media."\n'
    before = group if block.startswith("[[category.service]]") else ""
    path = tmp_path / "consent.toml"
    controller = "" if "\ncontroller = " in block else 'controller = "The Courier"\n'
    path.write_text(controller + before + block)
    site = ConsentSettings.from_toml(path, environ={"CONSENT_SECRET_KEYS": SECRET})
    assert tomllib.loads(block).keys() - {"category"} <= set(ConsentSettings.__dataclass_fields__)
    Renderer(site, site.catalogue)


def test_the_templates_of_the_how_to_can_be_used(tmp_path: Path) -> None:
    """They are taken, and what they show is in every place where it belongs."""
    for name, source in templates().items():
        (tmp_path / name).write_text(source)
    site = settings(templates=str(tmp_path))
    renderer = Renderer(site, site.catalogue)
    place: dict[str, Any] = {"language": "en", "base": "", "return_to": "/"}
    assert "courier-seal" in renderer.banner(**place)
    policy = renderer.policy(site.catalogue.standing(None), **place)
    assert "Questions?" in policy
    assert "cst-policy" in policy
    assert "courier-seal" in renderer.notice("en").body


def test_every_custom_property_is_explained() -> None:
    """theme-it.md names those of consent.css, and no others."""
    css = (UI / "static" / "consent.css").read_text()
    named = re.findall(r"^\| `(--cst-[a-z-]+)`", how_to("theme-it.md"), re.MULTILINE)
    assert sorted(named) == sorted({*re.findall(r"(--cst-[a-z-]+):", css)})
    assert set(re.findall(r"--cst-[a-z-]+", how_to("theme-it.md"))) == {*named}


def test_every_template_is_explained() -> None:
    """own-templates.md names all there are, and parts that it prints."""
    named = set(re.findall(r"\b_?[a-z]+\.html\b", how_to("own-templates.md")))
    assert named == template_names() | {"_seal.html"}


def test_every_language_is_named() -> None:
    """translate.md lists the files there are."""
    named = re.findall(r"`([a-z-]+\.toml)` \| \w", how_to("translate.md"))
    assert sorted(named) == sorted(file.name for file in (UI / "locales").glob("*.toml"))
    assert f"speaks {len(named)} languages" in how_to("translate.md")


def test_every_text_is_named() -> None:
    """change-the-wording.md says of each key where it is shown, and names no other."""
    patterns = set(re.findall(r"`([a-z_]+(?:\.[*a-z]+)?)`", how_to("change-the-wording.md")))
    table = tomllib.loads((UI / "locales" / "en.toml").read_text())
    del table["labels"]
    keys = [
        f"{key}.{name}" if isinstance(value, dict) else key
        for key, value in table.items()
        for name in (value if isinstance(value, dict) else [""])
    ]
    assert [key for key in keys if not any(fnmatch(key, pattern) for pattern in patterns)] == []
    named = {pattern for pattern in patterns if any(fnmatch(key, pattern) for key in keys)}
    assert patterns - named == {"partners", "revision", "partners.few", "partners.many"}


def test_every_member_of_the_script_is_declared_and_explained() -> None:
    """consent.js, consent.d.ts and single-page-apps.md know the same members; the declarations are not served."""
    script = (UI / "static" / "consent.js").read_text()
    [body] = re.findall(
        r"window\.consent = Object\.freeze\(\{\n(.*?)^\}\);", script, re.DOTALL | re.MULTILINE
    )
    members = sorted(re.findall(r"^  (\w+)[:,]", body, re.MULTILINE))
    declarations = (UI / "consent.d.ts").read_text()
    [interface] = re.findall(r"interface ConsentApi \{(.*?)^\}", declarations, re.DOTALL | re.MULTILINE)
    assert sorted(re.findall(r"readonly (\w+):", interface)) == members
    assert sorted(re.findall(r"^\| `(\w+)\(", how_to("single-page-apps.md"), re.MULTILINE)) == members
    events = set(re.findall(r'CustomEvent\("(consent:\w+)"', script))
    assert set(re.findall(r'"(consent:\w+)": CustomEvent', declarations)) == events
    assert set(re.findall(r"`(consent:\w+)`", how_to("single-page-apps.md"))) == events
    assert not any(name.endswith(".ts") for name in Assets().names)
