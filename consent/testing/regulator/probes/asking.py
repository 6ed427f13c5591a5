"""How a site asks: its buttons, its words, and in how many places."""

import re
import unicodedata
from typing import Final

from consent.testing.regulator.markup import Button, Form
from consent.testing.regulator.pages import Page
from consent.testing.regulator.probes.devices import listed
from consent.testing.regulator.site import Breach, Site, Unjudged
from consent.testing.regulator.words import (
    ACCEPTING,
    ADVERTISING,
    LEGITIMATE_INTEREST,
    OTHER_PLATFORMS,
    REFUSING,
)
from consent.ui.texts import hides_its_effect

_ALIKE: Final = frozenset({"class", "style", "type", "disabled", "hidden"})


def reject_in_one_click(site: Site, path: str) -> None:
    """The first layer has a button beside accept that refuses everything at once."""
    visitor = site.visitor()
    banner = _banner(visitor.open(path))
    if banner.button("accept") is None:
        raise Breach(f"{path} asks without a button 'accept'.")
    reject = banner.button("reject")
    if reject is None:
        labels = ", ".join(repr(button.label) for button in banner.buttons)
        raise Breach(f"{path} asks without a button that refuses; there are {labels}.")
    visitor.press(banner, reject)
    standing = visitor.standing()
    if kept := site.declared.asked - standing.denied:
        raise Breach(f"{reject.label!r} left {listed(kept)} undenied.")


def label_matches_effect(site: Site, path: str) -> None:
    """Each button of the first layer says what it does, and does it."""
    for action, expected in (("accept", "granted"), ("reject", "denied")):
        visitor = site.visitor()
        banner = _banner(visitor.open(path))
        button = banner.button(action)
        if button is None:
            raise Unjudged(f"The first layer has no button {action!r}: see reject_in_one_click.")
        _check_label(button)
        visitor.press(banner, button)
        if missing := site.declared.asked - getattr(visitor.standing(), expected):
            raise Breach(f"After {button.label!r}, {listed(missing)} is not {expected}.")


def _check_label(button: Button) -> None:
    label = button.label
    refuses = bool(REFUSING.search(label))
    differs = refuses if button.action == "accept" else bool(ACCEPTING.search(label)) and not refuses
    if differs or hides_its_effect(label) or not re.search(r"\w", label):
        raise Breach(f"The button {button.action!r} is labelled {label!r}, which is not what it does.")


def advertising_purpose_named(site: Site, path: str) -> None:
    """A site that advertises says so where it asks."""
    categories = {category.id for category in site.declared.catalogue.asked}
    if not categories & ({"marketing"} | site.declared.objectable()):
        raise Unjudged("No category advertises.")
    banner = _banner(site.fresh(path))
    if not ADVERTISING.search(banner.words):
        raise Breach(f"The first layer names no advertising; it says {banner.words[:300]!r}.")


def partner_count_on_first_layer(site: Site, path: str) -> None:
    """The first layer says how many third parties are involved."""
    partners = len(site.declared.third_parties())
    if not partners:
        raise Unjudged("No third party is involved.")
    banner = _banner(site.fresh(path))
    numbers = [_number(digits) for digits in re.findall(r"\d+", banner.words)]
    if partners not in numbers:
        raise Breach(f"The first layer does not say that {partners} partners are involved.")


def _number(digits: str) -> int:
    return int("".join(str(unicodedata.digit(digit)) for digit in digits))


def one_consent_surface(site: Site, path: str) -> None:
    """A page asks in one place, and no other consent platform stands beside it."""
    page = site.fresh(path)
    others = (form for form in page.markup.forms if form.layer != "banner" and not form.hidden)
    asking = [*([page.banner] if page.banner else ()), *(form for form in others if form.button("accept"))]
    if len(asking) > 1:
        raise Breach(f"{path} asks in {len(asking)} places.")
    addresses = [contact.address for contact in page.contacts]
    if found := sorted({match[0] for address in addresses if (match := OTHER_PLATFORMS.search(address))}):
        raise Breach(f"{path} also loads another consent platform: {listed(found)}.")


def second_layer_lists_third_parties(site: Site, path: str) -> None:
    """Whoever is involved is named where single choices are made."""
    parties = site.declared.third_parties()
    if not parties:
        raise Unjudged("No third party is involved.")
    words = site.choices().markup.words
    if missing := [party for party in parties if party not in words]:
        raise Breach(f"The second layer does not name {listed(missing)}.")


def inline_controls_symmetric_too(site: Site, path: str) -> None:
    """Wherever everything can be accepted, it can be refused by a button of the same kind."""
    for place in (path, site.path):
        for form in site.fresh(place).markup.forms:
            accept, reject = form.button("accept"), form.button("reject")
            if accept is None or form.layer == "banner":
                continue
            if reject is None:
                raise Breach(f"{place} has a button {accept.label!r} and none that refuses.")
            if _look(accept) != _look(reject):
                raise Breach(f"{place} has buttons that differ: {_look(accept)} and {_look(reject)}.")


def _look(button: Button) -> dict[str, str]:
    return {name: value for name, value in button.attributes.items() if name in _ALIKE}


def equal_computed_style(site: Site, path: str) -> None:
    """Accept and reject look alike: colours, size, weight, and contrast enough to be read."""
    visitor = site.visitor()
    banner = _banner(visitor.open(path))
    if banner.button("reject") is None:
        raise Unjudged("There is no reject button to compare with: see reject_in_one_click.")
    looks = visitor.looks()
    accept, reject = looks["accept"], looks["reject"]
    if differing := sorted(name for name in accept if accept[name] != reject[name]):
        told = ", ".join(f"{name} {accept[name]} and {reject[name]}" for name in differing)
        raise Breach(f"Accept and reject differ: {told}.")
    if float(accept["contrast"]) < 4.5:
        raise Breach(f"The labels have a contrast of {accept['contrast']}:1; needed is 4.5:1 (WCAG 1.4.3).")


def no_legitimate_interest_for_device_access(site: Site, path: str) -> None:
    """Neither layer speaks of legitimate interests."""
    first = site.fresh(path).banner
    layers = [*((first.words,) if first else ()), site.choices().markup.words]
    for words in layers:
        if found := LEGITIMATE_INTEREST.search(words):
            around = words[max(0, found.start() - 60) : found.end() + 60]
            raise Breach(f"Visitors are told of a legitimate interest: {around!r}.")


def _banner(page: Page) -> Form:
    if page.banner is None:
        raise Breach(f"{page.path} (status {page.status}) does not ask a visitor who has not decided.")
    return page.banner
