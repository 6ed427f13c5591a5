"""Whether a purpose says anything: by the words that such texts are made of, in several languages."""

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

_BARRED = str.maketrans({"ł": "l", "ø": "o"})
"""Letters whose stroke is no accent that could be taken off."""


def is_vague(text: str) -> bool:
    """Whether ``text`` says nothing of what is done: "to improve your experience", "various purposes".

    It is if it holds only words, of one language, that go with any purpose. [WP 203, III.1.1]
    """
    words = _words(text)
    return bool(words) and any(words <= empty for empty in _vocabularies())


@cache
def _vocabularies() -> tuple[frozenset[str], ...]:
    """For each language the words that say nothing, with those that only join them."""
    table = tomllib.loads((files("consent.checking") / "vague.toml").read_text("utf-8"))
    return tuple(frozenset(_words(words)) for words in table.values())


def _words(text: str) -> frozenset[str]:
    """The words, whatever their case and accents."""
    plain = unicodedata.normalize(
        "NFKD", text.casefold().replace("ł", "l")
    )  # which has no accent to take off
    return frozenset(
        re.findall(r"[^\W\d_]+", "".join(sign for sign in plain if not unicodedata.combining(sign)))
    )
