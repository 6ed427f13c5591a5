"""The HTML that visitors get: what stands in it, what each control sends, and what never stands in it."""

import re
from typing import Any

import pytest

from consent import Category, Cookie, Service
from consent.state import Answer, Consent, Verdict
from consent.ui.pages import BROWSERS
from consent.ui.rendering import Renderer
from tests.sites import NOW, categories, service, settings
from tests.ui.markup import Element, read

HIDDEN_BY_FILTER_LISTS = re.compile(
    r"cookie|banner|bar\b|consent-layer|gdpr|privacy|notice|overlay|popup|modal"
)


def renderer(**values: Any) -> Renderer:
    site = settings(**values)
    return Renderer(site, site.catalogue)


SITE = settings()
RENDERER = renderer()
NOBODY = SITE.catalogue.standing(None)


def standing(*granted: str, services: tuple[str, ...] = (), undecided: tuple[str, ...] = ()) -> Consent:
    verdicts = {
        name: (fingerprint, Verdict.GRANTED if name in granted else Verdict.DENIED)
        for name, fingerprint in SITE.catalogue.fingerprints.items()
        if name not in undecided
    }
    return SITE.catalogue.standing(Answer(time=int(NOW), verdicts=verdicts, services=frozenset(services)))


def banner(renderer: Renderer = RENDERER, language: str = "en", **values: Any) -> Element:
    return read(renderer.banner(**{"language": language, "base": "", "return_to": "/", **values}))


def policy(
    consent: Consent = NOBODY, renderer: Renderer = RENDERER, language: str = "en", **values: Any
) -> Element:
    return read(renderer.policy(consent, **{"language": language, "base": "", "return_to": "/", **values}))


def everything(renderer: Renderer = RENDERER, language: str = "en", return_to: str = "/a") -> list[str]:
    """All there is to see, in two standings."""
    shared: dict[str, Any] = {"language": language, "base": "", "return_to": return_to}
    found = [
        renderer.banner(**shared),
        renderer.control(**shared),
        renderer.link(**shared),
        renderer.error_page(status=409, key="notice_changed", **shared),
    ]
    for consent in (NOBODY, standing("analytics", services=("ads",))):
        found += [renderer.confirmation(consent, **shared), renderer.policy_page(consent, **shared)]
    return found


def fields(form: Element) -> dict[str, list[str | None]]:
    found: dict[str, list[str | None]] = {}
    for element in form.all("input", type="hidden"):
        found.setdefault(str(element["name"]), []).append(element["value"])
    return found


# --- first layer --------------------------------------------------------------------------------


def test_the_banner_is_one_labelled_region_with_one_form() -> None:
    """A region with a heading, after its stylesheet, that filter lists and search engines leave (R52, R58)."""
    root = banner()
    assert [element.name for element in root.children if isinstance(element, Element)] == ["link", "section"]
    region = root.one("section")
    assert region.one("h2", id=region["aria-labelledby"]).text == "May we use cookies?"
    assert "data-nosnippet" in region.attributes
    form = region.one("form")
    assert (form["method"], form["action"]) == ("post", "/consent")


def test_the_banner_sends_what_the_evidence_needs() -> None:
    """The form tells the page to return to, the notice, its language and the method (R23)."""
    assert fields(banner(language="de", return_to="/a?b=c&d").one("form")) == {
        "method": ["banner"],
        "language": ["de"],
        "notice": [RENDERER.notice("de").id],
        "next": ["/a?b=c&d"],
    }


@pytest.mark.parametrize("language", ["en", "de"])
def test_accept_and_reject_differ_in_nothing_but_their_words(language: str) -> None:
    """The same element with the same class, one press each (R5, R58)."""
    accept, reject = banner(language=language).all("button", name="action")
    assert (accept["value"], reject["value"]) == ("accept", "reject")
    assert {**accept.attributes, "value": ""} == {**reject.attributes, "value": ""}
    expected = {"en": ("Accept all", "Reject all"), "de": ("Alle akzeptieren", "Alle ablehnen")}
    assert (accept.text, reject.text) == expected[language]


def test_choosing_changes_nothing() -> None:
    """The third button asks for the second layer by GET, and no field could grant anything (R3, R40)."""
    choose = banner().all("button")[-1]
    assert (choose["formmethod"], choose["formaction"], choose["name"]) == ("get", "/consent", None)
    assert choose.text == "Choose"


def test_the_banner_names_controller_purposes_partners_and_policy() -> None:
    """Everything that the first layer owes is in it, and nothing can be ticked (R4, R7)."""
    root = banner()
    assert SITE.controller in root.text
    assert "consent" in root.text
    assert "withdraw" in root.text
    assert "3 partners" in root.text
    assert root.one("a")["href"] == "/consent"
    assert [item.text.partition(":")[0] for item in root.all("li")] == [
        "Preferences",
        "Analytics",
        "Advertising",
    ]
    assert root.all("input", type="checkbox") == []


def test_the_banner_links_to_the_sites_own_policy() -> None:
    """If the site has a policy page of its own, the link leads there (R7)."""
    assert banner(renderer(policy_url="/cookies")).one("a")["href"] == "/cookies"


def test_a_visitor_is_asked_again_only_for_what_is_undecided() -> None:
    """The banner lists the categories that changed, and tells the endpoint which (R16)."""
    root = banner(consent=standing("preferences", undecided=("analytics",)))
    assert [item.text.partition(":")[0] for item in root.all("li")] == ["Analytics"]
    assert fields(root.one("form"))["asked"] == ["analytics"]
    assert "asked" not in fields(banner(consent=NOBODY).one("form"))


# --- pieces of pages ----------------------------------------------------------------------------


def test_the_control_is_one_labelled_link() -> None:
    """On every page one link leads to the choices and knows the way back (R17)."""
    region = read(RENDERER.control(language="en", base="/shop", return_to="/a?b=1&c")).one("section")
    assert region["aria-label"]
    assert region.one("a").text == "Cookie settings"
    assert region.one("a")["href"] == "/shop/consent?next=%2Fa%3Fb%3D1%26c"
    assert read(RENDERER.control(language="en", base="")).one("a")["href"] == "/consent"


def test_the_link_brings_nothing_along() -> None:
    """In the site's own footer it is a link and takes the site's style (R17)."""
    link = RENDERER.link(language="de", base="")
    assert link.startswith("<a ")
    assert read(link).one("a").text == "Cookie-Einstellungen"


def test_the_confirmation_is_announced_and_leads_back() -> None:
    """Hidden until it is the target, focusable, a status, with what was chosen and where to change it (R53)."""
    root = read(RENDERER.confirmation(standing("analytics"), language="en", base="", return_to="/a"))
    status = root.one("p", id=RENDERER.confirmation_id)
    assert (status["role"], status["tabindex"]) == ("status", "-1")
    assert "hidden" in status.attributes
    assert "You allowed Analytics." in status.text
    assert [link["href"] for link in status.all("a")] == ["/consent", "/a#cst-closed"]


def test_the_script_carries_the_standing() -> None:
    """Granted and denied ids, the nonce, and where to ask again; a module never holds up the page (R55)."""
    script = read(RENDERER.script(standing("analytics"), base="/x", nonce='a"b')).one("script")
    assert script["src"] == RENDERER.assets.url("/x/consent", "consent.js")
    assert script["nonce"] == 'a"b'
    assert script["data-cst-granted"] == "analytics counter heatmap login necessary"
    assert script["data-cst-denied"] == "ads edition marketing preferences"
    assert script["data-cst-at"] == "/x/consent"
    assert script["type"] == "module"
    assert read(RENDERER.script(NOBODY, base="")).one("script")["nonce"] is None


def test_each_piece_brings_its_style_unless_another_did() -> None:
    """Pieces can stand alone or together without loading anything twice."""
    shared: dict[str, Any] = {"language": "en", "base": ""}
    for styled, count in ((True, 1), (False, 0)):
        for html in (
            RENDERER.banner(**shared, return_to="/", styled=styled),
            RENDERER.control(**shared, styled=styled),
            RENDERER.confirmation(NOBODY, **shared, styled=styled),
        ):
            assert len(read(html).all("link")) == count


# --- second layer -------------------------------------------------------------------------------


def test_nothing_is_ticked_before_a_choice() -> None:
    """One control per category and service, all of them empty; necessary has none (R4, R9)."""
    boxes = policy().all("input", type="checkbox")
    assert [box["value"] for box in boxes] == [
        "preferences", "edition", "analytics", "counter", "heatmap", "marketing", "ads",
    ]  # fmt: skip
    assert {box["name"] for box in boxes} == {"granted"}
    assert not any("checked" in box.attributes for box in boxes)
    assert "Always on" in policy().text


def test_what_is_granted_is_ticked() -> None:
    """A granted category is ticked and its services are not; a service granted singly is (R9)."""
    boxes = policy(standing("analytics", services=("ads",))).all("input", type="checkbox")
    assert [box["value"] for box in boxes if "checked" in box.attributes] == ["analytics", "ads"]


def test_browsers_do_not_remember_ticks() -> None:
    """A browser that restores forms would tick boxes by itself (R4)."""
    for form in policy().all("form"):
        assert form["autocomplete"] == "off"


def test_every_box_has_a_label_and_a_description() -> None:
    """Name and purpose are tied to the box, so that they are read out with it (R51)."""
    root = policy()
    for label in root.all("label"):
        box = label.one("input")
        assert label.text
        assert [element for element in root.walk() if element["id"] == box["aria-describedby"]]


def test_the_second_layer_lists_third_parties_with_their_policies() -> None:
    """Every service is named with provider, purpose, third country and link (R9)."""
    [heatmap] = [item for item in policy().all("li") if item.all("input", value="heatmap")]
    assert "Provider: Heatmap Ltd" in heatmap.text
    assert "Does what heatmap does." in heatmap.text
    assert "Third country: United States" in heatmap.text
    assert heatmap.one("a")["href"] == "https://heatmap.example/privacy"


def test_the_second_layers_buttons_are_alike() -> None:
    """Save, accept and reject differ in their words alone, and Enter saves (R5)."""
    buttons = policy().all("button")
    assert [button["value"] for button in buttons] == ["save", "accept", "reject"]
    assert len({button["class"] for button in buttons}) == 1


def test_who_has_granted_something_can_withdraw_at_one_press() -> None:
    """The button stands there as soon as there is something to withdraw (R17)."""
    for consent, count in (
        (NOBODY, 0),
        (standing(), 0),
        (standing(services=("ads",)), 1),
        (standing("analytics"), 1),
    ):
        assert len(policy(consent).all("button", value="withdraw")) == count
    for form in policy(standing("analytics"), return_to="/a").all("form"):
        assert fields(form)["method"] == ["policy"]
        assert fields(form)["next"] == ["/a"]
        assert fields(form)["notice"] == [RENDERER.notice("en").id]


def test_the_standing_is_told_with_its_dates() -> None:
    """What is allowed, since when and until when, in the visitor's language (R46)."""
    text = policy(standing("analytics"), language="de").text
    assert "Sie haben eingewilligt in: Statistik." in text
    assert "am 15. Januar 2027" in text
    assert "bis zum 16. Juli 2027" in text
    assert "You have not decided yet." in policy().text


def test_every_category_has_a_switch_and_what_is_necessary_has_none() -> None:
    """A switch with the words On and Off; "Always on" is text (R9)."""
    necessary, *asked = policy().all("div", role="group")
    assert necessary.all("input") == []
    assert "Always on" in necessary.text
    for group in asked:
        [switch] = group.all("input", role="switch")
        assert f"cst-name-{switch['value']}" == group["aria-labelledby"]
        assert [span.text for span in group.all("span", **{"aria-hidden": "true"})] == ["OnOff"]


# --- the policy ---------------------------------------------------------------------------------


def rows(root: Element) -> list[list[str]]:
    """The cells of all tables but the last, which lists hosts."""
    tables = root.all("table")[:-1]
    return [
        [cell.text for cell in row.walk() if cell.name in ("th", "td")]
        for table in tables
        for row in table.all("tr")
    ]


def test_the_tables_have_one_row_per_declared_item_and_no_other() -> None:
    """Name, provider, purpose, duration, type, access, third country, justification (R46)."""
    found = [row for row in rows(policy()) if row[0] != "Name"]
    declared = ["session", "csrf", "__Host-consent", "edition", "_ga", "_ga_*", "_seen", "_hm", "IDE"]
    assert [row[0] for row in found] == declared
    assert found[0] == [
        "session", "Login Ltd", "Serves as an example.", "Until the browser is closed", "Cookie (HTTP only)",
        "Only this site", "None", "Nobody can log in without it.",
    ]  # fmt: skip
    assert found[2][1:4] == [
        SITE.controller,
        "Keeps what you allowed and refused here, so that you are not "
        "asked on every page. Where the site is reached without encryption it is called “consent”.",
        "182 days",
    ]
    assert found[7] == [
        "_hm", "Heatmap Ltd", "Serves as an example.", "13 months", "Cookie", "Heatmap Ltd (third party)",
        "United States",
    ]  # fmt: skip
    links = [link["href"] for table in policy().all("table") for link in table.all("a")]
    assert links == ["https://heatmap.example/privacy"]


def test_every_cell_has_a_heading_that_small_screens_show() -> None:
    """A row that becomes a card keeps its roles and carries its headings along (R51)."""
    for table in policy().all("table"):
        columns = [column.text for column in table.all("th", scope="col")]
        for row in table.one("tbody").all("tr"):
            assert [cell["data-cst-label"] for cell in row.all("td")] == columns[1:]
            assert {cell["role"] for cell in row.all("td")} == {"cell"}


def test_hosts_are_listed_by_service() -> None:
    """Whom the browser contacts is told, even for services that store nothing (R46)."""
    [*_, hosts] = policy().all("table")
    assert [[cell.text for cell in row.walk()] for row in hosts.one("tbody").all("tr")] == [
        ["Counter", "Counter Ltd", "stats.example"],
        ["Ads", "Ads Ltd", "ads.example"],
    ]
    quiet = renderer(categories=categories()[:2])
    assert "Servers that are contacted" not in policy(renderer=quiet).text


def test_a_category_without_items_says_so() -> None:
    """A category is listed even if nothing is stored for it."""
    bare = renderer(
        categories=(Category(id="marketing", services=(service("video"),)), Category(id="analytics"))
    )
    assert policy(renderer=bare).text.count("Nothing is declared here.") == 2


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_policy_tells_how_to_withdraw_and_how_to_delete_cookies(language: str) -> None:
    """Withdrawal, and for each major browser how to disable and delete, with the maker's help (R46)."""
    root = policy(language=language)
    texts = RENDERER.languages.get(language).text
    assert texts("withdraw_title") in root.text
    for browser in BROWSERS:
        for what in ("name", "delete", "disable"):
            assert texts(f"browser.{browser}.{what}") in root.text
        assert root.one("a", href=texts(f"browser.{browser}.help")).text
        assert texts(f"browser.{browser}.help").startswith("https://support.")


@pytest.mark.parametrize("level", [2, 4])
def test_headings_fit_the_page_they_stand_in(level: int) -> None:
    """The fragment's headings begin at the level asked for, and none is skipped (R51)."""
    names = {
        element.name for element in policy(heading_level=level).walk() if re.fullmatch("h[1-6]", element.name)
    }
    assert names == {f"h{level}", f"h{level + 1}"}


# --- documents ----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_policy_page_is_a_whole_document(language: str) -> None:
    """Doctype, language, direction, one title, one main heading, a way back (R15, R51)."""
    html = RENDERER.policy_page(NOBODY, language=language, base="", return_to="/a?b", nonce="n")
    assert html.startswith("<!doctype html><html ")
    root = read(html)
    assert (root.one("html")["lang"], root.one("html")["dir"]) == (language, "ltr")
    assert root.one("title").text == root.one("h1").text
    assert root.one("main").all("form")
    assert {link["href"] for link in root.all("a", **{"class": "cst-page__back"})} == {"/a?b"}
    assert root.one("script")["nonce"] == "n"
    assert root.one("meta", name="viewport")["content"] == "width=device-width, initial-scale=1"


KEYS = [
    "wrong_origin",
    "too_large",
    "not_understood",
    "not_kept",
    "notice_changed",
    "not_found",
    "wrong_method",
]


@pytest.mark.parametrize("key", KEYS)
def test_an_error_is_told_in_a_sentence(key: str) -> None:
    """Every error has a page with a sentence and two ways on (R39)."""
    root = read(RENDERER.error_page(status=400, key=key, language="en", base="/x", return_to="/a"))
    assert RENDERER.languages.get("en").text(f"error.{key}") in root.one("main").text
    assert root.one("title").text == "400: That did not work"
    assert [link["href"] for link in root.all("a")] == ["/a", "/x/consent"]


# --- what holds everywhere ----------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "de"])
def test_names_are_ours_and_no_filter_list_hides_them(language: str) -> None:
    """Ids and classes begin with cst- and hold no word that filter lists look for (R52)."""
    for html in everything(language=language):
        for element in read(html).walk():
            for name in f"{element['class'] or ''} {element['id'] or ''}".split():
                assert name.startswith("cst-")
                assert not HIDDEN_BY_FILTER_LISTS.search(name)


def test_ids_are_unique_and_references_lead_somewhere() -> None:
    """No id stands twice, and whatever is labelled or described by one finds it (R51)."""
    for html in everything():
        elements = list(read(html).walk())
        ids = [element["id"] for element in elements if element["id"]]
        assert len(ids) == len(set(ids))
        for element in elements:
            for attribute in ("aria-labelledby", "aria-describedby"):
                assert element[attribute] is None or element[attribute] in ids


def test_no_page_needs_inline_style_or_script() -> None:
    """A strict content security policy has nothing to forbid (R34)."""
    for html in everything():
        for element in read(html).walk():
            assert element.name != "style"
            assert not {name for name in element.attributes if name == "style" or name.startswith("on")}
            assert element.name != "script" or not element.text


EVIL = "</textarea></script><img src=x onerror=alert(1)>\"'&"


def test_no_words_are_markup() -> None:
    """Whatever the site, its services or an address say is text (R52)."""
    evil = Service(
        id="evil", name=EVIL, provider=EVIL, purpose=EVIL, country=EVIL, policy_url=f"/{EVIL}", justification=EVIL,
        cookies=(Cookie(name="a", purpose=EVIL, duration="1 day"),), hosts=("evil.example",),
    )  # fmt: skip
    bad = renderer(
        controller=EVIL,
        categories=(
            Category(id="necessary", services=(evil,)),
            Category(id="games", name=EVIL, purpose=EVIL, services=(service("x", "x", provider=EVIL),)),
        ),
        texts={"en": {"heading": EVIL, "accept": EVIL}},
    )
    for html in everything(bad, return_to=f"/{EVIL}"):
        assert not read(html).all("img")
    assert bad.banner(language="en", base="", return_to="/").count("&lt;img") == 5


def test_markup_is_compact() -> None:
    """No blank that nobody sees is sent with every page (R54)."""
    for html in everything():
        assert "\n" not in html
        assert "  " not in html
        assert "> <input" not in html


def test_what_is_kept_belongs_to_nobody() -> None:
    """Markup kept for many visitors takes each one's own address (R42)."""
    first = RENDERER.banner(language="en", base="", return_to="/first")
    second = RENDERER.banner(language="en", base="", return_to="/second")
    assert "/first" not in second
    assert first.replace("/first", "/second") == second
