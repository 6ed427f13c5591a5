"""What a visitor just said, and the answer it amounts to; knows no form, no store and no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
    stored: Consent | None = None,
    grants: bool = True,
) -> Answer:
    """What the cookie of a visitor whose standing was ``before`` keeps from now on.

    ``stored`` is the standing by the cookie alone, where the browser sends signals. What the decision is
    not about stays as it was there, and as old as it was. ``grants`` false lets only that take effect
    which takes back. ``receipt`` goes in only if something is granted.
    """
    visitor = _Visitor(before=before, stored=stored or before, time=time, grants=grants)
    decision = _in_sight(decision, before, catalogue)
    parts = {category.id: _part(decision, visitor, category) for category in catalogue.asked}
    granted = any(part.services or part.verdict is Verdict.GRANTED for part in parts.values())
    if not grants and before.answer is not None:
        receipt = before.answer.receipt or receipt
    return Answer(
        time=time,
        verdicts={name: (catalogue.fingerprints[name], part.verdict) for name, part in parts.items()},
        services=frozenset[str]().union(*(part.services for part in parts.values())),
        ages={name: part.age for name, part in parts.items() if part.age > 0},
        against={name: part.against for name, part in parts.items() if part.against},
        receipt=receipt if granted else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visitor:
    """Who decides: under which standing, with which stored, when, and whether grants can count."""

    before: Consent
    stored: Consent
    time: int
    grants: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What is kept of one category."""

    verdict: Verdict
    services: frozenset[str] = frozenset()
    age: int = 0
    against: frozenset[str] = frozenset()


def _in_sight(decision: Decision, before: Consent, catalogue: Catalogue) -> Decision:
    """The banner does not ask for what a signal denies: accepting leaves it off, refusing refuses it too."""
    objected = before.objected & catalogue.fingerprints.keys()
    if decision.method != "banner" or not objected:
        return decision
    asked = frozenset(catalogue.fingerprints) if decision.asked is None else decision.asked
    refuses = decision.action in (Action.REJECT, Action.WITHDRAW)
    return replace(decision, asked=asked | objected if refuses else asked - objected)


def _part(decision: Decision, visitor: _Visitor, category: Category) -> _Part:
    mine = frozenset(service.id for service in category.services)
    verdict = _verdict(decision, category)
    about = decision.asked is None or category.id in decision.asked
    if not about or (verdict is Verdict.GRANTED and not visitor.grants):
        return _one_by_one(decision, visitor, category, mine)
    services = decision.granted & mine if decision.action is Action.SAVE else frozenset[str]()
    if verdict is Verdict.GRANTED:
        services = frozenset()
    elif not visitor.grants:
        services &= visitor.stored.granted & visitor.before.granted
    return _Part(verdict=verdict, services=services, against=_against(visitor, category, verdict, services))


def _one_by_one(decision: Decision, visitor: _Visitor, category: Category, mine: frozenset[str]) -> _Part:
    """A category that stays as it was but for single services.

    Where one of these is decided on, what a signal had overridden in the category is not kept: to the
    signal's face the visitor has said yes to that one only.
    """
    before, stored, answer = visitor.before, visitor.stored, visitor.before.answer
    asked = mine & (decision.asked or frozenset())
    given = {Action.ACCEPT: asked, Action.SAVE: asked & decision.granted}.get(decision.action, frozenset())
    refused = asked - given
    if not visitor.grants:
        given &= stored.granted & before.granted
    verdict = stored.verdict(category.id)
    age = visitor.time - answer.time_of(category.id) if answer else 0
    if not given and not refused:
        against = answer.against.get(category.id, frozenset[str]()) if answer else frozenset[str]()
        kept = stored.granted & mine if verdict is not Verdict.GRANTED else frozenset[str]()
        return _Part(verdict=verdict, services=kept, age=age, against=against)
    standing = before.verdict(category.id)
    was_granted = Verdict.GRANTED in (verdict, standing)
    if (was_granted and refused) or (verdict is Verdict.GRANTED and standing is not Verdict.GRANTED):
        verdict = Verdict.DENIED
    kept = (stored.granted & before.granted & mine) - asked | given
    services = frozenset[str]() if verdict is Verdict.GRANTED else kept
    if verdict is Verdict.UNDECIDED and kept == given:
        age = 0  # nothing older is left that would have to end sooner
    against = _against(visitor, category, verdict, services)
    return _Part(verdict=verdict, services=services, age=age, against=against)


def _against(
    visitor: _Visitor, category: Category, verdict: Verdict, services: frozenset[str]
) -> frozenset[str]:
    """The signals in whose face this is said."""
    grants = verdict is Verdict.GRANTED or bool(services)
    return frozenset(
        said.name
        for said in visitor.before.heard
        if (category.id in said.denied and grants)
        or (category.id in said.granted and verdict is Verdict.DENIED)
    )


def _verdict(decision: Decision, category: Category) -> Verdict:
    ticked = decision.action is Action.SAVE and category.id in decision.granted
    return Verdict.GRANTED if ticked or decision.action is Action.ACCEPT else Verdict.DENIED


def _one(fields: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = fields.get(name, ())
    return values[0] if values else None
