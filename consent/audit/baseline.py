"""The findings that are known, in a file for continuous integration; an audit fails for new ones only."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from consent.audit.comparing import Finding
from consent.errors import ConfigurationError

VERSION: Final = 1

_FIELDS: Final = ("fault", "what", "name", "host")
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What was found before, with the phases in which it showed: in another one it is new."""

    known: Mapping[Key, frozenset[str]]

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> "Baseline":
        """All of these."""
        return cls(known={one.key: frozenset(one.seen) for one in findings})

    @classmethod
    def read(cls, path: Path) -> "Baseline":
        """What `text` has written; raises `ConfigurationError`."""
        try:
            told = json.loads(path.read_text("utf-8"))
            return cls(known=_known(told))
        except OSError as error:
            raise ConfigurationError(str(path), f"the file cannot be read: {error.strerror}.") from None
        except (ValueError, TypeError, KeyError, RecursionError):
            problem = "this is no baseline of an audit; write one with --write-baseline."
            raise ConfigurationError(str(path), problem) from None

    def knows(self, finding: Finding) -> bool:
        """Whether it was found before, in each of its phases."""
        phases = self.known.get(finding.key)
        return phases is not None and phases.issuperset(finding.seen)

    def text(self) -> str:
        """One line for each finding, in an order of its own, so that versions can be compared."""
        lines = [
            json.dumps({**dict(zip(_FIELDS, key, strict=True)), "phases": sorted(phases)}, ensure_ascii=False)
            for key, phases in sorted(self.known.items())
        ]
        body = ",\n    ".join(lines)
        return f'{{\n  "version": {VERSION},\n  "findings": [\n    {body}\n  ]\n}}\n'


def _known(told: Any) -> Mapping[Key, frozenset[str]]:
    if told["version"] != VERSION:
        raise ValueError
    return {_key(one): frozenset(one["phases"]) for one in told["findings"]}


def _key(one: Mapping[str, Any]) -> Key:
    key = tuple(one[name] for name in _FIELDS)
    if not all(isinstance(part, str) for part in key):
        raise TypeError
    return key
