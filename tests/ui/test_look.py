"""What visitors see, measured in a real browser."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from consent.state import Consent
from tests.ui.conftest import Shown
from tests.ui.test_rendering import NOBODY, RENDERER, standing

pytestmark = pytest.mark.browser

PHONE = {"width": 375, "height": 667}
DESKTOP = {"width": 1280, "height": 900}
ZOOMED = {"width": 320, "height": 256}

PARAGRAPH = "<p>The bridge at Tollen carried its first cars on <a href='/thursday'>Thursday</a>, eleven months late.</p>"
PLAIN = """body { font: 1.1rem/1.6 serif; background: #fff }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee } a { color: #9cf } }"""
HOSTILE = """body { margin: 0; font: 1.1rem/1.6 serif } section { padding: 5rem; background: yellow }
button { background: hotpink; padding: 2em } p { font-size: 3rem } [hidden] { display: none !important }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee } a { color: #9cf } }"""


def article(
    fragment: str, language: str = "en", direction: str = "ltr", style: str = HOSTILE, inside: str = ""
) -> str:
    """A page of somebody else's, whose style knows nothing of ours."""
    return (
        f'<!doctype html><html lang="{language}" dir="{direction}"><head><title>Tollen bridge reopens</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" '
        f'content="light dark"><style>{style}</style></head><body>{fragment}<header><a href="/">The Courier</a>'
        f"</header><main><h1>Tollen bridge reopens</h1>{inside}{PARAGRAPH * 20}</main></body></html>"
    )


def asking(language: str = "en", **values: Any) -> str:
    return article(RENDERER.banner(language=language, base="", return_to="/"), language, **values)


def decided(consent: Consent = NOBODY, language: str = "en") -> str:
    shared: dict[str, Any] = {"language": language, "base": "", "return_to": "/"}
    return article(
        RENDERER.confirmation(consent, **shared) + RENDERER.control(**shared, styled=False), language
    )


def policy(language: str = "en") -> str:
    consent = standing("analytics", services=("ads",))
    return RENDERER.policy_page(consent, language=language, base="", return_to="/")


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{violation['id']}: {node['html']}" for violation in found for node in violation["nodes"]]


def style(page: Page, selector: str, names: list[str]) -> dict[str, str]:
    script = "([s, names]) => { const c = getComputedStyle(document.querySelector(s)); return names.map(n => c[n]) }"
    return dict(zip(names, page.evaluate(script, [selector, names]), strict=True))


STATES = {
    "banner": {"/": asking()},
    "Banner": {"/": asking("de")},
    "control": {"/": decided()},
    "confirmation": {"/#cst-saved": "", "/": decided(standing("analytics"))},
    "policy": {"/": policy()},
    "Richtlinie": {"/": policy("de")},
    "embedded": {
        "/": article("", style=PLAIN, inside=RENDERER.policy(NOBODY, language="en", base="", return_to="/"))
    },
    "error": {"/": RENDERER.error_page(status=404, key="not_found", language="en", base="", return_to="/")},
}


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP, ZOOMED], ids=["phone", "desktop", "zoomed"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(show: Shown, state: str, scheme: str, viewport: dict[str, int]) -> None:
    """No violation in any state, size or colour scheme, and nothing to scroll sideways (R51)."""
    pages = STATES[state]

    def look(page: Page) -> tuple[list[str], bool]:
        if "/#cst-saved" in pages:
            page.evaluate("location.hash = 'cst-saved'")
        return violations(page), page.evaluate("document.documentElement.scrollWidth > innerWidth")

    assert show({"/": pages["/"]}, look, viewport=viewport, color_scheme=scheme) == ([], False)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_banner_leaves_two_thirds_of_a_phone(show: Shown, language: str) -> None:
    """At most a third of the window, with every button in sight (R52)."""

    def look(page: Page) -> tuple[float, list[float]]:
        height = page.locator("#cst-ask").bounding_box()["height"]  # type: ignore[index]
        boxes = [button.bounding_box() for button in page.locator("#cst-ask button").all()]
        return height, [box["y"] + box["height"] for box in boxes if box]

    height, ends = show({"/": asking(language)}, look, viewport=PHONE)
    assert height <= PHONE["height"] / 3 + 1
    assert len(ends) == 3
    assert max(ends) <= PHONE["height"]


def test_with_text_twice_as_large_every_button_is_in_sight(show: Shown) -> None:
    """At 200 % text the words scroll and the buttons stay (R51)."""

    def look(page: Page) -> list[float]:
        boxes = [button.bounding_box() for button in page.locator("#cst-ask button").all()]
        return [box["y"] + box["height"] for box in boxes if box]

    large = HOSTILE + "html { font-size: 200% }"
    for language in ("en", "de"):
        ends = show({"/": asking(language, style=large)}, look, viewport=PHONE)
        assert max(ends) <= PHONE["height"]


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP])
@pytest.mark.parametrize("forced", ["none", "active"])
def test_accept_and_reject_look_the_same(show: Shown, viewport: dict[str, int], forced: str) -> None:
    """Every computed style is the same, and so is the size (R5)."""
    script = """() => {
      const [one, other] = [...document.querySelectorAll("#cst-ask [name=action]")];
      const [a, b] = [getComputedStyle(one), getComputedStyle(other)];
      const geometry = /^(perspective|transform)-origin$/;
      const differing = [...a].filter((name) => !geometry.test(name) && a[name] !== b[name]);
      return [differing, one.offsetWidth - other.offsetWidth, one.offsetHeight - other.offsetHeight];
    }"""
    found = show({"/": asking()}, lambda page: page.evaluate(script), viewport=viewport, forced_colors=forced)
    assert found == [[], 0, 0]


def test_targets_are_large_enough(show: Shown) -> None:
    """Buttons, boxes and the control can be met with a thumb: 44 px both ways (R51)."""

    def sizes(page: Page) -> list[tuple[float, float]]:
        found = page.locator(".cst-button, .cst-tick, .cst-control__link, .cst-page__back").all()
        boxes = [element.bounding_box() for element in found]
        return [(box["width"], box["height"]) for box in boxes if box]

    for pages in ({"/": asking()}, {"/": decided()}, {"/": policy()}):
        found = show(pages, sizes, viewport=PHONE)
        assert found
        assert all(width >= 44 and height >= 44 for width, height in found)


@pytest.mark.parametrize("viewport", [PHONE, ZOOMED, DESKTOP], ids=["phone", "zoomed", "desktop"])
@pytest.mark.parametrize("pages", [{"/": asking()}, {"/": decided()}], ids=["banner", "control"])
def test_nothing_that_has_the_focus_is_covered(
    show: Shown, pages: dict[str, str], viewport: dict[str, int]
) -> None:
    """Whoever goes through the page by keyboard sees every link, first ours and then the page's (R52)."""
    script = """() => {
      const {x, y, width, height} = document.activeElement.getBoundingClientRect();
      const top = document.elementFromPoint(x + width / 2, y + height / 2);
      return document.activeElement === top || document.activeElement.contains(top);
    }"""

    def walk(page: Page) -> list[bool]:
        total = page.locator("a:visible, button:visible").count()
        seen = []
        for _ in range(total):
            page.keyboard.press("Tab")
            seen.append(page.evaluate(script))
        return seen

    seen = show(pages, walk, viewport=viewport)
    assert len(seen) > 20
    assert all(seen)


def test_the_end_of_the_page_can_be_reached(show: Shown) -> None:
    """Room is kept: the last line can be scrolled clear of banner and control (R52)."""
    script = """() => {
      scrollTo(0, 1e6);
      const {left, bottom} = document.querySelector("main").lastElementChild.getBoundingClientRect();
      return document.elementFromPoint(left + 1, bottom - 1).closest("p") !== null;
    }"""
    for pages in ({"/": asking()}, {"/": decided()}):
        for viewport in (PHONE, DESKTOP):
            assert show(pages, lambda page: page.evaluate(script), viewport=viewport)


def test_in_a_low_window_the_banner_is_part_of_the_page(show: Shown) -> None:
    """Below 600 px nothing stands still over the text (R52)."""
    look = {"position", "backgroundColor"}
    found = show({"/": asking()}, lambda page: style(page, "#cst-ask", sorted(look)), viewport=ZOOMED)
    assert found == {"position": "static", "backgroundColor": "rgb(255, 255, 255)"}


def test_the_page_stays_as_it_was(show: Shown) -> None:
    """The stylesheet changes nothing of the page but the room at its end (R10)."""
    script = """() => [...document.querySelectorAll("html, header, header *, main, main *")].map((element) => {
      const style = getComputedStyle(element);
      return [...style].filter((name) => !/^(--cst|padding-(bottom|block)|scroll-padding|block-size|height)/.test(name)
        && !/origin/.test(name)).map((name) => style[name]).join();
    })"""
    bare = show({"/": article("")}, lambda page: page.evaluate(script), viewport=DESKTOP)
    for pages in ({"/": asking()}, {"/": decided()}):
        assert show(pages, lambda page: page.evaluate(script), viewport=DESKTOP) == bare


def test_it_stays_off_paper(show: Shown) -> None:
    """Nobody can press a printed button (R51)."""

    def look(page: Page) -> list[str]:
        page.emulate_media(media="print")
        return [style(page, selector, ["display"])["display"] for selector in ("#cst-saved", "#cst-control")]

    assert show({"/": decided()}, look) == ["none", "none"]

    def banner(page: Page) -> list[str]:
        page.emulate_media(media="print")
        return [
            style(page, "#cst-ask", ["display"])["display"],
            style(page, "html", ["paddingBottom"])["paddingBottom"],
        ]

    assert show({"/": asking()}, banner) == ["none", "0px"]


def test_the_layout_never_shifts(show: Shown) -> None:
    """Banner and room are there at first paint (R54)."""
    script = """() => new Promise((done) => {
      let shift = 0;
      new PerformanceObserver((list) => { for (const entry of list.getEntries()) shift += entry.value; })
        .observe({type: "layout-shift", buffered: true});
      setTimeout(() => done(shift), 300);
    })"""
    for pages in ({"/": asking()}, {"/": decided()}):
        assert show(pages, lambda page: page.evaluate(script), viewport=PHONE) == 0


def test_from_right_to_left_everything_is_mirrored(show: Shown) -> None:
    """In a page written from right to left the control stands on the right (R51)."""
    html = RENDERER.control(language="en", base="").replace('dir="ltr"', 'dir="rtl"')

    def look(page: Page) -> float:
        box = page.locator("#cst-control").bounding_box()
        assert box
        return box["x"]

    assert show({"/": article(html, direction="rtl")}, look, viewport=PHONE) > PHONE["width"] / 2


@pytest.mark.parametrize("viewport", [PHONE, ZOOMED], ids=["phone", "zoomed"])
def test_a_decision_is_confirmed_without_scripts(show: Shown, viewport: dict[str, int]) -> None:
    """The target of the address is shown and has the focus; closing it hides it again (R40, R53)."""
    pages = {
        "/x": "<!doctype html><title>x</title><a href='/#cst-saved'>on</a>",
        "/": decided(standing("analytics")),
    }

    def look(page: Page) -> list[Any]:
        page.click("a")
        saved = page.locator("#cst-saved")
        saved.wait_for()
        page.keyboard.press("Tab")
        seen = [saved.is_visible(), page.locator("#cst-saved a").first.evaluate("a => a.matches(':focus')")]
        page.locator("#cst-saved a").last.click()
        return [*seen, saved.is_visible(), page.url.endswith("/#cst-closed")]

    assert show(pages, look, viewport=viewport, java_script_enabled=False) == [True, True, False, True]


def test_the_services_of_a_ticked_category_are_shown_as_included(show: Shown) -> None:
    """Who allows all of a category has no single boxes to tick, and sees why (R9)."""

    def look(page: Page) -> list[tuple[bool, bool]]:
        service = page.locator("li", has=page.locator("input[value=counter]"))
        seen = []
        for _ in range(2):
            seen.append((service.locator("input").is_visible(), service.get_by_text("Included").is_visible()))
            page.locator("input[value=analytics]").click()
        return seen

    assert show({"/": policy()}, look, viewport=DESKTOP) == [(False, True), (True, False)]
