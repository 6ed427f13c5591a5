"""Risks in settings that can be used: each is found where it is, and nothing where there is none."""

from datetime import timedelta
from pathlib import Path

import pytest

from consent.checking import findings
from consent.checking.kinds import kinds, markdown
from tests.checking.declared import CLEAN, DAY, HEAD, TODAY, changed, made, told

ROOT = Path(__file__).parents[2]
COUNTER = 'provider = "Counter Ltd"\n  policy_url = "https://counter.example/privacy"'
OWN = '[[category]]\nid = "{id}"\n[[category.service]]\nid = "s-{id}"\nname = "N"\nthird_party = false\n'
OWN += 'purpose = "Counts readers."\nstorage = [{{ name = "{id}", kind = "local", purpose = "Counts." }}]\n'
ONE_HOST = OWN.format(id="analytics").replace("storage", 'hosts = ["counter.example"]\nstorage')
ADVERTS = '[[category]]\nid = "preferences"\n[[category.service]]\nuse = "google-ads"\n'


def test_nothing_is_found_where_all_is_well() -> None:
    """Whoever declares carefully is left in peace."""
    assert told(CLEAN) == []
    assert told(HEAD) == []


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        # the whole site
        (('csp = "report"', 'undeclared = "allow"\ncsp = "report"'), "undeclared-allowed", "undeclared"),
        (('csp = "report"', 'exclude = ["/e"]\ngate_excluded = false\ncsp = "report"'), "excluded-ungated", "gate_excluded"),
        (('csp = "report"', 'layout = "modal"\ncsp = "report"'), "modal", "layout"),
        (('csp = "report"', ""), "csp-off", "csp"),
        (("gate_markup = true", ""), "unmarked-tags", "gate_markup"),
        (('gate_markup = true\ncsp = "report"', ""), "unmarked-tags", "gate_markup"),
        (('gate_markup = true\ncsp = "report"', 'csp = "enforce"'), None, ""),
        ((f"policy_date = {DAY}", ""), "policy-undated", "policy_date"),
        ((str(DAY), str(TODAY + timedelta(days=1))), "policy-future", "policy_date"),
        ((str(DAY), str(DAY - timedelta(days=1))), "policy-old", "policy_date"),
        (('[[category]]\nid = "marketing"', '[[category]]\nid = "preferences"\n[[category]]\nid = "marketing"'), "empty-category", "category[2]"),
        # words
        (('csp = "report"', 'csp = "report"\n[texts.en]\naccept = "I accept cookies"'), "partial-labels", "texts.en.accept"),
        (('csp = "report"', 'csp = "report"\n[texts.en]\nreject = "I reject all of these cookies"\naccept = "Accept all"'), "unequal-labels", "texts.en.reject"),
        (('"Keeps you logged in."', '{ en = "Keeps you logged in.", "de-AT" = "Hält Sie angemeldet." }'), "no-such-language", "category[0].service[0].purpose.de-AT"),
        (('"Counts how often an article is read."', '"To improve your experience."'), "vague-purpose", "category[1].service[0].purpose"),
        (('"Counts how often an article is read."', '{ en = "Various purposes" }'), "vague-purpose", "category[1].service[0].purpose.en"),
        (('"Recognises a returning reader."', '"Marketing"'), "vague-purpose", "category[1].service[0].cookies[0].purpose"),
        (('"Remembers which articles were counted."', '"Statistics."'), "vague-purpose", "category[1].service[0].storage[0].purpose"),
        (('id = "marketing"', 'id = "marketing"\nname = "Ads"\npurpose = "Marketing purposes"'), "vague-purpose", "category[2].purpose"),
        (('"You ask for it by logging in; nobody can without it."', '"Technically necessary."'), "vague-justification", "category[0].service[0].justification"),
        # services
        (('policy_url = "https://counter.example/privacy"', ""), "no-policy-link", "category[1].service[0]"),
        (('hosts = ["counter.example"]', 'country = "US"\n  hosts = ["youtube.com"]'), "host-twice", "category[2].service[0].hosts[0]"),
        (('hosts = ["counter.example"]', 'hosts = ["googletagmanager.example", "google-analytics.com"]'), "no-country", "category[1].service[0]"),
        ((COUNTER, "third_party = false"), None, ""),
        ((COUNTER + '\n  purpose = "Counts how often an article is read."\n  hosts = ["counter.example"]', 'third_party = false\n  purpose = "Counts."\n  hosts = ["google-analytics.com"]'), "not-first-party", "category[1].service[0].third_party"),
        ((COUNTER + '\n  purpose = "Counts how often an article is read."\n  hosts = ["counter.example"]\n  cookies = [{ name = "reader"', 'third_party = false\n  purpose = "Counts."\n  cookies = [{ name = "_fbp"'), "not-first-party", "category[1].service[0].third_party"),
        (('[[category.service]]\n  id = "login"', '[[category.service]]\n  use = "google-fonts"\n  justification = "Nobody could read us."\n  [[category.service]]\n  id = "login"'), "necessary-elsewhere", "category[0].service[0]"),
        (('[[category.service]]\n  id = "login"', '[[category.service]]\n  use = "google-tag-manager"\n  justification = "It loads what nobody can do without."\n  [[category.service]]\n  id = "login"'), "tag-manager", "category[0].service[0]"),
        (('[[category]]\nid = "marketing"', ADVERTS + '[[category]]\nid = "marketing"'), "hidden-advertising", "category[2].service[0]"),
        (('third_party = false\n  purpose = "Keeps you logged in."', 'third_party = false\n  purpose = "Keeps you logged in."\n  override = "So that you stay logged in."'), None, ""),
        (('  cookies = [{ name = "session", duration = "session", purpose = "Names your session." }]\n', ""), "nothing-declared", "category[0].service[0]"),
        # cookies
        (("13 months", "14 months"), "long-audience", "category[1].service[0].cookies[0].duration"),
        (('duration = "session"', 'duration = "401 days"'), "capped", "category[0].service[0].cookies[0].duration"),
        (('duration = "session"', 'duration = "400 days"'), None, ""),
        (('duration = "session"', 'duration = "persistent"'), "no-duration", "category[0].service[0].cookies[0].duration"),
        (('name = "reader"', 'name = "session"'), "cookie-twice", "category[1].service[0].cookies[0].name"),
        (('name = "reader"', 'domain = "counter.example", name = "session"'), None, ""),
        (('use = "youtube"', 'use = "linkedin-insight-tag"'), None, ""),
        (('[[category.service]]\n  id = "counter"', '[[category.service]]\n  use = "google-analytics"\n  [[category.service]]\n  id = "counter"'), "vendor-duration", "category[1].service[0]"),
    ],
)  # fmt: skip
def test_a_risk_is_found_where_it_is(change: tuple[str, str], code: str | None, place: str) -> None:
    """One change of settings in which there is nothing to find gives one finding, at that key (R6, R7, R12)."""
    assert told(changed(change)) == ([(code, place)] if code else [])


def test_the_three_ways_to_hold_a_tag_back_are_named() -> None:
    """That a host is declared stops no tag by itself: the hint says what does (R2)."""
    settings = made(changed(("gate_markup = true", "")))
    [found] = findings(settings, today=TODAY)
    assert found.what == (
        f"A tag of a declared host (counter.example and {len(settings.catalogue.hosts) - 1} more) that is not "
        "marked still loads before anybody has agreed."
    )
    assert all(way in found.mend for way in ("gate_markup = true", 'csp = "enforce"', "data-consent"))
    [found] = findings(made(HEAD.replace("gate_markup = true", "") + ONE_HOST), today=TODAY)
    assert "(counter.example)" in found.what


def test_too_many_categories_are_found() -> None:
    """Five fit on one screen (R7, R52)."""
    texts = {name: OWN.format(id=name) for name in ("preferences", "analytics", "marketing")}
    own = [
        OWN.format(id=name).replace(
            "[[category.service]]", 'name = "N"\npurpose = "Counts."\n[[category.service]]'
        )
        for name in ("media", "maps", "chat")
    ]
    assert told(HEAD + "".join([*texts.values(), *own[:2]])) == []
    assert told(HEAD + "".join([*texts.values(), *own])) == [("many-categories", "category")]


def test_a_tracker_with_a_reason_is_left_alone() -> None:
    """Who says in `override` why it is necessary has been asked already (R12)."""
    fonts = '[[category.service]]\n  use = "google-fonts"\n  justification = "Nobody could read us."\n  override = "Our script has no other font."\n  '
    assert (
        told(
            changed(('[[category.service]]\n  id = "login"', fonts + '[[category.service]]\n  id = "login"'))
        )
        == []
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # one language, and texts of no language in particular
        ([], []),
        ([('csp = "report"', 'language = "de"\ncsp = "report"')], []),
        ([('"Keeps you logged in."', '{ en = "Keeps you logged in." }')], []),
        # two languages: all texts but names are needed in both
        (
            [('"Keeps you logged in."', '{ en = "Keeps you logged in.", de = "Hält Sie angemeldet." }')],
            [
                ("untranslated", "category[0].service[0].justification"),
                ("untranslated", "category[1].service[0].purpose"),
                ("untranslated", "category[2].service[0].purpose"),
            ],
        ),
        # the one language of the site
        (
            [
                ('csp = "report"', 'language = "de-AT"\ncsp = "report"'),
                ('"Keeps you logged in."', '{ en = "Keeps you logged in." }'),
                ('"Counter"', '{ de = "Zähler" }'),
            ],
            [("untranslated", "category[0].service[0].purpose")],
        ),
    ],
)  # fmt: skip
def test_missing_translations_are_found_once_for_each_service(
    changes: list[tuple[str, str]], expected: list[tuple[str, str]]
) -> None:
    """The languages of a site are those in which it speaks; a brand's name needs none (R15)."""
    assert told(changed(*changes)) == expected


def test_words_of_the_layer_are_words_of_the_site_too() -> None:
    """Wording of one's own in a language makes it one of the site's; what lacks is named (R15)."""
    text = changed(('csp = "report"', 'csp = "report"\n[texts.de]\nheading = "Kekse"'))
    [login, *_] = findings(made(text), today=TODAY)
    assert login.what == (
        "Service 'login' is not told in every language of the site (de, en): purpose, justification,"
        " purpose of 'session'."
    )


def test_every_finding_has_its_reason() -> None:
    """Kind, reason and remedy are sentences; every warning has a rule or a source."""
    for kind in kinds().values():
        assert kind.severity in ("error", "warning", "hint")
        assert kind.why.endswith(".")
        assert kind.mend.endswith(".")
        assert kind.severity == "error" or kind.rule or kind.source


def test_every_finding_is_in_the_docs() -> None:
    """The table is the one that is printed: `python -m consent.checking findings`."""
    assert markdown() in (ROOT / "docs" / "how-to" / "check-your-settings.md").read_text()
