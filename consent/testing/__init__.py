"""For the tests of sites and of stores: clients with a standing, assertions, contracts; needs pytest."""

import importlib
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from consent.testing.assertions import assert_asks as assert_asks
    from consent.testing.assertions import assert_expired as assert_expired
    from consent.testing.assertions import assert_left as assert_left
    from consent.testing.assertions import assert_silent as assert_silent
    from consent.testing.assertions import assert_withheld as assert_withheld
    from consent.testing.clients import consent_client as consent_client
    from consent.testing.records import RecordsContract as RecordsContract

pytest.register_assert_rewrite("consent.testing.records")

_PLACES = {
    "RecordsContract": "records",
    "assert_asks": "assertions",
    "assert_expired": "assertions",
    "assert_left": "assertions",
    "assert_silent": "assertions",
    "assert_withheld": "assertions",
    "consent_client": "clients",
}

__all__ = list(_PLACES)


def __getattr__(name: str) -> Any:
    """What is imported when it is wanted: the plugin is in here too, and every test session loads that."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
