"""A PostgreSQL cluster of the tests' own, on a socket in a private folder."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

_USER: Final = "postgres"


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest there is."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    found = shutil.which("initdb")
    return debian[-1] if debian else Path(found).parent if found else None


class Cluster:
    """A running server; `database` makes an empty database and returns its address."""

    def __init__(self, bin_folder: Path, folder: Path) -> None:
        self._bin = bin_folder
        self.folder = folder
        self._names = (f"test_{number}" for number in count())
        self._log = folder / "log"
        (folder / "data").mkdir()
        # The server refuses to run as root; PostgreSQL's own user is there wherever it is packaged.
        self._user: dict[str, Any] = {"user": _USER, "group": _USER} if os.getuid() == 0 else {}
        if self._user:
            account = pwd.getpwnam(_USER)
            for path in (folder, folder / "data"):
                os.chown(path, account.pw_uid, account.pw_gid)
        self._run(
            "initdb",
            ["--pgdata", str(folder / "data"), "--auth=trust", "--username=postgres", "--encoding=UTF8"],
        )

    def _run(self, program: str, arguments: Sequence[str]) -> None:
        command = [str(self._bin / program), *arguments]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, cwd=self.folder, **self._user
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Take connections, on the socket alone."""
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}'"
        self._run(
            "pg_ctl",
            ["start", "--wait", "-D", str(self.folder / "data"), "-l", str(self._log), "-o", options],
        )

    def stop(self, mode: str = "fast") -> None:
        """Stop as ``pg_ctl --mode`` says: ``immediate`` is what a crash looks like."""
        self._run("pg_ctl", ["stop", "--wait", "-D", str(self.folder / "data"), "--mode", mode])

    def database(self) -> str:
        """An empty database's address for SQLAlchemy."""
        name = next(self._names)
        self._run("createdb", ["--host", str(self.folder), "--username=postgres", name])
        return f"postgresql+asyncpg://postgres@/{name}?host={self.folder}"


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start a cluster, and leave nothing of it."""
    bin_folder = programs()
    assert bin_folder is not None
    # The path of a socket may have 107 characters.
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:
        made = Cluster(bin_folder, Path(folder))
        made.start()
        try:
            yield made
        finally:
            made.stop("immediate")
