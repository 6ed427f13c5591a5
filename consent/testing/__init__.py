"""For the tests of sites and of stores; needs pytest."""

import pytest

pytest.register_assert_rewrite("consent.testing.records")

from consent.testing.records import RecordsContract as RecordsContract  # noqa: E402  # once rewritten
