"""What all tests share: both event loops for coroutines, and a log that starts empty."""

import logging

import pytest


@pytest.fixture(params=["asyncio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def _fresh_log() -> None:
    """A test that looks at the log sees only its own lines: what is told once is told anew."""
    from consent import state

    state._warn_of_unknown.cache_clear()
    logging.getLogger("consent").handlers.clear()
