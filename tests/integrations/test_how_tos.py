"""The how-to pages of frameworks: alike in their headings, and followed word for word in an empty folder."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from consent import Category, services
from consent.integrations.django.templatetags.consent import register
from consent.integrations.jinja import install
from tests.sites import SECRET, browser, categories, decide, site
from tests.ui.markup import read

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
HEADINGS = ["Install", "Put the middleware in", "Ask in a view", "Ask in a template", "Test it"]
FRAMEWORKS = ("blacksheep", "fastapi", "litestar", "quart", "starlette")
CHECKED = """
import runpy, mysite.asgi
from django.core.management import call_command
call_command("check", fail_level="WARNING")
tests = runpy.run_path("test_site.py")
[call() for name, call in tests.items() if name.startswith("test_")]
print(tests["browser"]().get("/").text)
"""
"""Sets Django up, checks the project, runs the tests of the page, and prints what a new visitor gets."""


def page(name: str) -> str:
    return (HOW_TO / f"use-with-{name}.md").read_text()


def files(text: str, upto: str | None = None) -> dict[str, str]:
    """The files that a page has its reader write, by the names in the first lines of its blocks."""
    text = text.partition(f"\n## {upto}\n")[0] if upto else text
    found: dict[str, str] = {}
    for block in re.findall(r"^```\w+\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        named = re.match(r"(?:# |<!-- )([\w/.]+\.\w+)(?:, at the (top|end))?(?: -->)?\n", block)
        if named is None:
            continue
        (name, place), body = named.groups(), block[named.end() :]
        before = found.get(name, "")
        found[name] = {"top": body + before, "end": before + "\n" + body}.get(place, body)
    return found


def jinja_blocks() -> list[Any]:
    """Every template that a how-to page of this folder prints for Jinja2."""
    pages = [HOW_TO / "templates.md", *HOW_TO.glob("use-with-*.md")]
    return [
        pytest.param(block, id=f"{page.stem}-{number}")
        for page in sorted(pages)
        for number, block in enumerate(
            re.findall(r"^```jinja2\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
        )
    ]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder in which the reader works, with a key in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONSENT_SECRET_KEYS", SECRET)
    yield tmp_path
    sys.modules.pop("main", None)


def waits(page: str) -> bool:
    """Whether the third party's script, which is in the page once, is one that browsers do not fetch."""
    script = read(page).one("script", src="https://stats.example/count.js")
    return (script["type"], script["data-consent"]) == ("text/plain", "stats")


def write(folder: Path, found: dict[str, str]) -> None:
    for name, body in found.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if name == "mysite/settings.py":
            body = (folder / name).read_text() + body  # noqa: PLW2901  # what startproject has written
        (folder / name).write_text(body)


def run(source: str) -> ModuleType:
    """Import ``main``, where no browser's loop is running."""
    module = ModuleType("main")
    sys.modules["main"] = module
    with ThreadPoolExecutor(1) as thread:
        thread.submit(exec, compile(source, "main.py", "exec"), vars(module)).result()
    return module


@pytest.mark.parametrize("name", ["django", *FRAMEWORKS])
def test_pages_of_frameworks_are_alike(name: str) -> None:
    """Each has the same headings and declarations, so that a reader who knows one finds the way in all.

    Only the sessions, which nobody is asked about, are each framework's own.
    """
    assert re.findall(r"^## (.*)$", page(name), re.MULTILINE) == HEADINGS
    indexes = "".join(index.read_text() for index in (HOW_TO.parent / "index.md", *HOW_TO.glob("index.md")))
    assert f"use-with-{name}.md)" in indexes
    mine, fastapi = (tomllib.loads(files(page(each))["consent.toml"]) for each in (name, "fastapi"))
    assert mine["category"].pop(0)["id"] == fastapi["category"].pop(0)["id"] == "necessary"
    assert mine == fastapi


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_page_can_be_followed(folder: Path, name: str) -> None:
    """Its files, written as printed, make a site that asks in views and templates, and its own tests pass (R1, R2)."""
    found = files(page(name))
    write(folder, found)
    main = run(found["main.py"])
    tests: dict[str, Any] = {}
    with ThreadPoolExecutor(1) as thread:
        thread.submit(exec, compile(found["test_main.py"], "test_main.py", "exec"), tests).result()
        called = [thread.submit(call).result() for test, call in tests.items() if test.startswith("test_")]
    assert len(called) == 2
    with browser(getattr(main, "site", main.app)) as client:
        about = client.get("/about").text
        assert waits(client.get("/").text)
        assert waits(about)
        assert 'id="cst-ask"' in about
        assert "cst-link" in about
        assert "Thank you" not in about
        decide(client, "accept")
        assert "Thank you" in client.get("/about").text


def test_the_page_of_templates_names_what_there_is() -> None:
    """Its table has every global of Jinja2 and every tag and filter of Django, and no other."""
    text = (HOW_TO / "templates.md").read_text()
    environment = Environment(autoescape=True)
    install(environment)
    ours = {name for name in environment.globals if name.startswith("consent")}
    assert {*re.findall(r"{{ (\w+)\(", text)} | {"consent"} == ours
    assert {*re.findall(r"{% (consent_\w+)", text)} == {*register.tags}
    assert {*re.findall(r"consent&#124;(\w+):", text)} == {*register.filters}


@pytest.mark.parametrize("block", jinja_blocks())
def test_templates_of_the_pages_can_be_rendered(block: str) -> None:
    """What is printed as a template is one, and shows what waits to who has not decided (R2)."""
    environment = Environment(autoescape=True)
    install(environment)
    template = environment.from_string(
        f"<!doctype html><html lang=en><title>x</title><body>{block}</body></html>"
    )

    async def page(request: Request) -> Response:
        return HTMLResponse(template.render(request=request))

    media = Category(id="media", name="Media", purpose="Shows films.", services=[services.youtube()])
    text = browser(site(Route("/page", page), categories=(*categories(), media))).get("/page").text
    assert text.count('id="cst-ask"') == 1
    assert "counted" not in text
    assert "A tip for you" not in text


def test_fastapi_takes_less_than_fifteen_lines(folder: Path) -> None:
    """An app of one's own asks and obeys after two added lines and a file, as far as the first two headings (R1).

    Of the file only what it takes for a banner counts, not the paragraphs of the session and the third party.
    """
    text = page("fastapi")
    after = files(text, upto="Ask in a view")
    blocks = re.findall(r"^```python\n# main.py\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    before = blocks[0].splitlines()
    assert "consent" not in blocks[0]
    added = [line for line in after["main.py"].splitlines() if line and line not in before]
    paragraphs = after["consent.toml"].split("\n\n")
    further = [each for each in paragraphs if re.search('"(necessary|starlette-session|stats)"', each)]
    assert len(added) == 2
    assert len(further) == 3
    assert len(added) + sum(len(each.splitlines()) for each in paragraphs if each not in further) < 15
    write(folder, after)
    client = browser(run(after["main.py"]).app)
    first = client.get("/")
    assert 'id="cst-ask"' in first.text
    assert "set-cookie" not in first.headers
    client.post("/login")
    assert "of Ada" in client.get("/").text
    decide(client, "accept")
    assert [re.findall(r"number (\d)", client.get("/").text) for _ in range(2)] == [["1"], ["2"]]
    decide(client, "reject")
    assert "number 1 of Ada" in client.get("/").text


@pytest.mark.parametrize("way", ["gate_markup", "marked", "neither"])
def test_the_script_of_the_fastapi_page_waits(folder: Path, way: str) -> None:
    """Both ways that the page names hold it back until the visitor agrees; to declare its host does not (R2)."""
    found = files(page("fastapi"), upto="Ask in a view")
    tag = '<script async src="https://stats.example/count.js">'
    marked = re.search(r"`(<script type=.*?>)</script>`", page("fastapi"))
    assert marked
    if way == "marked":
        found["main.py"] = found["main.py"].replace(tag, marked[1])
    if way != "gate_markup":
        found["consent.toml"] = re.sub(
            "^gate_markup = true.*\n", "", found["consent.toml"], flags=re.MULTILINE
        )
    write(folder, found)
    client = browser(run(found["main.py"]).app)

    assert waits(client.get("/").text) is (way != "neither")
    decide(client, "reject")
    assert waits(client.get("/").text) is (way != "neither")
    decide(client, "accept")
    assert waits(client.get("/").text) is (way == "marked")  # where our script starts it
    assert "stats.example" in client.get("/consent").text


def test_the_page_of_django_can_be_followed(folder: Path) -> None:
    """In a project as `startproject` makes it: `check` is content, and the page's own tests pass (R1, R2)."""
    found = files(page("django"))
    environ = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "django", "startproject", "mysite", "."]
    subprocess.run(command, check=True, env=environ)
    write(folder, found)
    command = [sys.executable, "-W", "error", "-c", CHECKED]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environ)
    assert done.returncode == 0, done.stdout + done.stderr
    assert waits(done.stdout.partition("<!doctype html>")[2])
