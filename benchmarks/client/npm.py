"""The peers' packages, installed once into ``.bench/`` in the exact versions of ``package.json``."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / ".bench"
MODULES: Final = FOLDER / "node_modules"

_WANTED: Final = Path(__file__).parent / "package.json"


def versions() -> dict[str, str]:
    """Each package with its version."""
    wanted: dict[str, str] = json.loads(_WANTED.read_text("utf-8"))["dependencies"]
    return wanted


def install() -> None:
    """Install what is not there yet; no package runs a script of its own."""
    if all(_installed(name) == version for name, version in versions().items()):
        return
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is missing: install it (Debian: apt-get install npm)")
    FOLDER.mkdir(exist_ok=True)
    shutil.copy(_WANTED, FOLDER)
    command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=FOLDER, check=True)


def _installed(name: str) -> str | None:
    file = MODULES / name / "package.json"
    return json.loads(file.read_text("utf-8"))["version"] if file.exists() else None
