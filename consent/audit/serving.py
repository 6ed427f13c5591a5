"""Serves an app on a free port of this machine while it is audited; knows nothing of audits."""

import importlib
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any, Final

from consent.errors import ConsentError

HOST: Final = "127.0.0.1"
PATIENCE: Final = 60.0
"""Seconds that an app may take to start."""


@contextmanager
def served(app: Any, name: str) -> Iterator[str]:
    """The address of ``app``. Raises `ConsentError` if it cannot be served; ``name`` says which it is."""
    uvicorn = _uvicorn()
    with socket.create_server((HOST, 0)) as listening:
        config = uvicorn.Config(app, interface="asgi3", log_level="error", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = Thread(target=_run, args=(server, listening), daemon=True)
        thread.start()
        try:
            _wait(server, thread, name)
            yield f"http://{HOST}:{listening.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


def _uvicorn() -> Any:
    try:
        return importlib.import_module("uvicorn")
    except ModuleNotFoundError:
        raise ConsentError("To serve an app needs more: pip install 'asgi-consent[audit]'.") from None


def _run(server: Any, listening: socket.socket) -> None:
    with suppress(SystemExit):  # how it says that the app has not started
        server.run(sockets=[listening])


def _wait(server: Any, thread: Thread, name: str) -> None:
    end = time.monotonic() + PATIENCE
    while not server.started:
        if not thread.is_alive() or time.monotonic() > end:
            raise ConsentError(f"{name} does not start; what it says itself stands above.")
        time.sleep(0.02)
