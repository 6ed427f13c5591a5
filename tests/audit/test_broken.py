"""The audit of the example finds nothing; that of each broken copy its planted fault and no other."""

import pytest

from tests.audit.conftest import Audit
from tests.broken import apps

pytestmark = pytest.mark.browser

STORY = "news/tollen-bridge-reopens"
"""It has an advert, a film, a pixel and an analytics script."""

PLANTED = {
    "whole": set[tuple[str, str, str]](),
    "arrival": {("undeclared", "cookie", "visitor")},
    "buried": {("asking", "first layer", "no button to reject")},
    "surviving": {("surviving", "cookie", "reader_id")},
    "mislabelled": {("mislabelled", "cookie", "_ga")},
    "ticked": {
        ("asking", "second layer", "analytics is ticked before a choice"),
        ("asking", "policy page", "analytics is ticked before a choice"),
    },
    "early": {("early", "cookie", "_na"), ("early", "host", "northwind.localhost")},
}


def test_every_copy_is_audited() -> None:
    """Each planted fault has its finding."""
    assert PLANTED.keys() == {"whole", *apps.FAULTS}


@pytest.mark.parametrize("copy", PLANTED)
def test_the_planted_fault_is_found_and_nothing_else(auditor: Audit, copy: str) -> None:
    """Before a choice, after rejecting, accepting and withdrawing, with GPC (R1, R2, R4, R5, R12, R18, R43, R48)."""
    found = auditor(getattr(apps, copy), start=STORY)
    assert found.faults == PLANTED[copy]
    assert len(found.observed.phases) == 5
    assert found.observed.failed == {}
    assert {item.name for item in found.comparison.unseen} == {"session", "edition", "campaign"}
