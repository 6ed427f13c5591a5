"""Prints what is made from settings and kinds: ``python -m consent.checking schema`` or ``findings``."""

import json
import sys

from consent.checking.kinds import kinds
from consent.checking.schema import schema


def schema_text() -> str:
    """What stands in `consent/consent.schema.json`."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def table() -> str:
    """The table of findings in `docs/how-to/check-your-settings.md`."""
    head = "| finding | kind | rule | source | why |\n|---|---|---|---|---|\n"
    return head + "".join(
        f"| `{each.code}` | {each.severity} | {each.rule or '-'} | {each.source or '-'} | {each.why} |\n"
        for each in kinds().values()
    )


MADE = {"schema": schema_text, "findings": table}

if __name__ == "__main__":
    if sys.argv[1:] not in ([name] for name in MADE):
        sys.exit(f"usage: python -m consent.checking {' | '.join(MADE)}")
    sys.stdout.write(MADE[sys.argv[1]]())
