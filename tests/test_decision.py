"""Decisions: what a press of a button amounts to."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from consent import Verdict
from consent.catalogue import Catalogue
from consent.decision import Decision, answer_to, parse_decision
from consent.errors import InvalidDecisionError
from consent.state import Answer
from tests.sites import categories

CATALOGUE = Catalogue(categories())


def answered(before: Answer | None = None, **fields: Sequence[str]) -> Answer:
    standing = CATALOGUE.standing(before)
    return answer_to(parse_decision(fields, CATALOGUE), standing, CATALOGUE, time=7, receipt="r")


def said(answer: Answer) -> Mapping[str, Verdict]:
    return {name: verdict for name, (_, verdict) in answer.verdicts.items()}


ALL = ("preferences", "analytics", "marketing")


def test_accept_grants_all() -> None:
    """Accept all is consent to every category, with a receipt."""
    answer = answered(action=["accept"])
    assert said(answer) == dict.fromkeys(ALL, Verdict.GRANTED)
    assert (answer.time, answer.receipt) == (7, "r")


@pytest.mark.parametrize("fields", [{"action": ["reject"]}, {"action": ["withdraw"]}, {"action": ["save"]}])
def test_reject_withdraw_and_an_empty_save_deny_all_without_a_receipt(fields: Any) -> None:
    """Saving with nothing ticked is a refusal, and a refusal carries no identifier (R4, R28)."""
    answer = answered(**fields)
    assert said(answer) == dict.fromkeys(ALL, Verdict.DENIED)
    assert answer.receipt is None


def test_save_grants_what_is_ticked_and_denies_the_rest() -> None:
    """A ticked category is granted whole, a ticked service alone."""
    answer = answered(action=["save"], granted=["analytics", "heatmap", "ads", "necessary"])
    assert said(answer) == {
        "preferences": Verdict.DENIED,
        "analytics": Verdict.GRANTED,
        "marketing": Verdict.DENIED,
    }
    assert answer.services == {"ads"}
    assert answer.receipt == "r"


def test_ticks_count_only_with_save() -> None:
    """Reject is a refusal whatever was ticked on the way."""
    answer = answered(action=["reject"], granted=["analytics", "ads"])
    assert Verdict.GRANTED not in said(answer).values()
    assert not answer.services


@pytest.mark.parametrize(
    ("action", "marketing"),
    [("accept", Verdict.GRANTED), ("reject", Verdict.DENIED), ("save", Verdict.DENIED)],
)
def test_what_is_asked_anew_leaves_the_rest_as_it_was(action: str, marketing: Verdict) -> None:
    """Where one category has changed, an answer to it changes nothing else (R16)."""
    before = answered(action=["save"], granted=["preferences", "heatmap"])
    after = answered(before, action=[action], asked=["marketing"])
    assert said(after) == {**said(before), "marketing": marketing}
    assert after.services == {"heatmap"}
    assert after.receipt == "r"


def test_what_is_not_asked_anew_gets_no_younger() -> None:
    """An answer to one category does not prolong the others (R16)."""
    before = answered(action=["accept"])
    standing = CATALOGUE.standing(before)
    decision = parse_decision({"action": ["reject"], "asked": ["marketing"]}, CATALOGUE)
    after = answer_to(decision, standing, CATALOGUE, time=100, receipt="s")
    assert [after.time_of(name) for name in ALL] == [7, 7, 100]
    assert CATALOGUE.standing(after, after=7).granted == CATALOGUE.standing(None).granted
    assert CATALOGUE.standing(after, after=6).allows("analytics")


@pytest.mark.parametrize("granted", [[], ["analytics"], ["heatmap"], ["ads", "marketing"]])
def test_without_evidence_only_what_takes_back_takes_effect(granted: list[str]) -> None:
    """What cannot be recorded grants nothing and prolongs nothing; what is refused is refused (R25)."""
    before = CATALOGUE.standing(answered(action=["save"], granted=["preferences", "heatmap"]))
    decision = parse_decision({"action": ["save"], "granted": granted}, CATALOGUE)
    answer = answer_to(decision, before, CATALOGUE, time=100, receipt="s", grants=False)
    after = CATALOGUE.standing(answer)
    assert after.granted <= before.granted
    assert not after.allows("edition")
    assert after.allows("heatmap") is bool({"analytics", "heatmap"} & set(granted))
    assert after.verdict("marketing") is Verdict.DENIED
    assert answer.receipt == ("r" if after.allows("heatmap") else None)


@pytest.mark.parametrize(
    ("before", "fields", "analytics", "services"),
    [
        ({}, {"action": ["save"], "granted": ["counter"]}, Verdict.UNDECIDED, {"counter"}),
        ({}, {"action": ["accept"]}, Verdict.UNDECIDED, {"counter"}),
        ({}, {"action": ["reject"]}, Verdict.UNDECIDED, set()),
        ({"action": ["reject"]}, {"action": ["save"], "granted": ["counter"]}, Verdict.DENIED, {"counter"}),
        ({"action": ["accept"]}, {"action": ["save"], "granted": ["counter"]}, Verdict.GRANTED, set()),
        ({"action": ["accept"]}, {"action": ["save"]}, Verdict.DENIED, {"heatmap"}),
        (
            {"action": ["save"], "granted": ["heatmap"]},
            {"action": ["accept"]},
            Verdict.DENIED,
            {"counter", "heatmap"},
        ),
    ],
)
def test_a_service_can_be_decided_on_alone(
    before: Any, fields: Any, analytics: Verdict, services: set[str]
) -> None:
    """One embed's service is allowed or taken back, its category stays as it was (R9, R56)."""
    after = answered(answered(**before) if before else None, asked=["counter"], **fields)
    assert said(after)["analytics"] is analytics
    assert after.services == services


def test_the_fields_of_a_form_are_read() -> None:
    """Method, notice, language and the page to return to come with the decision (R23)."""
    decision = parse_decision(
        {"action": ["accept"], "method": ["banner"], "notice": ["n"], "language": ["de"], "next": ["/x"]},
        CATALOGUE,
    )
    assert decision == Decision(
        action=decision.action, method="banner", notice="n", language="de", return_to="/x"
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "The action came as None; allowed are accept, reject, save, withdraw."),
        ({"action": ["ok"]}, "The action came as 'ok'; allowed are accept, reject, save, withdraw."),
        (
            {"action": ["accept"], "asked": ["marketing", "necessary"]},
            "'asked' came as ['marketing', 'necessary']; allowed are some of ads, analytics, counter, edition, heatmap, marketing, preferences.",
        ),
        (
            {"action": ["accept"], "asked": []},
            "'asked' came as []; allowed are some of ads, analytics, counter, edition, heatmap, marketing, preferences.",
        ),
        (
            {"action": ["accept"], "method": ["x"]},
            "The method came as 'x'; allowed are banner, dialog, policy, embed, api, view.",
        ),
        (
            {"action": ["save"], "granted": ["analytics", "gallery"]},
            "'gallery' is neither a category nor a service of this site.",
        ),
    ],
)
def test_what_cannot_be_understood_is_told_in_one_sentence(
    fields: dict[str, list[str]], sentence: str
) -> None:
    """No client can add a category, and nothing is guessed."""
    with pytest.raises(InvalidDecisionError) as caught:
        parse_decision(fields, CATALOGUE)
    assert str(caught.value) == sentence
