"""Writes the TOML that declares one cookie, to be pasted into the settings; knows no file and no visitor."""

import re
from collections.abc import Sequence
from typing import Final

from consent.model import NECESSARY, STANDARD_CATEGORIES, Category
from consent.services.files import read
from consent.services.setters import setters

_STRICTEST: Final = "marketing"
_NAME = re.compile(r"[\w.!#$%&'+^`|~-]{1,64}", re.ASCII)
_FILL_IN: Final = "# Say what it is for and how long it lasts; move it to the category that it belongs to.\n"
_OWN: Final = """\
[[category.service]]
id = "{id}"
name = "{name}"
third_party = false
purpose = "..."
cookies = [{{ name = "{name}", duration = "session", purpose = "..." }}]
"""


def to_paste(name: str, categories: Sequence[Category]) -> str:
    """Where to add what, so that ``categories`` (in the order of the file) declare the cookie ``name``.

    One that ready-made services of one category set is declared by the first of them; of others nobody but
    the site knows what they are for. Empty if no declaration can hold the name.
    """
    if not _NAME.fullmatch(name):
        return ""
    taken = {*STANDARD_CATEGORIES}
    for category in categories:
        taken.update((category.id, *(service.id for service in category.services)))
    # Starlette is what everybody has who reads this; which of the others it is, only the site knows.
    known = sorted({*setters(name)} - taken, key=lambda one: (not one.startswith("starlette"), one))
    homes = {read(one)["category"] for one in known}
    if len(homes) == 1:
        return _placed(homes.pop(), _used(known), categories)
    asked = [category.id for category in categories[-1:] if category.id != NECESSARY]
    told = f"# It may be: {', '.join(known)}.\n" if known else ""
    own = _OWN.format(id=_free_id(name, taken), name=name)
    return _placed(asked[0] if asked else _STRICTEST, _FILL_IN + told + own, categories)


def _used(known: Sequence[str]) -> str:
    first, *others = known
    told = f"  # or, whichever sets it: {', '.join(others)}" if others else ""
    return f'[[category.service]]\nuse = "{first}"{told}\n'


def _placed(home: str, service: str, categories: Sequence[Category]) -> str:
    """A category stands once in a file, and a service belongs to the last one above it."""
    declared = [category.id for category in categories]
    if home not in declared:
        return f'at the end of the settings file:\n\n[[category]]\nid = "{home}"\n\n{service}'
    if declared[-1] == home:
        return f"at the end of the settings file:\n\n{service}"
    return f"to the category {home!r} of the settings file, below its last service:\n\n{service}"


def _free_id(name: str, taken: set[str]) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    stem = stem if stem[:1].isalpha() else f"cookie-{stem}".strip("-")
    found, number = stem, 2
    while found in taken:
        found, number = f"{stem}-{number}", number + 1
    return found
