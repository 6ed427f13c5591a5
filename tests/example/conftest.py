"""The paper with an empty instance folder, and readers who open it."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from examples.news.app import create_app
from examples.news.third_parties import create_third_parties
from examples.news.wire import Wire
from tests.example.readers import THIRD_PARTIES, NewReader, decide


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def paper(tmp_path: Path, wire: Wire) -> ASGIApp:
    return create_app(
        instance=tmp_path / "instance", third_parties=THIRD_PARTIES, environ={}, wire=wire, tick=0
    )


@pytest.fixture
def new_reader(paper: ASGIApp) -> Iterator[NewReader]:
    """Opens a browser of its own for each reader; `accept` or `reject` is what they say first."""
    with ExitStack() as stack:

        def open_paper(says: str | None = None, agent: str = "a browser") -> TestClient:
            client = TestClient(paper, headers={"user-agent": agent}, raise_server_exceptions=False)
            stack.enter_context(client)
            if says:
                decide(client, says)
            return client

        yield open_paper


@pytest.fixture
def reader(new_reader: NewReader) -> TestClient:
    """A reader who has decided nothing."""
    return new_reader()


@pytest.fixture
def third_parties(wire: Wire) -> TestClient:
    client = TestClient(create_third_parties(wire), base_url="https://localhost:9999")
    client.headers["user-agent"] = "a browser"
    return client
