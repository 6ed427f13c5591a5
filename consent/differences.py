"""What differs between two states of the declarations, and whether it asks again; knows no visitor."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from consent.catalogue import Catalogue, material
from consent.model import NECESSARY, Category, Cookie, Service, Storage

_NEVER_ASKED: Final = "Nobody is asked about what is necessary; the policy tells of it."
_WORDS: Final = "Words alone ask nobody again."
_PURPOSE: Final = "Words alone ask nobody again; if the purpose itself is another, raise the revision."
_ITEM: Final = "By itself this asks nobody again: what counts is the kinds of storage and the durations."

_MATERIAL: Final[Mapping[str, str]] = {
    "provider": "A new recipient: visitors have not agreed to it.",
    "country": "The data goes to another country than visitors agreed to.",
    "third_party": "Whether somebody else learns of the visit is no longer as visitors agreed to it.",
    "revision": "The purpose is another one, as the revision says: visitors agreed to the one before.",
    "hosts": "Other hosts are contacted than those that visitors agreed to.",
    "storage": "Other kinds of storage are used than those that visitors agreed to.",
    "durations": "Something is kept for another time than visitors agreed to.",
}
"""Why each part of `material` counts; a service's id is what it is known by."""

_CATEGORY: Final[Mapping[str, str]] = {
    "name": _WORDS,
    "purpose": _PURPOSE,
    "is_objectable": "Answers stay; it only says whether signals such as GPC concern the category.",
}
_SERVICE: Final[Mapping[str, str]] = {
    "name": _WORDS,
    "purpose": _PURPOSE,
    "justification": _WORDS,
    "override": _WORDS,
    "policy_url": "Where the provider's policy stands asks nobody again.",
    "consent_call": "How the vendor is told what visitors allow asks nobody again.",
    "embed": "How pages embed the service asks nobody again.",
}
_ITEMS: Final[Mapping[str, str]] = {
    "purpose": _WORDS,
    "duration": "A single duration asks nobody again: what counts is which durations the service has.",
    "http_only": "Whether scripts can read a cookie asks nobody again.",
    "partitioned": "Whether a cookie is kept apart for each site asks nobody again.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as it was: ``what`` of ``service``, or of the whole ``category``.

    ``old`` and ``new`` are texts for people; ``None`` stands for what is not there. If it is ``material``,
    who has decided on the category is asked again about it; ``why`` says in a sentence why, or why not.
    """

    category: str
    service: str | None = None
    what: str
    old: str | None
    new: str | None
    material: bool = False
    why: str


def differences(old: Catalogue, new: Catalogue) -> list[Difference]:
    """All that differs but the order, by category as ``new`` declares them, then those that are gone.

    A category has a material difference exactly if visitors are asked about it and its fingerprint is not
    the one before (R16).
    """
    before = {category.id: category for category in old.categories}
    after = {category.id: category for category in new.categories}
    return [
        replace(found, material=False, why=_NEVER_ASKED) if found.category == NECESSARY else found
        for name in {**after, **before}
        for found in _of_category(before.get(name), after.get(name))
    ]


def _of_category(old: Category | None, new: Category | None) -> Iterator[Difference]:
    if old is None or new is None:
        if new is not None:
            why = "A new category: visitors have not been asked about it."
            yield Difference(
                category=new.id, what="category", old=None, new=_ids(new), material=True, why=why
            )
        if old is not None:
            why = "The category is gone: nobody is asked about it any more."
            yield Difference(category=old.id, what="category", old=_ids(old), new=None, why=why)
        return
    known = Difference(category=new.id, what="", old=None, new=None, why="")
    yield from _fields(known, old, new, _CATEGORY)
    before = {service.id: service for service in old.services}
    after = {service.id: service for service in new.services}
    for name in {**after, **before}:
        yield from _of_service(replace(known, service=name), before.get(name), after.get(name))


def _of_service(known: Difference, old: Service | None, new: Service | None) -> Iterator[Difference]:
    """The differences of one service, each like ``known`` in what all of them share."""
    if old is None or new is None:
        why = (
            "A new service: visitors have not agreed to it."
            if old is None
            else "A service is gone: visitors agreed to something else."
        )
        texts = [None if one is None else _text(one.name) for one in (old, new)]
        yield replace(known, what="service", old=texts[0], new=texts[1], material=True, why=why)
        return
    before, after = material(old), material(new)
    for what, value in after.items():
        if value != before[what]:
            texts = [_text(before[what]), _text(value)]
            yield replace(known, what=what, old=texts[0], new=texts[1], material=True, why=_MATERIAL[what])
    yield from _fields(known, old, new, _SERVICE)
    yield from _sharing(known, old, new)
    yield from _items(known, old, new)


def _fields(
    known: Difference, old: Any, new: Any, reasons: Mapping[str, str], of: str = ""
) -> Iterator[Difference]:
    for name, why in reasons.items():
        before, after = getattr(old, name, None), getattr(new, name, None)
        if before != after:
            what = of + name.removeprefix("is_")
            yield replace(known, what=what, old=_text(before), new=_text(after), why=why)


def _sharing(known: Difference, old: Service, new: Service) -> Iterator[Difference]:
    """Which of the hosts that stay have come to be shared with other services, or have ceased to be."""
    staying = {*old.hosts, *old.shared_hosts} & {*new.hosts, *new.shared_hosts}
    before, after = (sorted(staying - {*one.hosts}) for one in (old, new))
    if before != after:
        why = "The hosts are the same; it only says whether one service that shares them is enough."
        yield replace(known, what="shared_hosts", old=_text(before), new=_text(after), why=why)


def _items(known: Difference, old: Service, new: Service) -> Iterator[Difference]:
    before, after = _kept(old), _kept(new)
    for what in {**after, **before}:
        if what in before and what in after:
            yield from _fields(known, before[what], after[what], _ITEMS, f"{what}, ")
        else:
            texts = [_text(side[what].duration) if what in side else None for side in (before, after)]
            yield replace(known, what=what, old=texts[0], new=texts[1], why=_ITEM)


def _kept(service: Service) -> dict[str, Cookie | Storage]:
    """What a service keeps on a device, by the words that tell each item from the others."""
    cookies = {f"cookie {one.name}{_place(one)}": one for one in service.cookies}
    return {**cookies, **{f"{one.kind} {one.name}": one for one in service.storage}}


def _place(cookie: Cookie) -> str:
    domain = f" of {cookie.domain}" if cookie.domain else ""
    return domain if cookie.path == "/" else f"{domain} below {cookie.path}"


def _ids(category: Category) -> str:
    return ", ".join(service.id for service in category.services) or "no services"


def _text(value: Any) -> str | None:
    """What a field holds, as people read it; ``None`` if nothing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{language}: {words}" for language, words in value.items())
    if isinstance(value, list):
        return ", ".join(value) or None
    return None if value is None else str(value)
