"""What a visitor just said, and the answer it amounts to; knows no form, no store and no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from consent.catalogue import Catalogue
from consent.errors import InvalidDecisionError
from consent.model import Category
from consent.state import Answer, Consent, Verdict


class Action(StrEnum):
    """The buttons there are."""

    ACCEPT = "accept"
    REJECT = "reject"
    SAVE = "save"
    WITHDRAW = "withdraw"


METHODS: Final = ("banner", "dialog", "policy", "embed", "api", "view")
"""Where a decision can be made: on the first layer, on the second, on the policy page, in an embed's place,
by a script, in a view of the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One press of a button.

    ``granted`` holds the ids of categories and services that were ticked (for `Action.SAVE`);
    ``asked`` the categories that it is about, ``None`` for all: where only what changed is asked for
    anew, the rest stays as it was. A service in ``asked`` is decided on alone, and its category stays as
    it was, undecided perhaps. ``notice`` is the id of the notice that was on the screen, ``language``
    its language.
    """

    action: Action
    method: str = "api"
    granted: frozenset[str] = frozenset()
    asked: frozenset[str] | None = None
    notice: str | None = None
    language: str | None = None
    return_to: str | None = None


def parse_decision(fields: Mapping[str, Sequence[str]], catalogue: Catalogue) -> Decision:
    """Read form fields; raises `InvalidDecisionError` for an unknown action, method, category or service."""
    action = _one(fields, "action")
    if action not in set(Action):
        raise InvalidDecisionError(f"The action came as {action!r}; allowed are {', '.join(Action)}.")
    method = _one(fields, "method") or "api"
    if method not in METHODS:
        raise InvalidDecisionError(f"The method came as {method!r}; allowed are {', '.join(METHODS)}.")
    granted = frozenset(fields.get("granted", ()))
    if unknown := sorted(granted - catalogue.ids):
        raise InvalidDecisionError(f"{unknown[0]!r} is neither a category nor a service of this site.")
    asked = frozenset(fields["asked"]) if "asked" in fields else None
    askable = catalogue.expanded(frozenset(catalogue.fingerprints))
    if asked is not None and (not asked or asked - askable):
        allowed = ", ".join(sorted(askable))
        raise InvalidDecisionError(f"'asked' came as {sorted(asked)!r}; allowed are some of {allowed}.")
    return Decision(
        action=Action(action),
        method=method,
        granted=granted,
        asked=asked,
        notice=_one(fields, "notice"),
        language=_one(fields, "language"),
        return_to=_one(fields, "next"),
    )


def answer_to(
    decision: Decision,
    before: Consent,
    catalogue: Catalogue,
    *,
    time: int,
    receipt: str,
    grants: bool = True,
) -> Answer:
    """What the cookie of a visitor whose standing was ``before`` keeps from now on.

    What the decision is not about stays as it was, and as old as it was. ``grants`` false lets only
    that take effect which takes back. ``receipt`` goes in only if something is granted.
    """
    verdicts: dict[str, tuple[str, Verdict]] = {}
    services, ages = set[str](), dict[str, int]()
    for category in catalogue.asked:
        mine = frozenset(service.id for service in category.services)
        verdict = _verdict(decision, category)
        singly = decision.granted & mine if decision.action is Action.SAVE else frozenset[str]()
        if not _is_about(decision, category) or (verdict is Verdict.GRANTED and not grants):
            verdict, singly = _one_by_one(decision, mine, before, category)
            ages[category.id] = time - before.answer.time_of(category.id) if before.answer else 0
        if not grants:
            singly &= before.granted
        verdicts[category.id] = (catalogue.fingerprints[category.id], verdict)
        services |= frozenset() if verdict is Verdict.GRANTED else singly
    granted = bool(services) or any(verdict is Verdict.GRANTED for _, verdict in verdicts.values())
    if not grants and before.answer is not None:
        receipt = before.answer.receipt or receipt
    return Answer(
        time=time,
        verdicts=verdicts,
        services=frozenset(services),
        ages={category: age for category, age in ages.items() if age > 0},
        receipt=receipt if granted else None,
    )


def _is_about(decision: Decision, category: Category) -> bool:
    return decision.asked is None or category.id in decision.asked


def _one_by_one(
    decision: Decision, mine: frozenset[str], before: Consent, category: Category
) -> tuple[Verdict, frozenset[str]]:
    """A category that stays as it was but for single services: the verdict, and what is granted singly."""
    asked = mine & (decision.asked or frozenset())
    given = {Action.ACCEPT: asked, Action.SAVE: asked & decision.granted}.get(decision.action, frozenset())
    verdict = before.verdict(category.id)
    kept = (before.granted & mine) - asked
    return Verdict.DENIED if verdict is Verdict.GRANTED and asked - given else verdict, kept | given


def _verdict(decision: Decision, category: Category) -> Verdict:
    ticked = decision.action is Action.SAVE and category.id in decision.granted
    return Verdict.GRANTED if ticked or decision.action is Action.ACCEPT else Verdict.DENIED


def _one(fields: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = fields.get(name, ())
    return values[0] if values else None
