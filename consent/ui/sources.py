"""The sources of templates, and the room that kept markup leaves for what differs from visit to visit."""

import re
from importlib.resources import files
from typing import Final
from urllib.parse import urlencode

from markupsafe import escape

HOLE: Final = "\x00"
"""Where kept markup leaves room for what differs with every request; no text can hold it."""

NONCE_HOLE: Final = "\x01"
"""Where it leaves room for a nonce."""


def template_source(name: str) -> str:
    """One template's source, without the line breaks that only people need."""
    source = (files("consent.ui") / "templates" / name).read_text("utf-8")
    return re.sub(r"\s*\n\s*", " ", re.sub(r"(?<=[>}])\s*\n\s*(?=[<{])", "", source)).strip()


def filled(html: str, value: str = "", nonce: str | None = None) -> str:
    """Kept markup with its holes filled, escaped."""
    return html.replace(HOLE, escape(value)).replace(NONCE_HOLE, escape(nonce or ""))


def query_to(return_to: str | None) -> str:
    """The query that tells our page where the visitor came from."""
    return "" if return_to is None else "?" + urlencode({"next": return_to})
