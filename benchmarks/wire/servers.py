"""Servers in processes of their own, and the CPU time that they have used."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

LOOP: Final = "uvloop" if find_spec("uvloop") else "asyncio"

COMMANDS: Final[Mapping[str, Sequence[str]]] = {
    "uvicorn": ("uvicorn", "--log-level", "error", "--no-access-log", "--loop", LOOP),
    "granian": ("granian", "--interface", "asgi", "--no-log", "--workers", "1", "--loop", LOOP),
}
"""One worker each; address and app are added."""

START: Final = 30.0
"""Seconds within which a server must answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One that runs: where, and as which process."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Seconds of CPU, user and system, that it and its children have used so far."""
        return sum(map(cpu_of, [self.pid, *children(self.pid)]))


def cpu_of(pid: int) -> float:
    """Seconds that a process's threads have run so far: in nanoseconds where the kernel counts them."""
    try:
        threads = [path.read_text("utf-8") for path in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    except OSError:
        threads = []
    if threads:
        return sum(int(thread.split()[0]) for thread in threads) / 1e9
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """All processes that descend from ``pid``."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, path.read_text("utf-8").split()):
            found += [child, *children(child)]
    return found


@contextmanager
def running(name: str, apps: Sequence[str]) -> Iterator[Mapping[str, Server]]:
    """One server of that name for each app of `benchmarks.wire.site`, until the block ends."""
    with ExitStack() as stack:
        yield {app: stack.enter_context(_running(name, app)) for app in apps}


@contextmanager
def _running(name: str, app: str) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    program, *options = COMMANDS[name]
    command = [sys.executable, "-m", program, *options, "--host", "127.0.0.1", "--port", str(port)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([*command, f"benchmarks.wire.site:{app}"], cwd=ROOT, env=environ) as process:
        try:
            _wait(port, process)
            yield Server(port=port, pid=process.pid)
        finally:
            process.terminate()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START
    while time.monotonic() < until and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    sys.exit(f"The server {process.args!r} did not answer.")
