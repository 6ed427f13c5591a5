"""The files of the ready-made services: every one of them can be declared, and speaks plainly."""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from consent import Category, Service, services
from consent.services import files
from consent.services.reference import HEADINGS
from tests.sites import settings

FOLDER = Path(services.__file__).parent
FILES = {
    path.stem: tomllib.loads(path.read_text("utf-8"))
    for path in sorted(FOLDER.glob("*.toml"), key=lambda path: path.stem)
}
KEYS = {"kind", "category", "sources", "checked", *Service.__dataclass_fields__} - {
    "id",
    "revision",
    "override",
}
CALLS = {
    "google",
    "uet",
    "clarity",
    "meta",
    "matomo",
    "tiktok",
    "amplitude",
    "mixpanel",
    "posthog",
    "piwik-pro",
}
VAGUE = re.compile(
    r"experience|enhance|optimi[sz]|functionality|performance|seamless|personali[sz]ed|relevant|improv|partners",
    re.IGNORECASE,
)
SHARED_CLOUDS = {
    "google.com", "gstatic.com", "googleapis.com", "cloudflare.com", "amazonaws.com", "cloudfront.net",
    "microsoft.com", "azureedge.net", "akamaihd.net", "fastly.net", "bing.com", "linkedin.com", "yahoo.com",
}  # fmt: skip


def items(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [*data.get("cookies", ()), *data.get("storage", ())]


def test_the_files_are_those_that_can_be_used() -> None:
    """Every file is a service, in either spelling."""
    assert tuple(FILES) == files.ids() == services.names()
    assert len(FILES) >= 150
    assert not {name.replace("-", "_") for name in FILES} & set(vars(services))


@pytest.mark.parametrize("name", FILES)
def test_a_file_has_what_it_should(name: str) -> None:
    """Fields, sources, the day they were read, and who is responsible."""
    data = FILES[name]
    assert set(data) <= KEYS
    assert data["kind"] in HEADINGS
    assert data["category"] in ("necessary", "preferences", "analytics", "marketing")
    assert data["sources"]
    assert all(re.fullmatch(r"https://[^\s/]+\.[^\s/]+/?\S*", address) for address in data["sources"])
    assert date(2026, 11, 1) <= data["checked"]
    assert re.fullmatch(r"[A-Z]{2}", data.get("country", "XX"))
    assert data.get("consent_call", "google") in CALLS | {"pinterest-tag"}
    if data.get("third_party", True):
        assert data["provider"]
        assert data["policy_url"].startswith("https://")
    else:
        assert "provider" not in data


@pytest.mark.parametrize("name", FILES)
def test_a_file_can_be_declared(name: str) -> None:
    """In its own category, the whole of it, without an override; the necessary with their reason (R12)."""
    data = FILES[name]
    made = settings(categories=[Category(id=data["category"], services=[services.load(name)])])
    [service] = [service for _, service in made.catalogue.services]
    assert service.id == name
    assert len(service.cookies) == len(data.get("cookies", ()))
    assert len(service.storage) == len(data.get("storage", ()))
    assert (data["category"] == "necessary") == ("justification" in data)


@pytest.mark.parametrize("name", FILES)
def test_purposes_are_plain_sentences(name: str) -> None:
    """Each ends, is short enough to be read, and uses none of the words that regulators call vague."""
    data = FILES[name]
    told = [data["purpose"], *(item["purpose"] for item in items(data))]
    for sentence in [*told, *([data["justification"]] if "justification" in data else [])]:
        assert sentence.endswith(".")
        assert len(sentence) < 260
        assert not VAGUE.search(sentence), sentence
    assert len({(item["name"], item.get("domain"), item.get("kind")) for item in items(data)}) == len(
        items(data)
    )
    assert all(re.match(r"[A-Z]\w+s\b|[A-Z]\w+es\b", sentence) for sentence in told), told


@pytest.mark.parametrize("name", FILES)
def test_hosts_are_a_vendors_own(name: str) -> None:
    """No host covers a cloud that others use, or what another vendor declares."""
    mine = FILES[name]
    hosts = [*mine.get("hosts", ()), *mine.get("shared_hosts", ())]
    assert len(hosts) == len(set(hosts))
    assert not SHARED_CLOUDS & set(hosts)
    for host in hosts:
        assert "." in host
        assert not any(host.endswith(f".{other}") for other in hosts)
    for other, data in FILES.items():
        theirs = [*data.get("hosts", ()), *data.get("shared_hosts", ())]
        if data.get("provider") != mine.get("provider"):
            swallowed = [host for host in theirs if any(f".{host}".endswith(f".{own}") for own in hosts)]
            assert not swallowed, (other, swallowed)


def test_the_same_fact_is_told_the_same() -> None:
    """One vendor's cookie lasts as long in every file that names it, and a vendor has one name."""
    durations: dict[tuple[Any, ...], set[str]] = {}
    for data in FILES.values():
        for cookie in data.get("cookies", ()):
            if "domain" in cookie:
                durations.setdefault((cookie["name"], cookie["domain"]), set()).add(cookie["duration"])
    assert {key: found for key, found in durations.items() if len(found) > 1} == {}
    countries: dict[str, set[str]] = {}
    for data in FILES.values():
        if data["kind"] == "video" or data["kind"] == "advertising":
            countries.setdefault(data["provider"], set()).add(data.get("country", ""))
    assert {key: found for key, found in countries.items() if len(found) > 1} == {}
