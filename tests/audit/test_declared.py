"""The declarations as a site tells them over the wire."""

import json
from typing import Any

import pytest

from consent import Category, ConfigurationError, Cookie, Storage
from consent.audit.declared import Declared, read_policy
from consent.audit.sightings import Phase
from consent.catalogue import Catalogue
from consent.ui.content import describe
from consent.ui.exports import export
from consent.ui.texts import Languages
from tests.audit.seen import SITE
from tests.sites import categories, service, settings

OWN = Category(
    id="media",
    name={"en": "Media", "de": "Medien"},
    purpose="Shows films.",
    objectable=True,
    services=[
        service(
            "films",
            Cookie(
                name="v_*", purpose="P", duration="1 year", domain="films.example", path="/p", http_only=True
            ),
            Cookie(name="part", purpose="P", duration="session", partitioned=True),
            shared_hosts=["cdn.example"],
            storage=[Storage(name="p.gif", kind="pixel", purpose="P", duration="session")],
        ),
    ],
)


def told(language: str = "en", **values: Any) -> Any:
    site = settings(**values)
    texts = Languages({}, default="en").get(language)
    return json.loads(export("policy.json", describe(site, site.catalogue, texts), site.catalogue)[0])


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_a_site_tells_all_that_an_audit_needs(language: str) -> None:
    """From `/consent/policy.json` in any language the same catalogue comes back, but for the words."""
    given = settings(categories=[*categories(), OWN]).catalogue
    found = read_policy(told(language, categories=[*categories(), OWN]))
    assert [*Declared(found, SITE).items] == [*Declared(given, SITE).items]
    assert found.hosts == given.hosts
    for phase in Phase:
        assert Declared(found, SITE).granted_in(phase) == Declared(given, SITE).granted_in(phase)
    [mine] = [each for _, each in found.services if each.id == "films"]
    assert [(each.name, each.path, each.http_only, each.partitioned) for each in mine.cookies] == [
        ("v_*", "/p", True, False), ("part", "/", False, True),
    ]  # fmt: skip


def test_necessary_services_stay_necessary() -> None:
    """A justification told in several parts, and the layer's own service, are no hindrance."""
    necessary = service("ab", "split", justification="We need it.", override="Really.")
    found = read_policy(told(categories=[Category(id="necessary", services=[necessary])]))
    assert [each.id for _, each in found.services] == ["ab"]
    assert found.asked == ()


@pytest.mark.parametrize(
    "body",
    [
        None, 7, [7], [{}], {"a": 1}, "no",
        [{"id": "analytics", "name": "A", "purpose": "P", "services": []}],
        [{"id": "analytics", "name": "A", "purpose": "P", "objectable": "maybe", "services": []}],
        [{"id": "no id!", "name": "A", "purpose": "P", "objectable": False, "services": []}],
        [{"id": "analytics", "name": "A", "purpose": "P", "objectable": False, "services": [{"declared": {}}]}],
    ],
)  # fmt: skip
def test_what_is_no_policy_is_one_sentence(body: Any) -> None:
    """Other versions and other answers: what can be done about it is said."""
    with pytest.raises(ConfigurationError, match=r"^policy\.json: .* name them with --settings\.$"):
        read_policy(body)


def test_what_a_visitor_has_agreed_to() -> None:
    """Nothing but the necessary without an answer, everything after accepting; a signal denies its part (R43)."""
    declared = Declared(Catalogue(categories()), SITE)
    assert declared.granted_in(Phase.BEFORE) == {"necessary", "login"}
    assert (
        declared.granted_in(Phase.REJECTED) == declared.granted_in(Phase.WITHDRAWN) == {"necessary", "login"}
    )
    assert declared.granted_in(Phase.ACCEPTED) == declared.catalogue.ids
    assert declared.granted_in(Phase.GPC) == declared.catalogue.ids - {"marketing", "ads"}
