"""The promise of the notice, kept in a real browser: asked, remembered and obeyed."""

import pytest
from playwright.sync_api import Page

from tests.browser.readers import PAGES, STORY, NewReader
from tests.gates.test_insertion import NO_PAGES, PUT
from tests.gates.test_insertion import PAGES as DOCUMENTS

pytestmark = pytest.mark.browser

THEIRS = {"northwind", "gullwing", "peepbox"}


def test_a_first_visit_sets_and_contacts_nothing(new_reader: NewReader, scripts: bool) -> None:
    """Five kinds of page before a choice: no cookie at all, no third party (R1, R2)."""
    reader = new_reader(scripts=scripts)
    reader.opens(*PAGES, "/?utm_campaign=harbour-day")
    assert reader.sees_banner
    assert (reader.cookies, reader.contacted, reader.errors) == (set(), set(), [])


def test_a_comment_needs_its_session_and_nothing_else(new_reader: NewReader, scripts: bool) -> None:
    """What the reader asks for is necessary; nothing else comes with it (R1)."""
    reader = new_reader(scripts=scripts)
    reader.opens(STORY)
    reader.page.get_by_label("Your name").fill("Ada")
    reader.page.get_by_label("Your comment").fill("A fine bridge.")
    reader.presses("Send")
    reader.opens(*PAGES)
    assert (reader.cookies, reader.contacted) == ({"session"}, set())


def test_reject_in_one_click_then_nothing_new(new_reader: NewReader, scripts: bool) -> None:
    """One press, then five pages: only the answer is kept, and nobody asks again (R5, R16)."""
    reader = new_reader(scripts=scripts)
    reader.opens(STORY)
    reader.presses("I reject cookies")
    assert reader.page.url == f"{reader.paper.address}{STORY}{'' if scripts else '#cst-saved'}"
    assert reader.page.locator("#cst-saved").is_visible()
    reader.opens(*PAGES, "/?utm_campaign=harbour-day")
    assert not reader.sees_banner
    assert (reader.cookies, reader.contacted, reader.errors) == ({"consent"}, set(), [])


def test_accept_lets_them_in(new_reader: NewReader, scripts: bool) -> None:
    """After consent the advert, the film and (with scripts) the measuring load and set what they declared."""
    reader = new_reader(scripts=scripts)
    reader.opens(STORY)
    reader.presses("I accept cookies")
    if scripts:  # at once, where nothing has to be loaded anew
        assert reader.page.get_by_title("Advertisement by Gullwing").is_visible()
        assert not reader.page.locator("[data-cst-instead]").count()
    reader.opens("/?utm_campaign=harbour-day", STORY)
    by_script = {"_na"} if scripts else set()
    assert reader.contacted == THEIRS - (set() if scripts else {"northwind"})
    assert reader.cookies == {"consent", "reader_id", "campaign", "ad_id", "vp_session"} | by_script
    assert reader.errors == []


def test_withdrawal_takes_it_all_back(new_reader: NewReader, scripts: bool) -> None:
    """Two presses from any page: the site's own cookies are gone, and nobody is contacted any more (R17, R18)."""
    reader = new_reader(scripts=scripts)
    reader.opens("/?utm_campaign=harbour-day")
    reader.presses("I accept cookies")
    reader.opens(STORY, "/?utm_campaign=harbour-day")
    reader.page.get_by_role("link", name="Cookie settings").first.click()
    reader.presses("Withdraw consent")
    reader.contacted.clear()
    reader.opens(*PAGES)
    assert reader.cookies - {"ad_id", "vp_session"} == {"consent"}
    assert (reader.contacted, reader.sees_banner) == (set(), False)


def test_what_comes_back_is_hidden_from_the_app_and_deleted(new_reader: NewReader, scripts: bool) -> None:
    """A cookie that turns up after a refusal is not shown to the app, and is deleted on sight (R18)."""
    reader = new_reader(scripts=scripts)
    reader.opens("/")
    reader.presses("I reject cookies")
    reader.plants("reader_id")
    reader.opens(STORY)
    reader.opens("/wire")
    entry = reader.page.locator(".wire__entry", has_text=STORY).first
    assert entry.locator(".chip--hidden .chip__name").all_inner_texts() == ["reader_id"]
    assert entry.locator(".chip--deleted .chip__name").all_inner_texts() == ["reader_id"]
    for _ in range(40):
        if reader.cookies == {"consent"}:
            break
        reader.opens("/")
    assert reader.cookies == {"consent"}


def test_single_choices_are_kept_apart(new_reader: NewReader, scripts: bool) -> None:
    """A reader may allow the film and nothing else (R9, R40)."""
    reader = new_reader(scripts=scripts)
    reader.opens(STORY)
    reader.presses("Choose")
    boxes = reader.page.locator("input[name=granted]")
    assert boxes.count() == 9
    assert not any(box.is_checked() for box in boxes.all())
    reader.page.locator('input[value="peepbox-video"]').check()
    reader.presses("Save selection")
    reader.opens(STORY)
    assert reader.contacted == {"peepbox"}
    assert reader.cookies == {"consent", "vp_session"}


def test_the_policy_is_in_the_papers_own_page(new_reader: NewReader, scripts: bool) -> None:
    """The paper's policy page names what is declared, and holds the controls instead of a banner (R8, R46)."""
    reader = new_reader(scripts=scripts)
    reader.opens("/cookies")
    assert not reader.page.locator("form input[value=banner]").count()
    names = set(reader.page.locator("table code").all_inner_texts())
    assert {
        "__Host-consent",
        "session",
        "edition",
        "reader_id",
        "_na",
        "campaign",
        "ad_id",
        "vp_session",
    } <= names
    assert "layout_test" not in names
    reader.presses("I reject cookies")
    assert reader.page.url.startswith(f"{reader.paper.address}/cookies#")


@pytest.mark.parametrize("document", [page for page in DOCUMENTS if b"frameset" not in page.lower()])
def test_a_browser_finds_the_fragment_first_in_the_body(page: Page, document: bytes) -> None:
    """Where the grammar puts the fragment, a browser's parser finds it: body's first element (R52)."""
    marked = document.replace(PUT, b"<i id=us>us</i>").removeprefix(b"\xef\xbb\xbf")
    page.set_content(marked.decode())
    first = page.evaluate("document.body.firstElementChild && document.body.firstElementChild.id")
    assert first == "us"


@pytest.mark.parametrize("document", NO_PAGES[:4])
def test_fragments_have_no_place(page: Page, document: bytes) -> None:
    """The other way round: what is left alone has no doctype of its own."""
    page.set_content(document.decode())
    assert page.evaluate("document.doctype") is None
