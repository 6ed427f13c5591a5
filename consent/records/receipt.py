"""One decision as a consent record or receipt of ISO/IEC TS 27560; knows no store, no key and no HTTP.

The words are those of W3C's Data Privacy Vocabulary, as its guide "Consent records and receipts" puts them
together (https://w3id.org/dpv/guides/consent-27560). The JSON-LD holds its context, so it is read offline.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from consent.decision import Action
from consent.model import NECESSARY, Category, Cookie, Service, Storage, localized
from consent.records.record import Record, timestamp
from consent.records.vocabulary import (
    CONTEXT,
    RECEIPT_PROFILE,
    RECORD_PROFILE,
    RIGHTS,
    Node,
    address,
    contact,
    duration,
    moment,
    purpose,
)

_CONTROLLER, _VISITOR, _CONTROL = "_:controller", "_:visitor", "_:control"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What a site tells of its processing: who is responsible for what, where, and for how many days.

    ``controller`` is name and address in one text. ``jurisdictions`` are codes of ISO 3166, or ``EU`` or
    ``EEA``. ``policy`` is the address of the cookie policy, ``control`` that where consent is changed;
    ``lifetime`` the days for which an answer counts.
    """

    controller: str
    categories: Sequence[Category]
    lifetime: int
    jurisdictions: Sequence[str]
    policy: str
    control: str


def consent_record(
    record: Record,
    disclosure: Disclosure,
    *,
    language: str,
    identifier: str | None = None,
    previous: Record | None = None,
) -> Node:
    """The record for who keeps or checks it: one process per service that was decided on.

    ``identifier`` is what the visitor's browser keeps of it: ``None`` after a refusal. ``previous`` is the
    record that this one follows: what it granted and this one denies is withdrawn, the rest refused.
    """
    return {"@context": dict(CONTEXT), **_record(record, disclosure, language, identifier, previous)}


def consent_receipt(
    record: Record,
    disclosure: Disclosure,
    *,
    language: str,
    now: float,
    identifier: str | None = None,
    previous: Record | None = None,
) -> Node:
    """The receipt that the visitor is handed at ``now`` (Unix seconds): the whole record in an envelope."""
    return {
        "@context": dict(CONTEXT),
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": {"@id": RECEIPT_PROFILE},
        **_identified(record.id),
        "dct:created": moment(timestamp(now)),
        "dct:publisher": {"@id": _CONTROLLER},
        "schema:recipient": {"@id": _VISITOR},
        "dpv:hasRecordOfActivity": _record(record, disclosure, language, identifier, previous),
    }


def _record(
    record: Record, disclosure: Disclosure, language: str, identifier: str | None, previous: Record | None
) -> Node:
    replaced = {"dct:replaces": {"@id": f"urn:uuid:{record.previous}"}} if record.previous else {}
    return {
        "@id": f"urn:uuid:{record.id}",
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": {"@id": RECORD_PROFILE},
        **_identified(record.id),
        "dct:created": moment(record.time),
        "dct:language": language,
        "dct:source": record.catalogue,
        **replaced,
        "dpv:hasDataSubject": {"@id": _VISITOR, "@type": "dpv:DataSubject", **_identified(identifier)},
        "dpv:hasDataController": _controller(disclosure),
        "dpv:hasNotice": _notices(record, disclosure),
        "dpv:hasConsentControl": {
            "@id": _CONTROL,
            "@type": ["dpv:ProvideConsent", "dpv:WithdrawConsent"],
            "dpv:isExercisedAt": address(disclosure.control),
        },
        "dpv:hasRight": [_right(article, title, disclosure) for article, title in RIGHTS.items()],
        "dpv:hasProcess": list(_processes(record, disclosure, language, previous)),
    }


def _identified(identifier: str | None) -> Node:
    """By both properties: the guide's tables ask for one, its text for the other."""
    return {"dct:identifier": identifier, "dpv:hasIdentifier": identifier} if identifier else {}


def _controller(disclosure: Disclosure) -> Node:
    """The one text that the site gives stands for name and address, as nobody could split it safely."""
    return {
        "@id": _CONTROLLER,
        "@type": "dpv:DataController",
        **_identified("controller"),
        "dpv:hasName": disclosure.controller,
        "schema:address": {"@type": "schema:PostalAddress", "schema:streetAddress": disclosure.controller},
        "schema:contactPoint": contact(disclosure.policy),
    }


def _notices(record: Record, disclosure: Disclosure) -> list[Node]:
    seen = {"@type": "dpv:ConsentNotice", **_identified(record.notice), "dct:language": record.language}
    return [seen, {"@type": "dpv:PrivacyNotice", "schema:url": address(disclosure.policy)}]


def _right(article: str, title: str, disclosure: Disclosure) -> Node:
    place = disclosure.control if article == "A7-3" else disclosure.policy
    return {
        "@id": f"_:{article}",
        "@type": ["dpv:DataSubjectRight", f"eu-gdpr:{article}"],
        "dct:title": {"@value": title, "@language": "en"},
        "dpv:isExercisedAt": address(place),
    }


def _processes(
    record: Record, disclosure: Disclosure, language: str, previous: Record | None
) -> Iterator[Node]:
    shared = {
        "dpv:hasDataController": {"@id": _CONTROLLER},
        "dpv:hasJurisdiction": [{"@id": f"loc:{code}"} for code in disclosure.jurisdictions],
        "dpv:hasRight": [{"@id": f"_:{article}"} for article in RIGHTS],
    }
    for name, about, asked in _described({*record.granted, *record.denied}, disclosure.categories, language):
        # Nobody is asked for what is necessary: a status would tell of a consent that nobody gave.
        consent = _consent(name, record, disclosure.lifetime, previous) if asked else {}
        yield {"@type": "dpv:Process", "dct:identifier": name, **about, **shared, **consent}


def _described(
    names: set[str], categories: Sequence[Category], language: str
) -> Iterator[tuple[str, Node, bool]]:
    """Each service among ``names``, or a category if none of its services is there; then what is left."""
    known = set[str]()
    for category in categories:
        asked = category.id != NECESSARY
        known |= {category.id, *(service.id for service in category.services)}
        services = [service for service in category.services if service.id in names]
        for service in services:
            yield service.id, _of_service(category, service, language), asked
        if not services and category.id in names:
            yield category.id, _of_category(category, language), asked
    for name in sorted(names - known):
        yield name, {"dct:title": name, "dpv:hasPurpose": purpose("", name), **_unknown()}, True


def _of_service(category: Category, service: Service, language: str) -> Node:
    device = {"@type": "dpv:StorageLocation", "dpv:hasLocation": {"@id": "tech:Device"}}
    items: tuple[Cookie | Storage, ...] = (*service.cookies, *service.storage)
    data = [_data(item, language) for item in items]
    if service.hosts or service.shared_hosts:
        data.append({"@id": "pd:IPAddress"})  # of whoever fetches anything from them
    storage = [*map(_storage, items), device] if items else []
    unknown = _unknown()
    return {
        "dct:title": localized(service.name, language),
        "dpv:hasPurpose": purpose(category.id, localized(service.purpose, language)),
        "dpv:hasPersonalData": data or unknown["dpv:hasPersonalData"],
        "dpv:hasStorageCondition": storage or unknown["dpv:hasStorageCondition"],
        "dpv:hasRecipient": [{"@id": _CONTROLLER}, *_third_party(service)],
    }


def _of_category(category: Category, language: str) -> Node:
    title = localized(category.name or category.id, language)
    return {
        "dct:title": title,
        "dpv:hasPurpose": purpose(category.id, localized(category.purpose or title, language)),
        **_unknown(),
    }


def _unknown() -> Node:
    """What is told where nobody has declared what is kept, and for how long."""
    lasting = {"@type": "dpv:StorageDuration", "dpv:hasDuration": {"@id": "dpv:IndeterminateDuration"}}
    return {
        "dpv:hasPersonalData": [{"@id": "dpv:PersonalData"}],
        "dpv:hasStorageCondition": [lasting],
        "dpv:hasRecipient": [{"@id": _CONTROLLER}],
    }


def _data(item: Cookie | Storage, language: str) -> Node:
    return {
        "@type": "dpv:PersonalData",
        "skos:broader": {"@id": "pd:DeviceBased"},
        "dct:title": item.name,
        "dct:description": localized(item.purpose, language),
    }


def _storage(item: Cookie | Storage) -> Node:
    return {
        "@type": "dpv:StorageDuration",
        "dct:title": item.name,
        "dpv:hasDuration": duration(item.duration),
    }


def _third_party(service: Service) -> Iterator[Node]:
    if service.third_party:
        place = {"@type": "dpv:Country", "dct:title": service.country}
        yield {
            "@type": ["dpv:Recipient", "dpv:ThirdParty"],
            "dpv:hasName": service.provider,
            **({"dpv:hasLocation": place} if service.country else {}),
            **({"schema:contactPoint": contact(service.policy_url)} if service.policy_url else {}),
        }


def _consent(name: str, record: Record, lifetime: int, previous: Record | None) -> Node:
    taken_back = name in previous.granted if previous else record.action == Action.WITHDRAW
    denied = "dpv:ConsentWithdrawn" if taken_back else "dpv:ConsentRefused"
    return {
        "dpv:hasConsentControl": {"@id": _CONTROL},
        "dpv:hasLegalBasis": {"@id": "dpv:ExpressedConsent"},
        "dpv:hasConsentStatus": {
            "@type": "dpv:ConsentGiven" if name in record.granted else denied,
            "dpv:isIndicatedAtTime": moment(record.time),
            "dpv:isIndicatedBy": {"@id": _VISITOR},
            "dpv:hasIndicationMethod": f"{record.action} ({record.method})",
            "dpv:hasDuration": duration(f"{lifetime} days"),
        },
    }
