"""The cases of the suite as data: what was sanctioned, by whom, and what to do; knows no site."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Final, Literal

from cattrs import Converter

Way = Literal["app", "url"]
"""How a site is looked at: ``app`` in this process, ``url`` with a browser."""

FILE: Final = "cases.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision, a judgment or a guideline; ``source`` is the number under which it is found."""

    authority: str
    matter: str
    year: int
    source: str

    def __str__(self) -> str:
        return f"{self.authority}, {self.matter} ({self.year}, {self.source})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One sanctioned failure. ``unjudged`` says, for a way of looking, why it cannot be judged in it."""

    name: str
    fault: str
    rule: str
    remedy: str
    decisions: Sequence[Decision]
    each_page: bool = False
    unjudged: dict[Way, str]

    def explain(self) -> str:
        """Whose decisions it guards against, and what to do."""
        decided = "\n".join(f"  {decision}" for decision in self.decisions)
        return f"{self.fault}\nDecided in:\n{decided}\nWhat to do: {self.remedy}"


@lru_cache(maxsize=1)
def cases() -> tuple[Case, ...]:
    """Every case, in the order of its file."""
    text = resources.files(__package__).joinpath(FILE).read_text("utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["case"]
    converter = Converter(forbid_extra_keys=True)
    return tuple(converter.structure({"unjudged": {}, **case}, Case) for case in found)
