"""The version, in one place."""

from datetime import date

__version__ = "0.1.0"

RELEASED = date(2026, 11, 24)
"""The day of this version: since then a site that uses it has honoured what it honours."""
