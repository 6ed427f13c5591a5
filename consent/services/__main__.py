"""Prints what is made from the declarations: ``python -m consent.services reference``, ``trackers``..."""

import sys

from consent.services import setters, trackers
from consent.services.reference import markdown

MADE = {"reference": markdown, "setters": setters.derived, "trackers": trackers.derived}

if __name__ == "__main__":
    if sys.argv[1:] not in ([name] for name in MADE):
        sys.exit(f"usage: python -m consent.services {' | '.join(MADE)}")
    sys.stdout.write(MADE[sys.argv[1]]())
