"""Files that the command line writes: complete, or not at all."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from consent.errors import ConfigurationError


@contextmanager
def target(path: Path | None) -> Iterator[TextIO]:
    """Where to write: ``path``, which only its owner may read, or standard output if it is ``None``."""
    if path is None:
        yield sys.stdout
        return
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise ConfigurationError(str(path), f"the file cannot be written: {error.strerror}.") from None
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
