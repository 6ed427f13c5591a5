"""Runs the paper and the third parties in one process: `python -m examples.news`."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from examples.news.app import HERE, create_app
from examples.news.third_parties import create_third_parties
from examples.news.wire import Wire

HOST = "127.0.0.1"


class Server(uvicorn.Server):
    """A server that leaves the signals to us, as two of them would take each other's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no handler: `_serve` installs one for both."""
        yield


def main() -> None:
    port = _port(os.environ.get("PORT", "8000"))
    instance = Path(os.environ.get("NEWS_INSTANCE", HERE / "instance"))
    sockets = [_listen(port), _listen(port + 1)]
    wire = Wire()
    site = create_app(instance=instance, third_parties=f"http://localhost:{port + 1}", wire=wire)
    sys.stdout.write(
        f"The Ostermere Courier is out: http://{HOST}:{port}/\n"
        f"  the third parties listen on http://localhost:{port + 1}/\n"
        f"  what passes between them:   http://{HOST}:{port}/wire\n"
    )
    sys.stdout.flush()
    asyncio.run(_serve([site, create_third_parties(wire)], sockets))


async def _serve(apps: list[ASGIApp], sockets: list[socket.socket]) -> None:
    servers = [
        Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2, server_header=False))
        for app in apps
    ]

    def stop(_number: int, _frame: FrameType | None) -> None:
        for server in servers:
            server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    await asyncio.gather(*(server.serve(sockets=[own]) for server, own in zip(servers, sockets, strict=True)))


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65534:
        sys.exit(f"PORT came as {text!r}; allowed is a number from 1 to 65534.")
    return int(text)


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        sys.exit(f"Port {port} of {HOST} cannot be used ({reason}); set PORT to another number.")


if __name__ == "__main__":
    main()
