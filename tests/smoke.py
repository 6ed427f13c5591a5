"""What an installed package must do with nothing beside it but what it needs; run by itself, in its environment."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import anyio
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

import consent
from consent import ConsentMiddleware, ConsentSettings, SQLiteRecords, get_consent

TOML = """
controller = "The Highland Courier, 1 Mill Lane, Strathmore"
gate_markup = true
csp = "report"

[[category]]
id = "analytics"

  [[category.service]]
  id = "readership"
  name = "Readership counter"
  provider = "Example Statistics Ltd"
  purpose = "Counts how often an article is read."
  hosts = ["stats.example"]
  cookies = [{ name = "reader", duration = "13 months", purpose = "Recognises a returning reader." }]

  [[category.service]]
  use = "google-analytics"

[[category]]
id = "media"
name = "Media"
purpose = "Shows media of others."

  [[category.service]]
  use = "youtube"
"""
PAGE = '<!doctype html><html lang=de><body><p>{}<script src="https://stats.example/count.js"></script>'
ENVIRON = {"CONSENT_SECRET_KEYS": "a key for this trial that nobody else would use"}
HEADERS = [(b"host", b"site.example"), (b"accept", b"text/html"), (b"sec-fetch-site", b"same-origin")]

Reply = tuple[int, list[tuple[str, str]], str]


async def page(request: Request) -> HTMLResponse:
    counted = "counted" if get_consent(request).allows("analytics") else "not counted"
    return HTMLResponse(PAGE.format(counted), headers={"set-cookie": "reader=1; Path=/"})


async def ask(app: Any, method: str, path: str, cookie: str = "", **fields: str) -> Reply:
    """One request, without a client library."""
    body = urlencode(fields).encode()
    sent: list[dict[str, Any]] = []
    headers = [*HEADERS, (b"cookie", cookie.encode())] if cookie else HEADERS
    kind = (b"content-type", b"application/x-www-form-urlencoded")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [*headers, kind] if body else [*headers],
        "client": ("192.0.2.1", 1),
        "server": ("site.example", 443),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    found = [(name.decode().lower(), value.decode()) for name, value in sent[0]["headers"]]
    return sent[0]["status"], found, b"".join(part.get("body", b"") for part in sent[1:]).decode()


def set_cookies(headers: Sequence[tuple[str, str]]) -> list[str]:
    return [value for name, value in headers if name == "set-cookie"]


async def visit(app: Any) -> None:
    """A first page, accepting, the page after it, the receipt, and taking everything back."""
    status, headers, body = await ask(app, "GET", "/")
    assert (status, set_cookies(headers)) == (200, [])
    for text in ("not counted", "Alle akzeptieren", "Alle ablehnen", 'value="accept"'):
        assert text in body, text
    assert '<script src="https://' not in body
    [sheet] = {part.split('"')[0] for part in body.split('href="')[1:] if part.startswith("/consent/assets/")}
    assert (await ask(app, "GET", sheet))[0] == 200

    status, headers, body = await ask(app, "POST", "/consent", action="accept", next="/")
    assert status == 303, body
    [cookie] = set_cookies(headers)
    mine = cookie.partition(";")[0]
    assert mine.startswith("__Host-consent=")
    status, headers, body = await ask(app, "GET", "/", mine)
    assert set_cookies(headers) == ["reader=1; Path=/"]
    assert "<p>counted" in body
    assert '<script src="https://' in body
    status, _, body = await ask(app, "GET", "/consent/receipt", mine)
    assert (status, bool(json.loads(body))) == (200, True)

    status, headers, _ = await ask(app, "POST", "/consent", f"{mine}; reader=1", action="withdraw", next="/")
    cookies = {value.partition("=")[0]: value for value in set_cookies(headers)}
    assert "max-age=0" in cookies["reader"].lower()
    status, headers, body = await ask(app, "GET", "/", cookies["__Host-consent"].partition(";")[0])
    assert set_cookies(headers) == []
    assert "not counted" in body
    assert (await ask(app, "GET", "/consent"))[0] == 200


async def main(folder: Path) -> None:
    (folder / "consent.toml").write_text(TOML)
    settings = ConsentSettings.from_toml(folder / "consent.toml", environ=ENVIRON)
    await serve(settings, SQLiteRecords(str(folder / "consent.sqlite3")))
    if find_spec("sqlalchemy") and find_spec("aiosqlite"):
        from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415  # an extra

        from consent.records.sql import SQLRecords  # noqa: PLC0415

        engine = create_async_engine(f"sqlite+aiosqlite:///{folder}/sql.sqlite3")
        records = SQLRecords(engine)
        await records.create_all()
        await serve(settings, records)
        await engine.dispose()


async def serve(settings: ConsentSettings, records: Any) -> None:
    """The site with this store."""
    stack = [Middleware(ConsentMiddleware, settings=settings, records=records)]
    await visit(Starlette(routes=[Route("/", page)], middleware=stack))
    assert sum([len(entries) async for entries in records.entries()]) == 2
    await records.aclose()


def command() -> None:
    """`consent --version`, or without the extra what is missing."""
    [entry] = entry_points(group="console_scripts", name="consent")
    module, _, name = entry.value.partition(":")
    program = [sys.executable, "-I", "-c", f"from {module} import {name}; {name}()", "--version"]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    if find_spec("typer"):
        assert consent.__version__ in done.stdout, done
    else:
        assert "asgi-consent[cli]" in done.stderr, done


if __name__ == "__main__":
    assert "site-packages" in str(consent.__file__), consent.__file__
    with tempfile.TemporaryDirectory() as name:
        anyio.run(main, Path(name))
    command()
    sys.stdout.write(f"consent {consent.__version__} works on Python {sys.version.partition(' ')[0]}\n")
