"""The policy's list as files: everything that is declared, once each."""

import csv
import io
import json
from typing import Any

from consent import Category, Storage
from consent.ui.content import Content, describe
from consent.ui.exports import export
from consent.ui.texts import Languages
from tests.sites import cookie, service, settings

LANGUAGES = Languages({}, default="en")


def content(**values: Any) -> tuple[Content, Any]:
    site = settings(**values)
    return describe(site, site.catalogue, LANGUAGES.get("en")), site.catalogue


def test_every_declared_item_is_a_row() -> None:
    """CSV: one row per cookie and key, with provider, purpose, duration, access and country (R46, R47)."""
    body, kind = export("policy.csv", *content())
    heading, *rows = csv.reader(io.StringIO(body))
    assert kind == "text/csv"
    assert heading[:4] == ["category", "service", "provider", "name"]
    names = {row[3] for row in rows}
    assert names == {"session", "csrf", "__Host-consent", "edition", "_ga", "_ga_*", "_seen", "_hm", "IDE"}
    assert next(row for row in rows if row[3] == "_hm")[8] == "United States"
    assert next(row for row in rows if row[3] == "session")[9] == "Nobody can log in without it."


def test_no_text_becomes_a_formula() -> None:
    """A spreadsheet that opens the file calculates nothing (OWASP, CSV injection)."""
    evil = service("evil", cookie("x", purpose="=HYPERLINK(1)"), provider="@SUM(1)")
    body, _ = export("policy.csv", *content(categories=[Category(id="analytics", services=[evil])]))
    assert "'=HYPERLINK(1)" in body
    assert "'@SUM(1)" in body


def test_the_same_as_json() -> None:
    """JSON: categories, services and items as the page tells them (R47)."""
    body, kind = export("policy.json", *content())
    assert kind == "application/json"
    found = {category["id"]: category for category in json.loads(body)}
    assert [service["name"] for service in found["analytics"]["services"]] == ["Counter", "Heatmap"]


def test_the_disclosure_of_the_advertising_industry() -> None:
    """IAB: identifiers with type, seconds and domains, and every host with its use (R47)."""
    pixel = Storage(name="p.gif", kind="pixel", purpose="Counts.", duration="session")
    seen = Storage(name="_seen", kind="local", purpose="Remembers.")
    ads = service(
        "ads",
        cookie("IDE", domain="ads.example", duration="1 day"),
        cookie("s", duration="session"),
        cookie("p", duration="persistent"),
        hosts=["ads.example"],
        storage=[pixel, seen],
    )
    body, _ = export("device-storage.json", *content(categories=[Category(id="marketing", services=[ads])]))
    told = json.loads(body)
    assert [(item["identifier"], item["type"], item["maxAgeSeconds"]) for item in told["disclosures"]] == [
        ("IDE", "cookie", 86_400),
        ("s", "cookie", 0),
        ("p", "cookie", None),
        ("_seen", "web", None),
    ]
    assert told["disclosures"][0]["domains"] == ["ads.example"]
    assert told["domains"] == [{"domain": "ads.example", "use": "ads"}]
