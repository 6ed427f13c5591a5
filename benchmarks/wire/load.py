"""One block of requests by ``wrk``, and what it saw."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from benchmarks.driving import Headers
from benchmarks.wire.servers import Server

SCRIPT: Final = Path(__file__).with_name("report.lua")
CONNECTIONS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Requests a second, microseconds of the server's CPU for each, and the milliseconds they took."""

    rate: float
    cpu: float
    p50: float
    p99: float

    @classmethod
    def of(cls, said: str, cpu: float) -> Self:
        """From what `report.lua` printed last and the seconds of CPU that the block took."""
        found = json.loads(said.splitlines()[-1])
        if found["failed"] or not found["requests"]:
            sys.exit(f"Of {found['requests']} requests {found['failed']} failed.")
        return cls(
            rate=found["requests"] / (found["microseconds"] / 1e6),
            cpu=cpu * 1e6 / found["requests"],
            p50=found["p50"] / 1000,
            p99=found["p99"] / 1000,
        )


def wrk() -> str:
    """Where it is installed."""
    found = shutil.which("wrk")
    if found is None:
        sys.exit("wrk is missing: install it (Debian: apt-get install wrk)")
    return found


def load(server: Server, headers: Headers, seconds: int) -> Block:
    """Ask for the page as often as can be for so long."""
    command = [wrk(), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(SCRIPT)]
    for name, value in headers:
        command += ["-H", f"{name.decode()}: {value.decode()}"]
    before = server.cpu()
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{server.port}/"], check=True, capture_output=True, text=True
    )
    return Block.of(done.stdout, server.cpu() - before)
