"""Prints what is made from the declarations: ``python -m consent.services reference`` or ``trackers``."""

import sys

from consent.services.reference import markdown
from consent.services.trackers import derived

MADE = {"reference": markdown, "trackers": derived}

if __name__ == "__main__":
    if sys.argv[1:] not in ([name] for name in MADE):
        sys.exit(f"usage: python -m consent.services {' | '.join(MADE)}")
    sys.stdout.write(MADE[sys.argv[1]]())
