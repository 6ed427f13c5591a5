"""The signed cookie's value: what goes in comes out, and nothing else is ever read."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer

from consent.records.record import new_id
from consent.signing import ConsentSigner
from consent.state import Answer, Verdict

OLD, NEW = "an old secret key of enough characters", "a new secret key of enough characters"
SIGNER = ConsentSigner([OLD, NEW])

ids = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)
fingerprints = st.from_regex(r"[0-9a-f]{10}", fullmatch=True)
answers = st.builds(
    Answer,
    time=st.integers(0, 1 << 40),
    verdicts=st.dictionaries(ids, st.tuples(fingerprints, st.sampled_from(Verdict)), max_size=6),
    services=st.frozensets(ids, max_size=6),
    ages=st.just({}),
    against=st.just({}),
    receipt=st.none() | st.builds(new_id, st.floats(0, 1e10)),
)
ANSWER = Answer(
    time=1_800_000_000,
    verdicts=dict.fromkeys(
        ("preferences", "analytics", "marketing", "personalisation", "social-media"),
        ("0123456789", Verdict.GRANTED),
    ),
    receipt=new_id(time.time()),
)


@given(answers)
def test_an_answer_survives_the_cookie(answer: Answer) -> None:
    """What was signed is read back, whole."""
    assert SIGNER.loads(SIGNER.dumps(answer)) == answer


@given(st.lists(st.integers(0, 1 << 31), min_size=1, max_size=5))
def test_the_age_of_each_category_survives_the_cookie(ages: list[int]) -> None:
    """What was not asked anew stays as old as it was (R16)."""
    verdicts = {f"c{index}": ("0123456789", Verdict.GRANTED) for index in range(len(ages))}
    kept = {f"c{index}": age for index, age in enumerate(ages) if age}
    answer = Answer(time=1 << 32, verdicts=verdicts, ages=kept)
    read = SIGNER.loads(SIGNER.dumps(answer))
    assert read == answer
    assert read is not None
    assert [read.time_of(name) for name in verdicts] == [(1 << 32) - age for age in ages]


@given(st.dictionaries(ids, st.frozensets(ids, min_size=1, max_size=3), min_size=1, max_size=4))
def test_what_a_choice_outweighs_survives_the_cookie(against: dict[str, frozenset[str]]) -> None:
    """The signals in whose face something was said are read back, beside whatever else there is (R43)."""
    verdicts = dict.fromkeys((*against, "zz"), ("0123456789", Verdict.GRANTED))
    ages = {name: index + 1 for index, name in enumerate(against)}
    answer = Answer(time=1, verdicts=verdicts, ages=ages, against=against)
    assert SIGNER.loads(SIGNER.dumps(answer)) == answer


@given(answers)
def test_the_value_fits_a_cookie_as_it_is(answer: Answer) -> None:
    """Only characters that neither cookies nor addresses need to quote (R29)."""
    assert set(SIGNER.dumps(answer)) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
    )


def test_five_categories_take_less_than_300_bytes() -> None:
    """The cookie rides on every request, so it stays small (R29)."""
    assert len("__Host-consent=" + SIGNER.dumps(ANSWER)) < 300
    signals = dict.fromkeys(ANSWER.verdicts, frozenset({"gpc", "dnt"}))
    assert len("__Host-consent=" + SIGNER.dumps(ANSWER._replace(against=signals))) < 300


@given(st.data())
def test_a_changed_value_is_not_read(data: st.DataObject) -> None:
    """Any character replaced, removed or added makes the answer unreadable (R30)."""
    value = SIGNER.dumps(ANSWER)
    at = data.draw(st.integers(0, len(value) - 1))
    put = data.draw(st.text(st.characters(max_codepoint=300), max_size=2))
    changed = value[:at] + put + value[at + 1 :]
    if changed != value:
        assert SIGNER.loads(changed) is None


@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: raw.decode("latin-1")))
def test_junk_is_not_read(value: str) -> None:
    """Whatever a browser sends is undecided, never an error (R30)."""
    assert SIGNER.loads(value) is None


@pytest.mark.parametrize(
    "value",
    [
        Signer(NEW, salt="session", key_derivation="hmac").sign("1.0...").decode(),
        Signer(NEW, salt="consent.answer.v1", key_derivation="hmac").sign("1.0...").decode(),
        SIGNER.dumps(ANSWER._replace(verdicts={})).replace("1.", "0.", 1),
        SIGNER.dumps(ANSWER) + "x" * 5_000,
        SIGNER.dumps(ANSWER)[:-1],
        SIGNER.dumps(ANSWER) + "=",
        SIGNER.dumps(ANSWER) + "!!!!",
        "",
    ],
    ids=["wrong salt", "SHA-1", "old format", "oversized", "truncated", "padded", "prolonged", "empty"],
)
def test_a_foreign_value_is_not_read(value: str) -> None:
    """Another salt, digest, format or length is nobody's answer (R30)."""
    assert SIGNER.loads(value) is None


def test_all_keys_verify_and_the_last_signs() -> None:
    """Keys rotate without asking anybody again (R31)."""
    assert SIGNER.loads(ConsentSigner([OLD]).dumps(ANSWER)) == ANSWER
    assert ConsentSigner([NEW]).loads(SIGNER.dumps(ANSWER)) == ANSWER
    assert ConsentSigner([OLD]).loads(SIGNER.dumps(ANSWER)) is None


@pytest.mark.parametrize(
    "words",
    [
        "analytics.",
        "analytics_0123456789x.",
        "analytics_012345678g.",
        "Analytics_0123456789g.",
        "analytics_0123456789g~.",
        "analytics_0123456789g.Counter",
        ".counter~",
    ],
)
def test_words_that_no_answer_has_are_not_read_though_they_are_signed(words: str) -> None:
    """A key that signs something else as well makes nobody's answer of it (R30)."""
    assert SIGNER.loads(SIGNER._signer.sign(f"1.0.{words}.").decode()) is None
    assert SIGNER.loads(SIGNER._signer.sign("1.0.analytics_0123456789g..").decode()) is not None
