"""One visitor's standing as a value: equal by what it says, and never changed."""

import pytest

from consent.state import Answer, Consent

STANDING = Consent(granted=frozenset({"a"}), denied=frozenset({"b"}), undecided=frozenset({"c"}))
ANSWERED = STANDING._replace(answer=Answer(time=1, verdicts={}))


def test_standings_are_equal_whatever_the_answer_behind_them() -> None:
    """Two visitors who granted the same stand alike, whenever they said so; nothing else is a standing."""
    assert ANSWERED == STANDING
    assert not ANSWERED != STANDING  # noqa: SIM202  # another method
    assert hash(ANSWERED) == hash(STANDING)
    assert STANDING._replace(denied=frozenset(), undecided=frozenset({"b", "c"})) != STANDING
    assert tuple(STANDING) != STANDING


def test_a_standing_knows_all_there_is() -> None:
    """What is granted, denied and undecided together is all that can be asked for."""
    assert STANDING.known == {"a", "b", "c"}


def test_nobody_asks_a_standing_as_if_it_were_a_set() -> None:
    """What would be false for all that is granted is an error."""
    with pytest.raises(TypeError):
        assert "a" in STANDING


@pytest.mark.parametrize("name", ["granted", "answer", "known"])
def test_a_standing_never_changes(name: str) -> None:
    """It is shared by all who stand alike."""
    with pytest.raises(AttributeError):
        setattr(STANDING, name, frozenset())
