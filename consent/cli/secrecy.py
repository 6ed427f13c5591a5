"""Makes secret keys, keeps one in .env, and .env out of version control; knows no settings."""

import os
import re
import secrets
import subprocess
from pathlib import Path
from typing import Final

from consent.cli.terminal import say
from consent.errors import ConfigurationError

_VARIABLE: Final = "CONSENT_SECRET_KEYS"
_SETS_IT: Final = re.compile(rf"^\s*(export\s+)?{_VARIABLE}\s*=", re.MULTILINE)
_NOT_IGNORED: Final = 1
"""What `git check-ignore` exits with inside a repository; outside it is 128."""


def new_secret() -> str:
    """A key of 256 bits."""
    return secrets.token_urlsafe(32)


def keep_key(path: Path) -> None:
    """A fresh key, in a file that only its owner may read; one that is there stays: answers depend on it."""
    there = read_file(path)
    if _SETS_IT.search(there):
        say(f"{path} has a key already, which stays.")
        return
    break_ = "" if not there or there.endswith("\n") else "\n"
    with open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)  # a mode counts only for new files
        file.write(f"{break_}{_VARIABLE}={new_secret()}\n")
    say(f"A fresh key is in {path}: keep that file out of version control.")


def keep_out(path: Path, *, wanted: bool | None) -> None:
    """Ignore the file if that is ``wanted``; if nobody has said, where git would take it up."""
    if wanted or (wanted is None and _is_taken_up(path)):
        ignoring = path.parent / ".gitignore"
        if _append(ignoring, path.name):
            say(f"{path.name} is in {ignoring} now.")


def _is_taken_up(path: Path) -> bool:
    try:
        asked = ["git", "-C", str(path.parent), "check-ignore", "--quiet", path.name]
        found = subprocess.run(asked, capture_output=True, check=False)  # noqa: S603  # a fixed command
    except OSError:
        return False
    return found.returncode == _NOT_IGNORED


def _append(path: Path, line: str) -> bool:
    there = read_file(path)
    if line in there.splitlines():
        return False
    break_ = "" if not there or there.endswith("\n") else "\n"
    write_file(path, f"{there}{break_}{line}\n")
    return True


def read_file(path: Path) -> str:
    """What a file holds; nothing if it is not there, and `ConfigurationError` if it is no text."""
    try:
        return path.read_text("utf-8") if path.exists() else ""
    except UnicodeDecodeError:
        raise ConfigurationError(str(path), "the file cannot be read: it is not UTF-8.") from None
    except OSError as error:
        raise ConfigurationError(str(path), f"the file cannot be read: {error.strerror}.") from None


def write_file(path: Path, text: str) -> None:
    """The whole text, there and nowhere that a link leads to; `ConfigurationError` if that cannot be done."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    try:
        with open(os.open(path, flags, 0o666), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigurationError(str(path), f"the file cannot be written: {error.strerror}.") from None
