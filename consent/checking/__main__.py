"""Prints what is made from settings and kinds: ``python -m consent.checking schema`` or ``findings``."""

import sys

from consent.checking.kinds import markdown
from consent.checking.schema import schema_text

MADE = {"schema": schema_text, "findings": markdown}

if __name__ == "__main__":
    if sys.argv[1:] not in ([name] for name in MADE):
        sys.exit(f"usage: python -m consent.checking {' | '.join(MADE)}")
    sys.stdout.write(MADE[sys.argv[1]]())
