"""Records: what is kept of a decision, and in which order it sorts."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from consent import Record
from consent.records.record import new_id, timestamp
from tests.sites import NOW

RECORD = Record(
    id=new_id(NOW),
    time=datetime(2027, 1, 15, 9, 0, 0, 5_000, timezone(timedelta(hours=1))),
    action="save",
    method="banner",
    granted=("analytics", "necessary"),
    denied=("marketing",),
    language="de",
    notice="n1",
    catalogue="c1",
    version="0.1",
    policy_url="/cookies",
)


@given(st.floats(0, 1e10))
def test_an_id_is_a_uuid_of_version_7(now: float) -> None:
    """Ids are RFC 9562's time-ordered ones."""
    made = UUID(new_id(now))
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(now * 1000)


@given(st.floats(0, 1e10), st.floats(0.001, 1e6))
def test_ids_sort_by_time(now: float, later: float) -> None:
    """A later record has a greater id, to the millisecond."""
    assert int(now * 1000) == int((now + later) * 1000) or new_id(now) < new_id(now + later)


def test_a_record_is_json_with_its_time_in_utc() -> None:
    """Every field of the evidence is there, and nothing about a browser or an address (R23)."""
    assert RECORD.as_dict() == {
        "id": RECORD.id,
        "time": "2027-01-15T08:00:00.005Z",
        "action": "save",
        "method": "banner",
        "granted": ["analytics", "necessary"],
        "denied": ["marketing"],
        "language": "de",
        "notice": "n1",
        "catalogue": "c1",
        "version": "0.1",
        "policy_url": "/cookies",
        "signals": [],
        "previous": None,
    }


def test_unix_seconds_become_a_time_in_utc() -> None:
    """Times are aware and in UTC."""
    assert timestamp(0) == datetime(1970, 1, 1, tzinfo=UTC)
