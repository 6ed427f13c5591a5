"""What no store can prevent: processes that are killed, disks that fill up, databases that go away."""

import os
import random
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from starlette.testclient import TestClient

from consent import ConsentMiddleware, SQLiteRecords
from consent.records.sql import SQLRecords
from consent.records.verification import Verification, verify
from tests.postgres import Cluster
from tests.records.meanwhile import execute
from tests.records.writing import opened
from tests.sites import browser, decide, run, settings, site

WRITER: Final = """
import sys
from tests.records.writing import forked, write
for line in sys.stdin:
    address, count, visitors = line.split()
    process = forked(lambda: write(address, 1, int(count), int(visitors)))
    sys.stderr.write(f"{process}\\n")
    sys.stderr.flush()
"""
"""Starts a writer for each line, quickly: what it needs is imported already."""


class Writers:
    """Processes that write, and what they were told."""

    def __init__(self) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, "-c", WRITER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )  # fmt: skip
        assert self._parent.stdout is not None
        os.set_blocking(self._parent.stdout.fileno(), False)
        self._rest = b""

    def start(self, address: str, count: int, visitors: int = 16) -> int:
        assert self._parent.stdin is not None
        assert self._parent.stderr is not None
        self._parent.stdin.write(f"{address} {count} {visitors}\n".encode())
        self._parent.stdin.flush()
        return int(self._parent.stderr.readline())

    def acknowledged(self, wait: float) -> list[str]:
        """The ids that were written within so many seconds, or until then."""
        assert self._parent.stdout is not None
        ready, _, _ = select.select([self._parent.stdout], [], [], wait)
        data = self._rest + (self._parent.stdout.read() or b"" if ready else b"")
        *lines, self._rest = data.split(b"\n")
        return [line.decode() for line in lines]

    def close(self) -> None:
        self._parent.kill()
        self._parent.communicate()


@pytest.fixture
def writers() -> Iterator[Writers]:
    made = Writers()
    yield made
    made.close()


def ids_and_verification(address: str) -> tuple[set[str], Verification]:
    async def main() -> tuple[set[str], Verification]:
        store: Any = opened(address)
        try:
            ids = {entry.id async for page in store.entries() for entry in page}
            return ids, await verify(store)
        finally:
            await store.aclose()
            if isinstance(store, SQLRecords):
                await store._engine.dispose()

    return run(main)


KILLS = int(os.environ.get("KILLS", "40"))
"""How often a process is killed while it writes to SQLite: more for whoever waits (``KILLS=200``)."""


EACH = 100 * KILLS
"""How many decisions each of two processes keeps."""


def kill_again_and_again(writers: Writers, address: str, rounds: int) -> None:
    lots = random.Random(rounds)
    acknowledged = set[str]()
    for number in range(rounds):
        process = writers.start(address, 100_000)
        first: list[str] = []
        while not first:
            first = writers.acknowledged(10)
        acknowledged.update(first)
        time.sleep(lots.uniform(0, 0.03))
        os.kill(process, signal.SIGKILL)
        acknowledged.update(writers.acknowledged(0.01))
        if number % 20 == 0 or number == rounds - 1:
            time.sleep(0.05)
            acknowledged.update(writers.acknowledged(0))
            kept, found = ids_and_verification(address)
            assert found.problem is None
            assert acknowledged <= kept
    assert len(acknowledged) >= rounds


def test_no_acknowledged_decision_is_lost_when_a_process_is_killed(tmp_path: Path, writers: Writers) -> None:
    """``kill -9``, again and again in the middle of writing to SQLite; the chain holds every time (R25)."""
    kill_again_and_again(writers, str(tmp_path / "consent.sqlite3"), KILLS)


def test_no_acknowledged_decision_is_lost_in_postgres_either(postgres: Cluster, writers: Writers) -> None:
    """``kill -9``, again and again in the middle of writing to PostgreSQL; the chain holds every time (R25)."""
    address = postgres.database()
    create(address)
    kill_again_and_again(writers, address, KILLS // 4)


def create(address: str) -> None:
    async def main() -> None:
        engine = create_async_engine(address)
        await SQLRecords(engine).create_all()
        await engine.dispose()

    run(main)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_two_processes_write_one_chain(
    kind: str, tmp_path: Path, writers: Writers, request: pytest.FixtureRequest
) -> None:
    """Two of them that write at the same time leave one chain with every record of both (R24)."""
    address = str(tmp_path / "consent.sqlite3")
    if kind == "postgres":
        address = request.getfixturevalue("postgres").database()
        create(address)
    for _ in range(2):
        writers.start(address, EACH, 64)
    acknowledged: list[str] = []
    deadline = time.monotonic() + 120
    while len(acknowledged) < 2 * EACH and time.monotonic() < deadline:
        acknowledged += writers.acknowledged(1)
    kept, found = ids_and_verification(address)
    assert found.problem is None
    assert found.decisions == len(kept) == 2 * EACH
    assert set(acknowledged) == kept


_CUT: Final = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and pid != pg_backend_pid()
"""


def test_several_processes_write_one_chain_while_connections_are_cut(
    postgres: Cluster, writers: Writers
) -> None:
    """The server ends everybody's connection, again and again; each decision is in the chain once (R24, R25)."""
    address = postgres.database()
    create(address)
    for _ in range(4):
        writers.start(address, EACH // 4, 16)
    acknowledged: list[str] = []
    deadline, cut = time.monotonic() + 120, 0
    while len(acknowledged) < EACH and time.monotonic() < deadline:
        acknowledged += writers.acknowledged(1)
        if len(acknowledged) >= 400 * (cut + 1):
            execute(address, _CUT)
            cut += 1
    kept, found = ids_and_verification(address)
    assert found.problem is None
    assert found.decisions == len(kept) == len(acknowledged) == EACH
    assert set(acknowledged) == kept
    assert cut > 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    if os.getuid() != 0 or mount is None:
        pytest.skip("only root can mount a small file system")
    subprocess.run([mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)  # noqa: S607


def dispose(client: TestClient, engine: AsyncEngine) -> None:
    assert client.portal is not None
    client.portal.call(partial(engine.dispose))


def press(client: TestClient, action: str) -> tuple[int, bool]:
    """The status of a decision, and whether it gave a cookie that grants."""
    answer = decide(client, action)
    granted = client.get("/consent/state", headers={"accept": "application/json"}).json()["granted"]
    return answer.status_code, "analytics" in granted


def fill_up(path: Path) -> None:
    with path.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):  # noqa: PT012  # one of many
        while True:
            file.write(b"x" * 4096)


def test_on_a_full_disk_nobody_is_taken_to_have_agreed(small_disk: Path) -> None:
    """Grants get a 503 and nothing is set, refusals count, and when there is room again so do grants (R25)."""
    store = SQLiteRecords(small_disk / "consent.sqlite3")
    with browser(site(records=store)) as client:
        assert press(client, "accept") == (303, True)
        assert press(client, "reject") == (303, False)
        filler = small_disk / "filler"
        fill_up(filler)
        for _ in range(3):
            assert press(client, "accept") == (503, False)
            assert press(client, "reject") == (303, False)
        filler.unlink()
        assert press(client, "accept") == (303, True)
    assert run(verify, store).problem is None
    assert run(verify, store).decisions >= 3


def test_while_the_database_is_away_nobody_is_taken_to_have_agreed(postgres: Cluster) -> None:
    """Grants get a 503, refusals count, and when it is back so do grants, without a restart (R25)."""
    address = postgres.database()
    create(address)
    for engine in (create_async_engine(address), create_async_engine(address, poolclass=NullPool)):
        with browser(site(records=SQLRecords(engine))) as client:
            assert press(client, "accept") == (303, True)
            assert press(client, "reject") == (303, False)
            postgres.stop("immediate")
            try:
                for _ in range(2):
                    assert press(client, "accept") == (503, False)
                    assert press(client, "reject") == (303, False)
            finally:
                postgres.start()
            assert press(client, "accept") == (303, True)
            assert press(client, "withdraw") == (303, False)
            dispose(client, engine)
    assert ids_and_verification(address)[1].problem is None


def test_a_restart_of_the_database_between_decisions_goes_unnoticed(postgres: Cluster) -> None:
    """A pool of connections that are all dead is replaced at the next decision (R25)."""
    address = postgres.database()
    create(address)
    engine = create_async_engine(address)
    with browser(site(records=SQLRecords(engine))) as client:
        assert press(client, "accept") == (303, True)
        postgres.stop("fast")
        postgres.start()
        assert press(client, "withdraw") == (303, False)
        assert press(client, "accept") == (303, True)
        dispose(client, engine)
    assert ids_and_verification(address)[1].decisions == 3


def test_the_store_is_closed_when_the_app_shuts_down(tmp_path: Path) -> None:
    """What is being written is finished first, and the file is given back (R25)."""
    path = tmp_path / "consent.sqlite3"
    app = ConsentMiddleware(site(), settings=settings(), records=SQLiteRecords(path))
    with browser(app) as client:
        decide(client, "accept")
        assert path.with_name(f"{path.name}-wal").exists()
    assert not path.with_name(f"{path.name}-wal").exists()


def test_a_store_that_cannot_close_stops_no_shutdown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The error is in the log, and the app's own shutdown goes on."""

    class Broken(SQLiteRecords):
        async def aclose(self) -> None:
            self.close()
            raise OSError("the disk is gone")

    with browser(ConsentMiddleware(site(), settings(), Broken(tmp_path / "x.sqlite3"))) as client:
        decide(client, "accept")
    assert "the disk is gone" in caplog.text
