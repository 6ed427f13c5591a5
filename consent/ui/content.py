"""What a visitor is told in one language, as values: the pages and the evidence are made of the same.

It knows no markup and no visitor: whoever reads the notice of a language is told the same.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from consent.catalogue import Catalogue
from consent.checks import Text
from consent.durations import Duration
from consent.model import NECESSARY, Category, Cookie, Service, Storage, localized
from consent.settings import OWN_COOKIES, ConsentSettings
from consent.state import Consent
from consent.ui.objections import Objections, describe_objections
from consent.ui.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One declared cookie or storage key, in the visitor's words."""

    name: str
    purpose: str
    duration: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceContent:
    """One service: who it is, what for, what it stores, who reads it and where the data goes."""

    id: str
    name: str
    provider: str
    purpose: str
    policy_url: str | None
    access: str
    country: str | None
    justification: str | None
    hosts: tuple[str, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryContent:
    """One category with its services; ``asked`` is false for what is always on."""

    id: str
    name: str
    purpose: str
    asked: bool
    services: tuple[ServiceContent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """All that the visitor is told before deciding, on both layers."""

    language: str
    controller: str
    heading: str
    intro: str
    asked_again: str
    withdrawal: str
    partners: str
    policy: str
    accept: str
    reject: str
    choose: str
    save: str
    choose_title: str
    hint: str
    on: str
    off: str
    always: str
    objections: Objections
    categories: tuple[CategoryContent, ...]

    @property
    def asked(self) -> tuple[CategoryContent, ...]:
        """The categories that the visitor decides on."""
        return tuple(category for category in self.categories if category.asked)

    @property
    def names(self) -> dict[str, str]:
        """What these are called, by their ids."""
        return {category.id: category.name for category in self.asked}

    @property
    def hosts(self) -> tuple[ServiceContent, ...]:
        """The services that the browser contacts somewhere."""
        return tuple(
            service for category in self.categories for service in category.services if service.hosts
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The evidence of what was shown: ``body`` is JSON, ``id`` names catalogue and body."""

    id: str
    language: str
    body: str


def describe(settings: ConsentSettings, catalogue: Catalogue, texts: Texts) -> Content:
    """What a visitor who reads the language of ``texts`` is told."""
    partners = catalogue.partners
    own = _own(settings, texts)
    categories = tuple(_category(category, texts, own) for category in catalogue.categories)
    names = {category.id: category.name for category in categories if category.asked}
    return Content(
        language=texts.language,
        controller=settings.controller,
        heading=texts.text("heading"),
        intro=texts.text("intro", controller=settings.controller_name or settings.controller),
        asked_again=texts.text("asked_again"),
        withdrawal=texts.text("withdrawal", settings=texts.text("settings")),
        partners=texts.plural("partners", partners) if partners else texts.text("partners_none"),
        policy=texts.text("policy"),
        accept=texts.text("accept"),
        reject=texts.text("reject"),
        choose=texts.text("choose"),
        save=texts.text("save"),
        choose_title=texts.text("choose_title"),
        hint=texts.text("hint"),
        on=texts.text("on"),
        off=texts.text("off"),
        always=texts.text("always"),
        objections=describe_objections(settings.listens, catalogue, names, texts),
        categories=categories,
    )


def notice_of(content: Content, catalogue: Catalogue, templates: Mapping[str, str]) -> Notice:
    """What was shown, word for word, under an id that no other words have.

    ``templates`` are the site's own, whose words are shown too.
    """
    shown = asdict(content) | ({"templates": dict(templates)} if templates else {})
    body = json.dumps(shown, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    digest = hashlib.sha256(body.encode()).hexdigest()[:32]
    return Notice(id=f"{catalogue.fingerprint}-{digest}", language=content.language, body=body)


def _category(category: Category, texts: Texts, own: ServiceContent) -> CategoryContent:
    return CategoryContent(
        id=category.id,
        name=_words(category.name, f"category.{category.id}.name", texts),
        purpose=_words(category.purpose, f"category.{category.id}.purpose", texts),
        asked=category.id != NECESSARY,
        services=(
            *(_service(service, texts) for service in category.services),
            *((own,) if category.id == NECESSARY else ()),
        ),
    )


def _own(settings: ConsentSettings, texts: Texts) -> ServiceContent:
    """The layer's own cookie, which keeps the answer: declared like any other."""
    item = Item(
        name=OWN_COOKIES[2] if settings.cookie_domain else OWN_COOKIES[1],
        purpose=texts.text("own.cookie"),
        duration=texts.duration(Duration(unit="day", amount=settings.lifetime)),
        kind=texts.text("kind.http"),
    )
    return ServiceContent(
        id="consent",
        name=texts.text("own.name"),
        provider=settings.controller,
        purpose=texts.text("own.purpose"),
        policy_url=None,
        access=texts.text("access.first"),
        country=None,
        justification=texts.text("own.justification"),
        hosts=(),
        items=(item,),
    )


def _words(given: Text | None, key: str, texts: Texts) -> str:
    return texts.text(key) if given is None else localized(given, texts.language)


def _service(service: Service, texts: Texts) -> ServiceContent:
    kept: tuple[Cookie | Storage, ...] = (*service.cookies, *service.storage)
    key = "access.third" if service.third_party else "access.first"
    reasons = (service.justification, service.override)
    return ServiceContent(
        id=service.id,
        name=localized(service.name, texts.language),
        provider=service.provider,
        purpose=localized(service.purpose, texts.language),
        policy_url=service.policy_url,
        access=texts.text(key, provider=service.provider),
        country=None if service.country is None else texts.country(service.country),
        justification=" ".join(localized(reason, texts.language) for reason in reasons if reason) or None,
        hosts=(*service.hosts, *service.shared_hosts),
        items=tuple(_item(item, texts) for item in kept),
    )


def _item(item: Cookie | Storage, texts: Texts) -> Item:
    kind = item.kind if isinstance(item, Storage) else "http" if item.http_only else "script"
    return Item(
        name=item.name,
        purpose=localized(item.purpose, texts.language),
        duration=texts.duration(Duration.parse(item.duration)),
        kind=texts.text(f"kind.{kind}"),
    )


def summary(consent: Consent, content: Content, texts: Texts, kind: str) -> str:
    """One sentence on what a visitor has allowed; ``kind`` is ``saved`` or ``choice``."""
    whole = [category for category in content.asked if category.id in consent.granted]
    singly = [
        service
        for category in content.asked
        if category not in whole
        for service in category.services
        if service.id in consent.granted
    ]
    if names := [*(category.name for category in whole), *(service.name for service in singly)]:
        scope = "all" if len(whole) == len(content.asked) else "some"
        return texts.text(f"{kind}_{scope}", names=texts.listing(names))
    decided = any(category.id in consent.denied - consent.objected for category in content.asked)
    return texts.text(f"{kind}_none" if decided else f"{kind}_open")


def standing_of(consent: Consent) -> dict[str, str]:
    """A standing as our script reads it from markup: ids with a space between."""
    ids = {"granted": consent.granted, "denied": consent.denied, "undecided": consent.undecided}
    return {name: " ".join(sorted(found)) for name, found in ids.items()}
