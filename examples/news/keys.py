"""Secret keys of the demo: made at the first start and kept in the instance folder, for its owner only."""

import os
import secrets
from pathlib import Path


def kept_key(path: Path) -> str:
    """The key in `path`; a missing one is made first, readable by nobody but the owner."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key := secrets.token_urlsafe(48))
    return key
