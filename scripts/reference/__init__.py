"""Makes the pages of the reference that repeat what the code says: `settings.md` and `api.md`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from scripts.reference import api, settings

ROOT: Final = Path(__file__).parents[2]

PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "docs/reference/api.md": api.markdown,
    "docs/reference/settings.md": settings.markdown,
}
"""Each page and what makes it."""
