"""A real Chromium, and the example paper running in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

import httpx2
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.types import ASGIApp

from tests.browser.readers import NewReader, Paper, Reader
from tests.chromium import FLAGS, chromium_path, without_chromium

Serve = Callable[[ASGIApp], int]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        without_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paper]:
    """The paper and its third parties, as `scripts/demo` runs them."""
    port = _free_ports()
    environ = {**os.environ, "PORT": str(port), "NEWS_INSTANCE": str(tmp_path_factory.mktemp("news"))}
    with subprocess.Popen([sys.executable, "-m", "examples.news"], cwd=ROOT, env=environ) as process:
        paper = Paper(port)
        _wait_for(paper.address, process)
        yield paper
        process.terminate()


def _free_ports() -> int:
    """A free port with a free one after it."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port = int(first.getsockname()[1])
            try:
                socket.create_server(("127.0.0.1", port + 1)).close()
            except (OSError, OverflowError):
                continue
            return port


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    with httpx2.Client() as client:
        for _ in range(1200):
            assert process.poll() is None, "the example ended before it answered"
            try:
                client.get(address)
            except httpx2.TransportError:
                time.sleep(0.05)
                continue
            return
    raise AssertionError("the example did not answer")


@pytest.fixture
def served() -> Iterator[Serve]:
    """Serves an app from this process, and gives its port."""
    with ExitStack() as stack:

        def serve(app: ASGIApp) -> int:
            sock = socket.create_server(("127.0.0.1", 0))
            server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
            thread = Thread(target=server.run, kwargs={"sockets": [sock]})
            thread.start()

            def stop() -> None:
                server.should_exit = True
                thread.join()

            stack.callback(stop)
            return int(sock.getsockname()[1])

        yield serve


@pytest.fixture(params=[True, False], ids=["scripts on", "scripts off"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def new_reader(chromium: Browser, paper: Paper) -> Iterator[NewReader]:
    """Opens a fresh profile, with or without scripts, which says ``headers`` with every request."""
    contexts = []

    def open_browser(*, scripts: bool = True, headers: dict[str, str] | None = None) -> Reader:
        context = chromium.new_context(java_script_enabled=scripts, extra_http_headers=headers or {})
        contexts.append(context)
        return Reader(context.new_page(), paper)

    yield open_browser
    for context in contexts:
        context.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh profile with nothing but an empty page."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()
