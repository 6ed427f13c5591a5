"""The databases that records are kept in."""

import os
from collections.abc import Iterator

import pytest

from tests.postgres import Cluster, cluster, programs


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    if programs() is None and os.environ.get("CI") != "true":
        pytest.skip("PostgreSQL is missing: install it (Debian: apt-get install postgresql)")
    with cluster() as made:
        yield made
