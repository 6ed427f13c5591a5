"""What the command line says of an audit: `consent audit`."""

import json
import re
import sys
import tomllib
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from consent.audit.comparing import Comparison
from consent.audit.declared import Item
from consent.cli import auditing
from tests.audit.test_report import report
from tests.cli.evidence import consent, seen

SITE = """from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from consent import Category, ConsentMiddleware, ConsentSettings, Cookie, Service, Storage

cookie = Cookie(name="visits", duration="1 year", purpose="Counts.")
pixel = Cookie(name="_fbp", duration="90 days", purpose="Tracks.")
never = Cookie(name="never", duration="1 year", purpose="Counts.")
counter = Service(id="counter", name="Counter", purpose="Counts.", third_party=False, cookies=[cookie, never])
settings = ConsentSettings(
    controller="Us", secret_keys=["k" * 40], signals=[], categories=[Category(id="analytics", services=[counter])]
)


async def file(request):
    return Response("a,b", media_type="text/csv", headers={"content-disposition": "attachment"})


async def page(request):
    scripts = "<script>localStorage.one = 1; document.cookie = 'visits=1'; document.cookie = '_fbp=1'</script>"
    return HTMLResponse(f"<!doctype html><title>Shop</title><body>{scripts}")


routes = [Route("/file", file), Route("/", page), Route("/list", page)]
app = ConsentMiddleware(Starlette(routes=routes), settings=settings)
tracked = Service(
    id="tracked", name="T", purpose="P", third_party=False, justification="J", override="O", cookies=[cookie, pixel],
    storage=[Storage(name=name, kind="local", purpose="P") for name in ("one", "never\\ud800")]
)
necessary = Category(id="necessary", services=[tracked])
nothing_asked = ConsentSettings(controller="Us", secret_keys=["k" * 40], categories=[necessary])
silent = Starlette(routes=routes)


async def hostile(request):
    names = [
        r"\\x1b[2Kgone\\x1b]0;x\\x1b\\\\", r"a\\u202e\\u009b2Jb", r"two\\n::error title=x::from the site",
        "a-name-as-long-as-its-column-is ::warning::from the site", "b ##vso[task.complete]",
        r"half\\ud800",
    ]
    stores = "".join(f"localStorage['{name}'] = 1;" for name in names)
    return HTMLResponse(f"<!doctype html><title>Shop</title><script>{stores}document.cookie = 'a-value'</script>")


attacking = Starlette(routes=[Route("/", hostile)])
nothing = None
"""


@pytest.fixture
def shop(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site in the working directory, with a settings file of its own."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "audited_shop", raising=False)
    (folder / "audited_shop.py").write_text(SITE)
    return folder


KNOWN = """{"version": 1, "findings": [
  {"fault": "early", "what": "cookie", "name": "visits", "host": "", "phases": ["before", "rejected", "withdrawn"]},
  {"fault": "undeclared", "what": "local", "name": "one", "host": "", "phases": ["before"]}
]}"""


@pytest.mark.browser
def test_an_app_is_audited_and_compared_with_a_baseline(shop: Path) -> None:
    """It is served by itself; files hold the whole report; what a baseline knows is told, and only the rest fails."""
    (shop / "known.json").write_text(KNOWN)
    options = ("--path", "/list", "--depth", "0", "--quiet", "0.1", "--baseline", "known.json")
    found = consent(
        "audit", "audited_shop:app", *options, "--json", "a.json", "--html", "a.html", COLUMNS="200"
    )
    assert found.exit_code == 1
    assert "Written to a.json.\nWritten to a.html.\n" in found.stderr
    lines = [" ".join(line.split()) for line in found.stdout.splitlines()]
    assert lines[0].startswith("3 findings, 1 of them known, on 2 pages of http://127.0.0.1:")
    assert "Before or without consent" in lines
    told = "Cookie visits (known) counter before a choice, after rejecting, after withdrawing /, /list"
    assert [line for line in lines if line.startswith(told)]
    assert [line for line in lines if line.startswith("localStorage one - before a choice, after rejecting")]
    assert lines[-2:] == ["Declared, and not seen on these pages", "never (counter)"]
    assert "[[category]]" in lines
    assert 'use = "meta-pixel"' in lines
    report = json.loads((shop / "a.json").read_text())
    assert report["phases"] == ["before", "rejected", "accepted", "withdrawn"]  # it does not listen to GPC
    faults = {(one["fault"], one["name"], one["known"]) for one in report["findings"]}
    assert faults == {("early", "visits", True), ("undeclared", "_fbp", False), ("undeclared", "one", False)}
    assert (shop / "a.html").read_text().startswith("<!doctype html>")


@pytest.mark.browser
def test_a_baseline_is_written_and_nothing_fails(shop: Path) -> None:
    """Declarations can be named, here those of a site that asks nothing; what cannot be visited is told."""
    options = ("--settings", "audited_shop:nothing_asked", "--path", "/file", "--quiet", "0.1")
    found = consent("audit", "audited_shop:silent", *options, "--write-baseline", "b.json")
    assert found.exit_code == 0
    assert "/file could not be visited: Download is starting.\n" in found.stderr
    assert found.stderr.endswith("Written to b.json.\n")
    kept = json.loads((shop / "b.json").read_text())["findings"]
    assert [(one["fault"], one["name"]) for one in kept] == [("mislabelled", "_fbp")]
    assert found.stdout.startswith("1 finding on 1 page of http://127.0.0.1:")
    assert "To add to the settings" not in found.stdout


@pytest.mark.browser
def test_what_a_site_calls_things_commands_nobody(shop: Path) -> None:
    """Neither the terminal nor a build does what names say: what does not show is escaped, in files too."""
    options = (
        "--settings",
        "audited_shop:nothing_asked",
        "--quiet",
        "0.1",
        "--json",
        "a.json",
        "--html",
        "a.html",
    )
    found = consent("audit", "audited_shop:attacking", *options, COLUMNS="80")
    assert found.exit_code == 1
    proposal = json.loads((shop / "a.json").read_text())["proposal"]
    assert "(without a name)" in " ".join(found.stdout.split())
    assert "a-value" not in found.stdout + (shop / "a.json").read_text()
    for text in (found.stdout, found.stderr, proposal):
        assert [letter for letter in text if letter != "\n" and not letter.isprintable()] == []
        assert not re.search(r"::(error|warning)|##vso", text)
    declared = tomllib.loads(proposal)["category"][0]["service"][0]["storage"]
    assert {"a\u202e\u009b2Jb", r"half\ud800"} <= {one["name"] for one in declared}
    for name in ("half", "never"):
        assert rf"<code>{name}\ud800</code>" in (shop / "a.html").read_text()
    assert r"two\n:\u003aerror title=x:\u003afrom the site" in found.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["localhost:8000"], "URL: came as 'localhost:8000'; allowed is an address such as 'https://example.org/', or module:app."),
        (["ftp://site.example/"], "URL: came as 'ftp://site.example/'; allowed is an address"),
        (["no_such_module:app"], "URL: 'no_such_module' cannot be imported: ModuleNotFoundError"),
        (["audited_shop:nothing"], "URL: audited_shop:nothing holds no app."),
        (["http://h.example/", "--path", "news"], "--path: came as 'news'; allowed is a path on the site such as '/news'."),
        (["http://h.example/", "--path", "//evil"], "--path: came as '//evil'"),
        (["http://h.example/", "--baseline", "no.json"], "no.json: the file cannot be read: No such file or directory."),
        (["http://h.example/", "--settings", "no.toml"], "--settings, {here}/no.toml: the file cannot be read"),
        (["http://h.example/", "--browser", "/bin/false"], "--browser: '/bin/false' cannot be started"),
    ],
)  # fmt: skip
def test_what_cannot_be_audited_is_one_sentence(shop: Path, words: list[str], sentence: str) -> None:
    """Exit 2, no traceback, and nothing on standard output."""
    found = consent("audit", *words)
    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr.startswith(f"consent: {seen(sentence)}")
    assert len(found.stderr.splitlines()) == 1


@pytest.mark.browser
def test_a_site_that_does_not_answer_is_one_sentence(shop: Path) -> None:
    """Exit 2, with what the browser says; an address may have a path."""
    found = consent("audit", "http://127.0.0.1:9/news")
    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr.startswith("consent: http://127.0.0.1:9/news cannot be opened: net::ERR_")


def test_without_a_browser_it_says_what_to_do(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none is on the PATH, and Playwright has brought none."""
    found = consent("audit", "http://h.example/", PATH="", PLAYWRIGHT_BROWSERS_PATH=str(shop))
    assert found.exit_code == 2
    assert found.stderr.startswith("consent: There is no browser on the PATH (looked for chromium, ")
    assert found.stderr.endswith("install Chromium, or name one with --browser.\n")


@pytest.mark.parametrize(
    ("missing", "words", "sentence"),
    [
        (
            "playwright.sync_api",
            ["http://h.example/"],
            "An audit needs more: pip install 'asgi-consent[audit]'.",
        ),
        ("uvicorn", ["audited_shop:app"], "To serve an app needs more: pip install 'asgi-consent[audit]'."),
    ],
)
def test_without_the_extra_it_says_what_to_install(
    shop: Path, monkeypatch: pytest.MonkeyPatch, missing: str, words: list[str], sentence: str
) -> None:
    """One line, exit 2, no traceback."""
    for name in ("consent.audit.browser", "consent.audit.tour"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    found = consent("audit", *words)
    assert (found.exit_code, found.stderr) == (2, f"consent: {sentence}\n")


def test_only_the_extra_is_told_of(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything else that is missing is a fault of the installation, and shows where."""
    monkeypatch.delitem(sys.modules, "consent.audit.browser", raising=False)
    monkeypatch.setitem(sys.modules, "consent.audit.watching", None)
    found = consent("audit", "http://h.example/")
    assert isinstance(found.exception, ModuleNotFoundError)


def test_where_all_was_seen_nothing_is_said_of_it() -> None:
    """What is declared and was not seen has a heading only if there is any (R48)."""
    given = report(clean=True)
    for unseen in ((), (Item(kind="cookie", name="never", service="shop"),)):
        screen = StringIO()
        told = replace(given, comparison=Comparison(findings=(), unseen=unseen))
        auditing._show(Console(file=screen, width=200), told)
        assert ("Declared, and not seen" in screen.getvalue()) is bool(unseen)
