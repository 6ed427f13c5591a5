"""How tests start a Chromium: where it is, and with which flags."""

import os
import shutil
from typing import NoReturn

import pytest

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.site.test 127.0.0.1",
]


def chromium_path() -> str | None:
    """The browser on this machine, if there is one: without its own windows it takes half of the time."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def without_chromium() -> NoReturn:
    """What becomes of a test that has none: skipped by hand, a failure in continuous integration."""
    message = "Chromium is missing: install it (Debian: apt-get install chromium)"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
