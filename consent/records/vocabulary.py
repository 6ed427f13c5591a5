"""The words of receipts: W3C's Data Privacy Vocabulary 2 and values typed for it; knows no record.

Every ``dpv:``, ``eu-gdpr:``, ``pd:`` and ``tech:`` term used stands in the published vocabulary 2.2.
"""

from datetime import UTC, datetime
from typing import Any, Final

from consent.durations import Duration

Node = dict[str, Any]
"""A JSON-LD object."""

RECORD_PROFILE: Final = "https://w3id.org/dpv/schema/dpv-27560#record"
RECEIPT_PROFILE: Final = "https://w3id.org/dpv/schema/dpv-27560#receipt"
"""The schemas that W3C's community group publishes for ISO/IEC TS 27560."""

CONTEXT: Final = {
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "loc": "https://w3id.org/dpv/loc#",
    "pd": "https://w3id.org/dpv/pd#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "tech": "https://w3id.org/dpv/tech#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""What the prefixes stand for: the whole context, so that nothing is fetched."""

RIGHTS: Final = {
    "A7-3": "Right to withdraw consent",
    "A15": "Right of access",
    "A16": "Right to rectification",
    "A17": "Right to erasure",
    "A18": "Right to restriction of processing",
    "A19": "Right to be notified of rectification, erasure or restriction",
    "A20": "Right to data portability",
    "A21": "Right to object",
    "A22": "Right not to be subject to automated decisions",
}
"""The articles of the GDPR that give a visitor rights, and what they are called."""

_PURPOSES: Final = {
    "necessary": "dpv:RequestedServiceProvision",
    "preferences": "dpv:ServicePersonalisation",
    "analytics": "dpv:ServiceUsageAnalytics",
    "marketing": "dpv:Marketing",
}
_PERIODS: Final = {
    "second": ("PT", 1, "S"),
    "minute": ("PT", 1, "M"),
    "hour": ("PT", 1, "H"),
    "day": ("P", 1, "D"),
    "week": ("P", 7, "D"),  # xsd:duration has no weeks
    "month": ("P", 1, "M"),
    "year": ("P", 1, "Y"),
}
_EVENTS: Final = {
    "session": "The browser ends its session.",
    "persistent": "The visitor or the site deletes it.",
}


def purpose(category: str, description: str) -> Node:
    """What something of ``category`` is for: a kind of the purpose that a standard category has."""
    broader = {"@id": _PURPOSES.get(category, "dpv:Purpose")}
    return {"@type": "dpv:Purpose", "skos:broader": broader, "dct:description": description}


def duration(text: str) -> Node:
    """How long, from the words of a declaration: ``13 months``, ``session``, ``persistent``."""
    parsed = Duration.parse(text)
    if parsed.unit in _EVENTS:
        event = {"@value": _EVENTS[parsed.unit], "@language": "en"}
        return {"@type": "dpv:UntilEventDuration", "rdf:value": event}
    prefix, factor, letter = _PERIODS[parsed.unit]
    period = {"@value": f"{prefix}{parsed.amount * factor}{letter}", "@type": "xsd:duration"}
    return {"@type": "dpv:TemporalDuration", "rdf:value": period}


def moment(time: datetime) -> Node:
    """A time in UTC, to the millisecond."""
    text = time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"@value": text, "@type": "xsd:dateTime"}


def address(text: str) -> Node:
    """An address as text with its type, not as a node: a relative one has no base in a file."""
    return {"@value": text, "@type": "xsd:anyURI"}


def contact(text: str) -> Node:
    """A place on the web to turn to."""
    return {"@type": "schema:ContactPoint", "schema:url": address(text)}
