"""What all tests share: a log that starts empty."""

import logging

import pytest
from hypothesis import settings

from consent import state
from consent.gates import site_policy

settings.register_profile("calm", deadline=None)  # how long an example takes says more of the machine
settings.load_profile("calm")

# A machine that is busy is no fault of the code: how long things take is measured elsewhere.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def _fresh_log() -> None:
    """A test that looks at the log sees only its own lines: what is told once is told anew."""
    state._warn_of_unknown.cache_clear()
    site_policy._warn_of_missing.cache_clear()
    logging.getLogger("consent").handlers.clear()
