"""Where the machine's Chromium is, and whether it has its sandbox; knows no Playwright."""

import os
import shutil
from typing import Final

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""What it is called on the PATH."""


def installed() -> str | None:
    """Where it is, if it is there."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def has_sandbox() -> bool:
    """Whether it keeps pages apart from the machine, which it refuses to do for root alone."""
    return not hasattr(os, "geteuid") or os.geteuid() != 0
