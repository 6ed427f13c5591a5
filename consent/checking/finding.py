"""One thing that a check has found, and the kinds there are; knows no settings."""

from dataclasses import dataclass
from typing import Any, Literal

from consent.settings_errors import Place, written

Severity = Literal["error", "warning", "hint"]
"""With an ``error`` a site does not start; a ``warning`` is a risk; a ``hint`` is only told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of finding: ``rule`` is the number of the requirement, ``source`` the law, decision or
    specification behind it, ``why`` what happens otherwise, ``mend`` what to do.
    """

    code: str
    severity: Severity
    rule: str
    source: str
    why: str
    mend: str

    def at(self, place: Place, what: str, mend: str = "") -> "Finding":
        """A finding of this kind; ``mend`` is for what can be said more exactly."""
        return Finding(kind=self, place=place, what=what, mend=mend or self.mend)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found at ``place``: ``what`` is one sentence, and ``mend`` says how to change it."""

    kind: Kind
    place: Place
    what: str
    mend: str

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return {
            "code": self.kind.code,
            "severity": self.kind.severity,
            "place": written(self.place),
            "what": self.what,
            "rule": self.kind.rule,
            "source": self.kind.source,
            "why": self.kind.why,
            "mend": self.mend,
        }
