"""The interface in a real browser: what readers press, hear and get back to, with scripts."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Serve
from tests.browser.reading import reading_site
from tests.sites import Memory

pytestmark = pytest.mark.browser

OPEN = {"analytics", "ads", "counter", "edition", "heatmap", "marketing", "preferences"}
ORDER = ["first", "slow", "in template", "quick"]

Visit = Callable[..., Page]


@pytest.fixture
def store() -> Memory:
    return Memory()


@pytest.fixture
def visit(chromium: Browser, served: Serve, store: Memory) -> Iterator[Visit]:
    """Opens a page of the paper in a fresh profile."""
    contexts = []

    def open_page(path: str = "/", width: int = 1280, height: int = 900, **values: Any) -> Page:
        port = served(reading_site(store, **values))
        context = chromium.new_context(
            viewport={"width": width, "height": height}, base_url=f"http://127.0.0.1:{port}"
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        page.wait_for_function("window.consent")
        return page

    yield open_page
    for context in contexts:
        context.close()


def cookies(page: Page) -> set[str]:
    return {str(cookie.get("name")) for cookie in page.context.cookies()}


def granted(page: Page) -> set[str]:
    return set(page.evaluate("consent.get().granted"))


def press(page: Page, label: str) -> None:
    """Press a button of the banner or of the dialog, and wait until it is said what came of it."""
    layer = page.locator("#cst-dialog") if page.locator("#cst-dialog").count() else page.locator("#cst-ask")
    layer.get_by_role("button", name=label, exact=True).click()
    page.locator("#cst-saved").get_by_text("Close").wait_for()


def choose(page: Page) -> None:
    page.get_by_role("button", name="Choose").click()
    page.locator("#cst-dialog[open]").wait_for()


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.tagName"))


# --- first layer --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Accept all", "Saved. You allowed everything: Preferences, Analytics and Advertising."),
        ("Reject all", "Saved. You refused everything that is not necessary."),
    ],
)
def test_by_keyboard_from_load_to_the_saved_choice(visit: Visit, label: str, said: str) -> None:
    """Tab to the button, Enter: saved without a reload, told in a status, and the focus stays in the page (R51, R53)."""
    page = visit()
    page.evaluate("window.same = true")
    for _ in range(5):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == label:
            break
    page.keyboard.press("Enter")
    status = page.get_by_role("status")
    status.get_by_text(said).wait_for()
    assert page.evaluate("window.same")
    assert not page.locator("#cst-ask").count()
    assert cookies(page) == {"consent"}
    assert focused(page) == "top"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip"


def test_the_focus_goes_back_to_where_the_reader_was(visit: Visit) -> None:
    """Whoever comes to the banner from a link in the story is there again afterwards (R53)."""
    page = visit()
    page.locator("main a").nth(15).focus()
    top = page.evaluate("scrollY")
    press(page, "Reject all")
    assert page.evaluate("document.activeElement == document.querySelectorAll('main a')[15]")
    assert page.evaluate("scrollY") == top


def test_a_reader_in_the_middle_of_the_page_stays_there(visit: Visit) -> None:
    """Whoever has scrolled and clicks goes on from what is on the screen, and the page does not move (R53)."""
    page = visit()
    page.evaluate("scrollTo(0, 900)")
    press(page, "Reject all")
    box = page.evaluate("document.activeElement.getBoundingClientRect().toJSON()")
    assert page.evaluate("scrollY") == 900
    assert focused(page) != "BODY"
    assert box["bottom"] >= 0
    assert box["top"] <= 900


@pytest.mark.parametrize("how", ["Escape", "scroll", "click", "link", "wait"])
def test_what_is_no_answer_stores_nothing(visit: Visit, store: Memory, how: str) -> None:
    """Escape, scrolling, clicking elsewhere, reading on and waiting are no decision (R3)."""
    page = visit()
    if how == "Escape":
        page.keyboard.press("Escape")
    elif how == "scroll":
        page.mouse.wheel(0, 2000)
    elif how == "click":
        page.mouse.click(600, 300)
    elif how == "link":
        page.goto("/more/1")
    page.wait_for_timeout(300)
    assert page.get_by_role("button", name="Reject all").is_visible()
    assert (cookies(page), store.records) == (set(), [])


def test_consent_starts_what_waited_in_document_order(visit: Visit) -> None:
    """Scripts and templates in the order of the page, files awaited, and nothing that is not granted (R55)."""
    page = visit()
    assert page.evaluate("ran") == []
    choose(page)
    page.locator("#cst-dialog input[value=analytics]").check()
    press(page, "Save selection")
    page.wait_for_function("ran.includes('quick')")
    assert page.evaluate("ran") == ORDER
    assert page.locator("#shown").is_visible()


def test_scripts_of_the_site_are_told(visit: Visit) -> None:
    """One event per decision says what was gained and lost; promises wait for what they need (R55)."""
    page = visit()
    page.evaluate("window.waited = []; consent.whenAllowed('ads').then(() => waited.push('ads')); null")
    choose(page)
    page.locator("#cst-dialog input[value=ads]").check()
    press(page, "Save selection")
    [told] = page.evaluate("told")
    assert set(told["gained"]) == {"ads"}
    assert told["lost"] == []
    assert page.evaluate("[consent.allows('ads'), consent.allows('marketing'), waited]") == [
        True,
        False,
        ["ads"],
    ]
    assert page.evaluate("Object.isFrozen(consent.get()) && Object.isFrozen(consent.get().granted)")


def test_a_site_can_build_its_own_controls(visit: Visit, store: Memory) -> None:
    """The same decisions by script, each one recorded with the method "api" (R55)."""
    page = visit()
    page.evaluate("consent.save(['analytics'])")
    assert {"analytics", "counter", "heatmap"} <= granted(page)
    page.evaluate("window.old = true; consent.withdraw('counter'); null")
    page.wait_for_function("!window.old && window.consent")
    assert granted(page) & OPEN == {"heatmap"}
    assert "sentence" not in page.evaluate("consent.save(['gallery']).catch(({ message }) => message)")
    assert granted(page) & OPEN == {"heatmap"}
    page.evaluate("window.old = true; consent.withdraw(); null")
    page.wait_for_function("!window.old && window.consent")
    assert [record.method for record in store.records] == ["api"] * 3
    page.evaluate("consent.open()")
    page.locator("#cst-dialog[open]").wait_for()


def test_a_store_that_fails_leaves_the_banner_and_says_so(visit: Visit, store: Memory) -> None:
    """A grant that cannot be recorded takes no effect, and the reader is told and can go on (R25)."""
    store.failing = True
    page = visit()
    press(page, "Accept all")
    assert page.get_by_text("could not be recorded").is_visible()
    assert page.get_by_role("button", name="Accept all").is_visible()
    assert (cookies(page), page.evaluate("ran")) == (set(), [])
    store.failing = False
    press(page, "Reject all")
    page.locator("#cst-ask").wait_for(state="detached")
    assert cookies(page) == {"consent"}


def test_out_of_reach_the_form_does_what_forms_do(visit: Visit) -> None:
    """If the script cannot reach the site, the browser sends the form itself (R40)."""
    page = visit()
    page.route(
        "**/consent",
        lambda route: route.abort() if route.request.resource_type == "xhr" else route.continue_(),
    )
    with page.expect_navigation():
        page.get_by_role("button", name="Reject all").click()
    assert cookies(page) == {"consent"}
    assert page.url.endswith("/#cst-saved")


# --- second layer -------------------------------------------------------------------------------


def test_the_second_layer_is_modal_and_leaves_no_trace(visit: Visit, store: Memory) -> None:
    """A native dialog: the focus is in it and cannot leave; Escape and the button that closes store nothing and lead back (R3, R53)."""
    page = visit()
    for leave in ("Escape", "button", "backdrop"):
        choose(page)
        assert focused(page) == "cst-dialog-title"
        assert page.evaluate("document.querySelector('#cst-dialog').matches(':modal')")
        for _ in range(30):
            page.keyboard.press("Tab")
            assert page.evaluate(
                "document.activeElement == document.body || !!document.activeElement.closest('#cst-dialog')"
            )
        page.locator("#cst-dialog input[value=marketing]").check()
        if leave == "Escape":
            page.keyboard.press("Escape")
        elif leave == "button":
            page.get_by_role("button", name="Close without saving").click()
        else:
            page.mouse.click(5, 5)
            page.keyboard.press("Escape")
        page.locator("#cst-dialog").wait_for(state="detached")
        assert page.evaluate("document.activeElement.textContent") == "Choose"
    assert (cookies(page), store.records) == (set(), [])


def test_switches_say_on_and_off(visit: Visit) -> None:
    """The word beside a switch follows it, and what is necessary has none (R9)."""
    page = visit()
    choose(page)
    group = page.get_by_role("group", name="Analytics")
    switch = group.get_by_role("switch", name="Analytics")
    assert not switch.is_checked()
    assert group.get_by_text("Off", exact=True).is_visible()
    switch.press("Space")
    assert group.get_by_text("On", exact=True).is_visible()
    assert not group.get_by_text("Off", exact=True).is_visible()
    assert page.get_by_role("group", name="Necessary").get_by_text("Always on").is_visible()
    assert not page.get_by_role("group", name="Necessary").get_by_role("switch").count()


@pytest.mark.parametrize("width", [1280, 375, 320])
def test_both_layers_treat_accepting_and_refusing_alike(visit: Visit, width: int) -> None:
    """Every computed style and the size are equal on both layers, at every width (R5)."""
    page = visit(width=width)
    choose(page)
    page.mouse.move(0, 0)
    found = page.evaluate(
        """() => ["#cst-ask", "#cst-dialog"].map((layer) => {
          const [one, other] = ["accept", "reject"].map((value) => document.querySelector(`${layer} [value=${value}]`));
          const [a, b] = [getComputedStyle(one), getComputedStyle(other)];
          const differing = [...a].filter((name) => !/^(perspective|transform)-origin$/.test(name) && a[name] !== b[name]);
          return [differing, one.offsetWidth - other.offsetWidth, one.offsetHeight - other.offsetHeight];
        })"""
    )
    assert found == [[[], 0, 0], [[], 0, 0]]


def test_the_footer_leads_to_the_second_layer(visit: Visit) -> None:
    """From any page: one press on the link, one on the button, and the focus is on the link again (R17, R53)."""
    page = visit()
    press(page, "Accept all")
    page.get_by_role("link", name="Your cookies").click()
    page.locator("#cst-dialog[open]").wait_for()
    assert page.locator("#cst-dialog input[value=analytics]").is_checked()
    page.keyboard.press("Escape")
    page.locator("#cst-dialog").wait_for(state="detached")
    assert page.evaluate("document.activeElement.textContent") == "Your cookies"


# --- withdrawal ---------------------------------------------------------------------------------


def withdraw(page: Page) -> None:
    page.get_by_role("link", name="Your cookies").click()
    page.locator("#cst-dialog[open]").wait_for()
    page.locator("#cst-dialog").get_by_role("button", name="Reject all").click()


def test_withdrawal_ends_what_runs_and_deletes_what_it_left(visit: Visit) -> None:
    """What the script of a service keeps is deleted, the page is made anew, and says so where it was (R18, R53)."""
    page = visit()
    press(page, "Accept all")
    page.wait_for_function("ran.includes('both')")
    page.evaluate(
        "document.cookie = '_ga=1; path=/'; localStorage._seen = 'x'; window.old = true; scrollTo(0, 500)"
    )
    withdraw(page)
    page.wait_for_function("!window.old && window.consent")
    assert page.get_by_text("You refused everything").is_visible()
    assert cookies(page) == {"consent"}
    assert page.evaluate("[localStorage.length, ran]") == [0, []]
    assert page.evaluate("location.hash") == "#cst-saved"


def test_nothing_half_written_is_lost(visit: Visit) -> None:
    """With a note in the page it is not made anew by itself: the reader is told how to (R18)."""
    page = visit()
    press(page, "Accept all")
    page.wait_for_function("ran.includes('both')")
    page.fill("#note", "half a sentence")
    page.evaluate("document.cookie = '_ga=1; path=/'")
    withdraw(page)
    page.get_by_text("is still running in this page").wait_for()
    assert page.input_value("#note") == "half a sentence"
    assert "_ga" not in cookies(page)
    page.fill("#note", "")
    with page.expect_navigation():
        page.get_by_role("link", name="Load again").click()
    assert page.evaluate("ran") == []


def test_nothing_is_reloaded_without_need(visit: Visit) -> None:
    """Who takes back what has started nothing in this page stays in it (R18)."""
    page = visit()
    page.evaluate("window.same = true")
    choose(page)
    page.locator("#cst-dialog input[value=preferences]").check()
    press(page, "Save selection")
    withdraw(page)
    page.get_by_text("You refused everything").wait_for()
    assert page.evaluate("window.same")


# --- other tabs, other times --------------------------------------------------------------------


def test_other_tabs_follow(visit: Visit) -> None:
    """A decision in one tab takes the banner away and starts what waited in the other (R41, R55)."""
    one = visit()
    other = one.context.new_page()
    other.goto("/")
    other.wait_for_function("window.consent")
    press(one, "Accept all")
    other.wait_for_function("ran.includes('quick')")
    assert not other.locator("#cst-ask").count()
    assert not other.locator("#cst-saved").count()


def test_a_tab_where_something_runs_is_made_anew_on_withdrawal(visit: Visit) -> None:
    """What was taken back in one tab ends in the others too (R18, R41)."""
    one = visit()
    press(one, "Accept all")
    other = one.context.new_page()
    other.goto("/")
    other.wait_for_function("ran.includes('quick')")
    other.evaluate("window.old = true")
    withdraw(one)
    other.wait_for_function("!window.old && window.consent")
    assert other.evaluate("ran") == []


# --- pages that change in place -----------------------------------------------------------------


@pytest.mark.parametrize("library", ["htmx-2.min.js", "htmx-4.min.js"])
def test_what_htmx_brings_waits_and_starts(visit: Visit, library: str) -> None:
    """A fragment's gated script waits before consent and starts after it, and the banner stays (R33, R55)."""
    page = visit(f"/changing?htmx={library}")
    page.get_by_role("button", name="Load a part").click()
    page.get_by_text("A part", exact=True).wait_for()
    page.wait_for_timeout(200)
    assert page.evaluate("ran") == []
    assert page.get_by_role("button", name="Reject all").is_visible()
    press(page, "Accept all")
    page.wait_for_function("ran.includes('part')")
    page.get_by_role("button", name="Load a part").click()
    page.wait_for_function("ran.filter((name) => name == 'part').length == 2")


@pytest.mark.parametrize("library", ["htmx-2.min.js", "htmx-4.min.js"])
def test_a_boosted_page_still_asks_once(visit: Visit, library: str) -> None:
    """After htmx has put another body in, there is one banner, and it works (R8, R55)."""
    page = visit(f"/changing?htmx={library}")
    page.evaluate("window.same = true")
    page.click("#boosted")
    page.get_by_role("heading", name="Changed").wait_for()
    page.wait_for_timeout(200)
    assert page.evaluate("window.same")
    assert page.locator("#cst-ask").count() == 1
    assert page.evaluate("getComputedStyle(document.querySelector('#cst-ask')).position") == "fixed"
    press(page, "Accept all")
    page.wait_for_function("ran.includes('changed')")


def test_a_body_without_the_banner_gets_it_back(visit: Visit) -> None:
    """Libraries that fetch pages and swap bodies get no banner from the server: the one there was returns (R55)."""
    page = visit()
    page.evaluate(
        """() => {
          const body = document.createElement("body");
          body.append(Object.assign(document.createElement("h1"), { textContent: "Next" }));
          history.pushState({}, "", "/next");
          document.startViewTransition(() => document.body.replaceWith(body));
        }"""
    )
    page.get_by_role("heading", name="Next").wait_for()
    page.get_by_role("button", name="Reject all").wait_for()
    assert page.evaluate("document.body.querySelector('#cst-ask').getBoundingClientRect().height") < 310
    press(page, "Reject all")
    page.evaluate(
        "history.pushState({}, '', '/again'); document.body.replaceWith(document.createElement('body'))"
    )
    page.wait_for_timeout(300)
    assert not page.locator("#cst-ask").count()


def test_a_body_from_before_the_decision_asks_no_more(visit: Visit) -> None:
    """Libraries keep pages for the way back: a banner in one that is older than the answer goes (R16)."""
    page = visit()
    page.evaluate("window.older = document.body.cloneNode(true)")
    page.get_by_role("button", name="Reject all").click()
    expect(page.locator("#cst-ask")).to_have_count(0)
    page.evaluate("document.body = older")
    expect(page.locator("#cst-ask")).to_have_count(0)


def test_who_sends_all_forms_does_not_send_ours(visit: Visit, store: Memory) -> None:
    """Libraries that take forms over, at the form itself or at the document, decide nothing a second time."""
    page = visit()
    page.evaluate(
        """() => {
            window.taken = 0;
            const take = (event) => { event.preventDefault(); taken += 1; };
            document.querySelector("#cst-ask form").addEventListener("submit", take);
            document.addEventListener("submit", take);
        }"""
    )
    page.get_by_role("button", name="Accept all").click()
    expect(page.locator("#cst-ask")).to_have_count(0)
    assert page.evaluate("taken") == 0
    assert len(store.records) == 1


def test_who_hides_the_banner_is_not_locked_out(visit: Visit) -> None:
    """A filter list that hides our elements by force leaves a page that can be read and used, in every layout (R52)."""
    for layout in ("bar", "modal"):
        page = visit(layout=layout)
        page.add_style_tag(content="#cst-ask { display: none !important }")
        page.wait_for_timeout(200)
        page.get_by_role("link", name="Home").click()
        page.wait_for_function("window.consent")
        page.add_style_tag(content="[class^=cst-] { display: none !important }")
        page.wait_for_timeout(200)
        page.get_by_role("link", name="Home").click(timeout=3000)
        assert page.evaluate("document.scrollingElement.scrollHeight > innerHeight")
        assert cookies(page) == set()


def slowly(route: Route) -> None:
    """Let a file come late."""
    time.sleep(0.4)
    route.continue_()


# --- layouts ------------------------------------------------------------------------------------


def test_a_modal_first_layer_can_be_left(visit: Visit, store: Memory) -> None:
    """Modal only if the owner wants it; leaving it decides nothing and leaves a banner in its usual place (R3, R10)."""
    page = visit(layout="modal")
    page.wait_for_function("document.querySelector('.cst-frame:modal')")
    assert focused(page) == "cst-ask-title"
    page.keyboard.press("Escape")
    page.locator(".cst-frame").wait_for(state="detached")
    assert page.get_by_role("button", name="Reject all").is_visible()
    page.get_by_role("link", name="Home").click()
    assert (cookies(page), store.records) == (set(), [])


def test_a_modal_first_layer_is_answered_like_any(visit: Visit) -> None:
    """One press, and the page is free (R5, R53)."""
    page = visit(layout="modal")
    page.wait_for_function("document.querySelector('.cst-frame:modal')")
    press(page, "Reject all")
    assert not page.locator(".cst-frame").count()
    assert focused(page) == "top"


@pytest.mark.parametrize("layout", ["bar", "box", "inline", "modal"])
def test_nothing_shifts_and_the_first_paint_has_the_banner(visit: Visit, layout: str) -> None:
    """However slow the stylesheet: what is painted first holds the banner, and nothing moves later (R54)."""
    page = visit(layout=layout)
    page.route("**/consent.*.css", slowly)
    page.goto("/more/1")
    page.wait_for_function("window.consent")
    page.wait_for_timeout(300)
    paint, sheet, shift = page.evaluate(
        """() => new Promise((done) => {
          let shift = 0;
          new PerformanceObserver((list) => { for (const entry of list.getEntries()) shift += entry.value; })
            .observe({ type: "layout-shift", buffered: true });
          const sheet = performance.getEntriesByType("resource").find(({ name }) => name.endsWith(".css"));
          setTimeout(() => done([performance.getEntriesByName("first-contentful-paint")[0].startTime, sheet.responseEnd, shift]), 300);
        })"""
    )
    assert paint >= sheet
    assert shift == 0
    press(page, "Accept all")
