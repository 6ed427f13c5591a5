"""Measurements of the package: `scripts/bench --help`."""
