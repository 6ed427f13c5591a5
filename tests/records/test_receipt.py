"""Receipts: what a machine reads of one decision, by ISO/IEC TS 27560 in W3C's words."""

import json
from dataclasses import replace
from typing import Any

import pytest
from rdflib import DCTERMS, RDF, SKOS, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from consent import Category, Record
from consent.records.receipt import Disclosure, consent_receipt, consent_record
from consent.records.vocabulary import CONTEXT, RIGHTS
from tests.records.test_record import RECORD
from tests.sites import NOW, categories, cookie, service

# rdflib's own parser of JSON-LD still uses what rdflib itself has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

DPV = Namespace("https://w3id.org/dpv#")
GDPR = Namespace("https://w3id.org/dpv/legal/eu/gdpr#")
LOC = Namespace("https://w3id.org/dpv/loc#")
PD = Namespace("https://w3id.org/dpv/pd#")
SCHEMA = Namespace("https://schema.org/")
PROFILE = Namespace("https://w3id.org/dpv/schema/dpv-27560#")
TECH = Namespace("https://w3id.org/dpv/tech#")

PUBLISHED = {
    "https://w3id.org/dpv#": """
        ConsentGiven ConsentNotice ConsentReceipt ConsentRecord ConsentRefused ConsentWithdrawn Country
        DataController DataSubject DataSubjectRight ExpressedConsent IndeterminateDuration Marketing PersonalData
        PrivacyNotice Process ProvideConsent Purpose Recipient RequestedServiceProvision ServicePersonalisation
        ServiceUsageAnalytics StorageDuration StorageLocation TemporalDuration ThirdParty UntilEventDuration
        WithdrawConsent hasConsentControl hasConsentStatus hasDataController hasDataSubject hasDuration
        hasIdentifier hasIndicationMethod hasJurisdiction hasLegalBasis hasLocation hasName hasNotice
        hasPersonalData hasProcess hasPurpose hasRecipient hasRecordOfActivity hasRight hasStorageCondition
        isExercisedAt isIndicatedAtTime isIndicatedBy
    """,
    "https://w3id.org/dpv/legal/eu/gdpr#": "A7-3 A15 A16 A17 A18 A19 A20 A21 A22",
    "https://w3id.org/dpv/loc#": "EU EEA",
    "https://w3id.org/dpv/pd#": "DeviceBased IPAddress",
    "https://w3id.org/dpv/tech#": "Device",
    "https://w3id.org/dpv/schema/dpv-27560#": "record receipt",
}
"""Terms that the files of the Data Privacy Vocabulary 2.2 define, as published by W3C's community group."""

WHOLE = replace(
    RECORD,
    granted=("analytics", "counter", "heatmap", "login", "necessary", "retired"),
    denied=("ads", "edition", "marketing", "preferences"),
    previous="01890000-0000-7000-8000-000000000000",
)


def disclosure(**values: Any) -> Disclosure:
    given: dict[str, Any] = {
        "controller": "The Example Post, 1 Mill Lane, Exampleton",
        "categories": categories(),
        "lifetime": 182,
        "jurisdictions": ("EU",),
        "policy": "/cookies",
        "control": "https://site.example/consent",
        **values,
    }
    return Disclosure(**given)


def parsed(document: dict[str, Any]) -> Graph:
    return Graph().parse(data=json.dumps(document), format="json-ld")


def record(given: Record = WHOLE, *, site: Disclosure | None = None, **values: Any) -> Graph:
    return parsed(consent_record(given, site or disclosure(), **{"language": "en", **values}))


def root(graph: Graph) -> Node:
    return one(graph.subjects(RDF.type, DPV.ConsentRecord))


def one(nodes: Any) -> Node:
    (node,) = set(nodes)
    return node  # type: ignore[no-any-return]


def process(graph: Graph, name: str) -> Node:
    """The process that is about the service or category ``name``."""
    found = set(graph.subjects(DCTERMS.identifier, Literal(name)))
    return one(found & set(graph.objects(root(graph), DPV.hasProcess)))


def status(graph: Graph, name: str) -> Node:
    return one(graph.objects(one(graph.objects(process(graph, name), DPV.hasConsentStatus)), RDF.type))


def names(graph: Graph) -> set[str]:
    processes = graph.objects(root(graph), DPV.hasProcess)
    return {str(one(graph.objects(node, DCTERMS.identifier))) for node in processes}


def test_every_mandatory_field_of_the_record_is_there() -> None:
    """Schema, identifier, data subject, notice and language stand in the graph (R27)."""
    graph = record(identifier="kept")
    node = root(graph)
    assert node == URIRef(f"urn:uuid:{RECORD.id}")
    assert one(graph.objects(node, DCTERMS.conformsTo)) == PROFILE.record
    for known_by in (DCTERMS.identifier, DPV.hasIdentifier):
        assert one(graph.objects(node, known_by)) == Literal(RECORD.id)
    assert one(graph.objects(node, DCTERMS.language)) == Literal("en")
    subject = one(graph.objects(node, DPV.hasDataSubject))
    assert (subject, RDF.type, DPV.DataSubject) in graph
    assert (subject, DPV.hasIdentifier, Literal("kept")) in graph
    notice = one(graph.subjects(RDF.type, DPV.ConsentNotice))
    assert (node, DPV.hasNotice, notice) in graph
    assert (notice, DPV.hasIdentifier, Literal("n1")) in graph
    assert (notice, DCTERMS.language, Literal("de")) in graph
    policy = one(graph.objects(one(graph.subjects(RDF.type, DPV.PrivacyNotice)), SCHEMA.url))
    assert policy == Literal("/cookies", datatype=XSD.anyURI)
    assert one(graph.objects(node, DCTERMS.source)) == Literal("c1")
    assert one(graph.objects(node, DCTERMS.replaces)) == URIRef(f"urn:uuid:{WHOLE.previous}")


def test_who_is_responsible_is_told_with_address_and_contact() -> None:
    """The controller has an identifier, a name, an address and a place to turn to (R27)."""
    graph = record()
    controller = one(graph.objects(root(graph), DPV.hasDataController))
    text = Literal("The Example Post, 1 Mill Lane, Exampleton")
    assert (controller, RDF.type, DPV.DataController) in graph
    assert (controller, DPV.hasName, text) in graph
    assert (controller, DPV.hasIdentifier, Literal("controller")) in graph
    assert one(graph.objects(one(graph.objects(controller, SCHEMA.address)), SCHEMA.streetAddress)) == text
    assert one(graph.objects(one(graph.objects(controller, SCHEMA.contactPoint)), SCHEMA.url)).toPython()  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["counter", "heatmap", "edition", "ads", "login", "retired"])
def test_every_mandatory_field_of_a_process_is_there(name: str) -> None:
    """Purpose, data, storage, controller, recipients, jurisdiction and rights stand at each service (R27)."""
    graph = record(site=disclosure(jurisdictions=("EU", "EEA")))
    node = process(graph, name)
    assert (node, RDF.type, DPV.Process) in graph
    assert (one(graph.objects(node, DPV.hasPurpose)), RDF.type, DPV.Purpose) in graph
    assert any(graph.objects(node, DPV.hasPersonalData))
    stored = set(graph.objects(node, DPV.hasStorageCondition))
    lasting = stored & set(graph.subjects(RDF.type, DPV.StorageDuration))
    assert lasting
    assert all(any(graph.objects(condition, DPV.hasDuration)) for condition in lasting)
    controller = one(graph.objects(root(graph), DPV.hasDataController))
    assert one(graph.objects(node, DPV.hasDataController)) == controller
    assert (node, DPV.hasRecipient, controller) in graph
    assert set(graph.objects(node, DPV.hasJurisdiction)) == {LOC.EU, LOC.EEA}
    rights = set(graph.objects(node, DPV.hasRight))
    kinds = {kind for right in rights for kind in graph.objects(right, RDF.type)}
    assert kinds == {DPV.DataSubjectRight, *(GDPR[article] for article in RIGHTS)}
    assert all(any(graph.objects(right, DPV.isExercisedAt)) for right in rights)


def test_rights_are_exercised_where_the_site_says() -> None:
    """Consent is withdrawn where it is changed; the other rights are told of on the policy (R27)."""
    graph = record()
    places = {
        one(set(graph.objects(right, RDF.type)) - {DPV.DataSubjectRight}): str(
            one(graph.objects(right, DPV.isExercisedAt))
        )
        for right in graph.objects(root(graph), DPV.hasRight)
    }
    assert places.pop(GDPR["A7-3"]) == "https://site.example/consent"
    assert set(places) == {GDPR[f"A{number}"] for number in range(15, 23)}
    assert set(places.values()) == {"/cookies"}


@pytest.mark.parametrize("name", ["counter", "edition", "ads", "retired"])
def test_every_mandatory_field_of_the_event_is_there(name: str) -> None:
    """Status, time, who, how and for how long stand at each service that was asked for (R27)."""
    graph = record()
    node = process(graph, name)
    assert one(graph.objects(node, DPV.hasLegalBasis)) == DPV.ExpressedConsent
    control = one(graph.objects(node, DPV.hasConsentControl))
    assert (control, RDF.type, DPV.WithdrawConsent) in graph
    assert (control, RDF.type, DPV.ProvideConsent) in graph
    assert str(one(graph.objects(control, DPV.isExercisedAt))) == "https://site.example/consent"
    event = one(graph.objects(node, DPV.hasConsentStatus))
    time = Literal("2027-01-15T08:00:00.005Z", datatype=XSD.dateTime)
    assert one(graph.objects(event, DPV.isIndicatedAtTime)) == time
    assert one(graph.objects(event, DPV.isIndicatedBy)) == one(graph.objects(root(graph), DPV.hasDataSubject))
    assert one(graph.objects(event, DPV.hasIndicationMethod)) == Literal("save (banner)")
    lasting = one(graph.objects(event, DPV.hasDuration))
    assert (lasting, RDF.type, DPV.TemporalDuration) in graph
    assert one(graph.objects(lasting, RDF.value)) == Literal("P182D", datatype=XSD.duration)


def test_a_receipt_holds_the_whole_record() -> None:
    """What the visitor is handed has its own schema and time, and the record inside (R27)."""
    graph = parsed(consent_receipt(WHOLE, disclosure(), language="en", now=NOW, identifier=RECORD.id))
    receipt = one(graph.subjects(RDF.type, DPV.ConsentReceipt))
    assert one(graph.objects(receipt, DCTERMS.conformsTo)) == PROFILE.receipt
    assert one(graph.objects(receipt, DPV.hasIdentifier)) == Literal(RECORD.id)
    assert str(one(graph.objects(receipt, DCTERMS.created))) == "2027-01-15T08:00:00+00:00"
    inner = root(graph)
    assert one(graph.objects(receipt, DPV.hasRecordOfActivity)) == inner
    assert one(graph.objects(receipt, DCTERMS.publisher)) == one(graph.objects(inner, DPV.hasDataController))
    assert one(graph.objects(receipt, SCHEMA.recipient)) == one(graph.objects(inner, DPV.hasDataSubject))
    alone = record(identifier=RECORD.id)
    assert len(set(graph.triples((None, None, None)))) == len(alone) + 8


def test_what_was_granted_is_given_and_the_rest_refused() -> None:
    """The status of each service is that of its id in the record (R27)."""
    graph = record()
    assert {name: status(graph, name) for name in names(graph) - {"login"}} == {
        "counter": DPV.ConsentGiven,
        "heatmap": DPV.ConsentGiven,
        "retired": DPV.ConsentGiven,
        "edition": DPV.ConsentRefused,
        "ads": DPV.ConsentRefused,
    }


def test_what_is_necessary_has_no_status() -> None:
    """Nobody is asked for it, so no consent to it is told, only its purpose (R27)."""
    graph = record()
    node = process(graph, "login")
    for told in (DPV.hasConsentStatus, DPV.hasLegalBasis, DPV.hasConsentControl):
        assert not list(graph.objects(node, told))


def test_who_withdraws_is_said_to_have_withdrawn() -> None:
    """A withdrawal is told as one: by the button, or exactly where the record before is at hand (R27)."""
    before = replace(WHOLE, granted=("analytics", "counter"), denied=("ads", "marketing"))
    now = replace(WHOLE, action="withdraw", granted=(), denied=("ads", "counter"))
    assert status(record(now), "ads") == DPV.ConsentWithdrawn
    assert status(record(now, previous=before), "ads") == DPV.ConsentRefused
    assert status(record(now, previous=before), "counter") == DPV.ConsentWithdrawn
    again = replace(now, action="save")
    assert status(record(again, previous=before), "counter") == DPV.ConsentWithdrawn
    assert status(record(again), "counter") == DPV.ConsentRefused


@pytest.mark.parametrize(
    ("name", "broader"),
    [
        ("login", DPV.RequestedServiceProvision),
        ("edition", DPV.ServicePersonalisation),
        ("counter", DPV.ServiceUsageAnalytics),
        ("ads", DPV.Marketing),
        ("retired", DPV.Purpose),
        ("polls", DPV.Purpose),
    ],
)
def test_each_category_has_its_purpose(name: str, broader: URIRef) -> None:
    """Standard categories are kinds of published purposes; the site's own are told in its words (R27)."""
    own = Category(id="civic", name="Civic", purpose="Asks you.", services=[service("polls")])
    given = replace(WHOLE, granted=(*WHOLE.granted, "polls", "civic"))
    graph = record(given, site=disclosure(categories=(*categories(), own)))
    purpose = one(graph.objects(process(graph, name), DPV.hasPurpose))
    assert one(graph.objects(purpose, SKOS.broader)) == broader
    assert any(graph.objects(purpose, DCTERMS.description))


def test_a_category_without_services_is_a_process() -> None:
    """A category is told by itself if no service of it was decided on: in its words, or by its id (R27)."""
    bare = Category(id="preferences")
    own = Category(
        id="civic", name={"en": "Civic", "de": "Bürger"}, purpose="Asks.", services=[service("polls")]
    )
    given = replace(RECORD, granted=("civic",), denied=("preferences",))
    graph = record(given, site=disclosure(categories=(bare, own)), language="de")
    assert names(graph) == {"civic", "preferences"}
    assert one(graph.objects(process(graph, "civic"), DCTERMS.title)) == Literal("Bürger")
    assert one(graph.objects(process(graph, "preferences"), DCTERMS.title)) == Literal("preferences")


def test_what_is_declared_no_longer_is_told_by_its_id() -> None:
    """An old record is told whole, though nobody knows any more what the id stood for (R27)."""
    graph = record()
    node = process(graph, "retired")
    assert one(graph.objects(node, DCTERMS.title)) == Literal("retired")
    condition = one(graph.objects(node, DPV.hasStorageCondition))
    assert one(graph.objects(condition, DPV.hasDuration)) == DPV.IndeterminateDuration


def test_what_was_not_decided_is_not_told() -> None:
    """A service declared since is in neither list, so nothing is said of it (R27)."""
    assert names(record(replace(RECORD, granted=("counter",), denied=()))) == {"counter"}


@pytest.mark.parametrize(
    ("duration", "period"),
    [
        ("30 seconds", "PT30S"),
        ("30 minutes", "PT30M"),
        ("2 hours", "PT2H"),
        ("1 day", "P1D"),
        ("2 weeks", "P14D"),
        ("13 months", "P13M"),
        ("1 year", "P1Y"),
    ],
)
def test_how_long_an_item_stays_is_a_duration(duration: str, period: str) -> None:
    """Declared durations are those of XML Schema and ISO 8601 (R27)."""
    kept = service("kept", cookie("k", duration=duration))
    site = disclosure(categories=[Category(id="analytics", services=[kept])])
    graph = record(replace(RECORD, granted=("kept",), denied=()), site=site)
    stored = graph.objects(process(graph, "kept"), DPV.hasStorageCondition)
    lasting = one(length for condition in stored for length in graph.objects(condition, DPV.hasDuration))
    assert one(graph.objects(lasting, RDF.value)) == Literal(period, datatype=XSD.duration)


@pytest.mark.parametrize("duration", ["session", "persistent"])
def test_what_has_no_fixed_end_is_told_by_its_event(duration: str) -> None:
    """An item that stays until something happens is told by what that is (R27)."""
    kept = service("kept", cookie("k", duration=duration))
    site = disclosure(categories=[Category(id="analytics", services=[kept])])
    graph = record(replace(RECORD, granted=("kept",), denied=()), site=site)
    lasting = one(graph.subjects(RDF.type, DPV.UntilEventDuration))
    assert one(graph.objects(lasting, RDF.value)).language == "en"  # type: ignore[attr-defined]


def test_what_is_kept_and_shown_is_personal_data() -> None:
    """Each declared item is told with its purpose; whoever is contacted learns of an IP address (R27)."""
    graph = record()
    data = set(graph.objects(process(graph, "counter"), DPV.hasPersonalData))
    assert PD.IPAddress in data
    kept = {str(one(graph.objects(node, DCTERMS.title))) for node in data if isinstance(node, BNode)}
    assert kept == {"_ga", "_ga_*", "_seen"}
    stored = set(graph.objects(process(graph, "counter"), DPV.hasStorageCondition))
    places = stored & set(graph.subjects(RDF.type, DPV.StorageLocation))
    assert one(graph.objects(one(places), DPV.hasLocation)) == TECH.Device
    bare = service("bare", third_party=False)
    site = disclosure(categories=[Category(id="analytics", services=[bare])])
    nothing = record(replace(RECORD, granted=("bare",), denied=()), site=site)
    assert one(nothing.objects(process(nothing, "bare"), DPV.hasPersonalData)) == DPV.PersonalData
    assert len(list(nothing.objects(process(nothing, "bare"), DPV.hasRecipient))) == 1


def test_third_parties_are_recipients() -> None:
    """Another provider is named with its country and its own policy, where they are declared (R27)."""
    graph = record()
    party = one(graph.subjects(DPV.hasName, Literal("Heatmap Ltd")))
    assert (process(graph, "heatmap"), DPV.hasRecipient, party) in graph
    assert {DPV.ThirdParty, DPV.Recipient} == set(graph.objects(party, RDF.type))
    country = one(graph.objects(party, DPV.hasLocation))
    assert (country, RDF.type, DPV.Country) in graph
    assert (country, DCTERMS.title, Literal("United States")) in graph
    contact = one(graph.objects(party, SCHEMA.contactPoint))
    assert str(one(graph.objects(contact, SCHEMA.url))) == "https://heatmap.example/privacy"
    plain = one(graph.subjects(DPV.hasName, Literal("Counter Ltd")))
    assert not list(graph.objects(plain, DPV.hasLocation))


def test_a_refusal_needs_no_identifier_of_the_visitor() -> None:
    """Without an identifier the data subject is told as one of many (R27)."""
    graph = record(replace(RECORD, granted=()))
    subject = one(graph.objects(root(graph), DPV.hasDataSubject))
    assert isinstance(subject, BNode)
    assert not list(graph.objects(subject, DPV.hasIdentifier))


def test_every_term_is_a_published_one() -> None:
    """No term of the vocabulary is made up (R27)."""
    given = replace(WHOLE, denied=("ads", "edition"))
    before = replace(WHOLE, granted=("ads",))
    document = consent_receipt(
        given, disclosure(jurisdictions=("EU", "EEA")), language="en", now=NOW, previous=before
    )
    published = {base + name for base, terms in PUBLISHED.items() for name in terms.split()}
    used = {str(term) for triple in parsed(document) for term in triple if isinstance(term, URIRef)}
    assert {term for term in used if term.startswith("https://w3id.org/dpv")} == published


def test_a_receipt_is_read_offline() -> None:
    """The context is inside and names no document, and every prefix in it is used (R27)."""
    document = consent_receipt(WHOLE, disclosure(), language="en", now=NOW)
    context = document.pop("@context")
    assert context == CONTEXT
    assert context is not CONTEXT
    text = json.dumps(document)
    assert "@context" not in text
    assert {prefix for prefix in context if f'"{prefix}:' in text} == set(context)


def test_no_two_documents_share_anything() -> None:
    """Whoever writes into one document changes no other (R27)."""
    first = consent_record(WHOLE, disclosure(), language="en")
    second = consent_record(WHOLE, disclosure(), language="en")
    for process in first["dpv:hasProcess"]:
        process["dpv:hasRecipient"].clear()
        process["dpv:hasStorageCondition"].clear()
    assert all(process["dpv:hasRecipient"] for process in second["dpv:hasProcess"])
    assert consent_record(WHOLE, disclosure(), language="en") == second
