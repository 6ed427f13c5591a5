"""The sources of templates, and the room that kept markup leaves for what differs from visit to visit."""

import re
from importlib.resources import files
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from markupsafe import escape

from consent.errors import ConfigurationError

HOLE: Final = "\x00"
"""Where kept markup leaves room for what differs with every request; no text can hold it."""

NONCE_HOLE: Final = "\x01"
"""Where it leaves room for a nonce."""

OURS: Final = "consent/"
"""How a template of a site's own names ours: ``{% include "consent/ask.html" %}``."""


def template_names() -> frozenset[str]:
    """The templates there are, each of which a site can replace."""
    return frozenset(file.name for file in (files("consent.ui") / "templates").iterdir())


def template_source(name: str) -> str | None:
    """One template's source, without the line breaks that only people need; ``None`` if there is none."""
    name = name.removeprefix(OURS)
    if name not in template_names():
        return None
    return _joined((files("consent.ui") / "templates" / name).read_text("utf-8"))


def read_templates(folder: str | None) -> dict[str, str]:
    """A site's own templates by name: those that replace ours, and parts of its own (``_part.html``).

    Raises `ConfigurationError` for a folder that cannot be read and for a name that replaces nothing.
    """
    if folder is None:
        return {}
    try:
        found = {file.name: file.read_text("utf-8") for file in sorted(Path(folder).glob("*.html"))}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError("templates", f"{folder!r} cannot be read: {error}.") from None
    known = template_names()
    if not found:
        raise ConfigurationError(
            "templates", f"there is no template in {folder!r}; allowed are {_listed(known)}."
        )
    for name in found:
        if name not in known and not name.startswith("_"):
            problem = (
                f"{name!r} replaces nothing; allowed are {_listed(known)}, and parts of your own (_*.html)."
            )
            raise ConfigurationError("templates", problem)
    return {name: _joined(source) for name, source in found.items()}


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))


def _joined(source: str) -> str:
    return re.sub(r"\s*\n\s*", " ", re.sub(r"(?<=[>}])\s*\n\s*(?=[<{])", "", source)).strip()


def filled(html: str, value: str = "", nonce: str | None = None) -> str:
    """Kept markup with its holes filled, escaped."""
    return html.replace(HOLE, escape(value)).replace(NONCE_HOLE, escape(nonce or ""))


def query_to(return_to: str | None) -> str:
    """The query that tells our page where the visitor came from."""
    return "" if return_to is None else "?" + urlencode({"next": return_to})
