"""Turns errors into findings: of which kind they are, and what to do; knows no file."""

import re
from typing import Final

from consent.checking.finding import Finding
from consent.checking.kinds import kind
from consent.checking.mending import STAND_IN
from consent.errors import ConfigurationError
from consent.settings_errors import BASES, Place, written

_SAID: Final = (
    (r"^the key .* is unknown", "unknown-key"),
    (r"a well-known one of ", "necessary-tracker"),
    (r"'justification' is missing", "no-justification"),
    (r"a label that says what the button does", "misleading-label"),
    (r"is no text of the layer", "no-such-text"),
    (r"too long for one cookie", "too-long"),
    (r"is missing", "missing"),
)
"""What only errors of one kind say."""

_AS_ALLOWED: Final = ("lifetime", "missing", "unknown-key", "unusable", "template")
"""Kinds for which what is allowed says best what to do."""


def explained(place: Place, error: ConfigurationError) -> Finding:
    """The error as a finding at ``place``."""
    code = _code(place, error)
    problem, divided, allowed = error.problem.rpartition("; ")
    if code == "legal-basis":
        problem = problem.partition(":")[0]  # the rest is what the kind says
    # What a check has put in the place of something else is no name that the file knows.
    subject = written(place) if not error.place or STAND_IN in error.place else error.place
    problem = f"{problem}." if divided else error.problem
    what = f"{subject}: {problem}" if subject else _sentence(problem)
    return kind(code).at(place, what, _sentence(allowed) if divided and code in _AS_ALLOWED else "")


def _code(place: Place, error: ConfigurationError) -> str:
    if place and place[-1] in BASES:
        return "legal-basis"
    if place[:1] == ("secret_keys",):
        return "secret-keys"
    if place == ("lifetime",):
        return "lifetime"
    if error.place.startswith("templates"):
        return "template"
    return next((code for said, code in _SAID if re.search(said, error.problem)), "unusable")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
