"""The policy gate in a real browser: strict sites keep their policies, and trackers stay out."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.readers import answered
from tests.browser.strict import SHAPES, WAYS, Site, running

pytestmark = pytest.mark.browser

WATCH = """
    window.started = [];
    window.violations = [];
    addEventListener("securitypolicyviolation", (event) =>
      violations.push(`${event.effectiveDirective} ${event.blockedURI}`));
"""
INJECT = """async ([address, ways]) => {
    const add = (name, values) => document.body.append(Object.assign(document.createElement(name), values));
    const reach = {
      script: () => add("script", { src: address + "script" }),
      img: () => add("img", { src: address + "img" }),
      iframe: () => add("iframe", { src: address + "iframe" }),
      fetch: () => fetch(address + "fetch", { mode: "no-cors" }).catch(() => {}),
      beacon: () => navigator.sendBeacon(address + "beacon", "1"),
      font: () => new FontFace("theirs", `url(${address}font)`).load().catch(() => {}),
      socket: () => { new WebSocket(address.replace("http", "ws") + "socket").onerror = () => {}; },
    };
    for (const way of ways) reach[way]();
    await new Promise((done) => setTimeout(done, 500));
}"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running("enforce") as site:
        yield site


class Visitor:
    """A fresh profile on the site; notes every violation and every error."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.site = site
        self.errors: list[str] = []
        page.add_init_script(WATCH)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)

    def opens(self, shape: str) -> None:
        self.page.goto(self.site.address("site", f"/{shape}"), wait_until="load")
        self.page.wait_for_timeout(200)

    def presses(self, action: str) -> None:
        with answered(self.page):
            self.page.locator(f"button[value={action}]").first.click()
        self.page.wait_for_timeout(200)

    @property
    def violations(self) -> list[str]:
        return list(self.page.evaluate("violations"))

    def injects(self, *ways: str) -> set[str]:
        """What arrives at the advertiser when a script of the page tries these ways."""
        self.site.contacted.clear()
        self.page.evaluate(INJECT, [self.site.address("ads"), list(ways)])
        return set(self.site.contacted)


@pytest.fixture
def visitor(chromium: Browser, site: Site) -> Iterator[Visitor]:
    context = chromium.new_context()
    yield Visitor(context.new_page(), site)
    context.close()


@pytest.fixture
def plain(chromium: Browser, site: Site) -> Iterator[Visitor]:
    context = chromium.new_context(java_script_enabled=False)
    yield Visitor(context.new_page(), site)
    context.close()


def is_styled(visitor: Visitor) -> bool:
    position = visitor.page.locator("#cst-ask").evaluate("ask => getComputedStyle(ask).position")
    return bool(position != "static")


@pytest.mark.parametrize("name", SHAPES)
def test_a_strict_site_asks_and_obeys_without_a_violation(visitor: Visitor, name: str) -> None:
    """Under each shape of policy: shown, styled and started as far as it allows; no violation of ours (R34)."""
    shape = SHAPES[name]
    visitor.opens(name)
    assert visitor.page.locator("button[value=reject]").first.is_visible()
    assert is_styled(visitor) is shape.styled
    assert visitor.page.evaluate("started") == []
    assert visitor.page.evaluate("window.dataLayer?.length ?? 0") == (2 if shape.started else 0)
    assert visitor.violations == []
    visitor.presses("accept")
    assert visitor.page.evaluate("window.dataLayer?.length ?? 0") == (3 if shape.started else 0)
    order = ["inline", "local", "foreign"]
    started = [script for script in order if script in shape.gated] if shape.started else []
    assert visitor.page.evaluate("started") == started
    assert visitor.violations == []
    assert visitor.errors == []


@pytest.mark.parametrize("name", SHAPES)
def test_a_strict_site_lets_choose_without_a_violation(visitor: Visitor, name: str) -> None:
    """Under each shape of policy the second layer opens, in the page or as one, and a choice is saved (R34, R53)."""
    visitor.opens(name)
    visitor.page.get_by_role("button", name="Choose").click()
    visitor.page.locator("[name=granted]").first.wait_for()
    assert visitor.violations == []
    visitor.presses("save")
    assert [cookie.get("name") for cookie in visitor.page.context.cookies()] == ["consent"]
    assert visitor.errors == []


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("action", ["accept", "reject"])
def test_a_strict_site_asks_without_scripts(plain: Visitor, name: str, action: str) -> None:
    """Under each shape of policy the buttons work with JavaScript off (R34, R40)."""
    plain.opens(name)
    assert is_styled(plain) is SHAPES[name].styled
    plain.presses(action)
    assert plain.page.locator("#cst-ask").count() == 0
    assert [cookie.get("name") for cookie in plain.page.context.cookies()] == ["consent"]
    assert plain.errors == []


@pytest.mark.parametrize("name", SHAPES)
def test_injected_trackers_are_stopped_by_the_browser(visitor: Visitor, name: str) -> None:
    """Nothing that a script puts into the page reaches who was not agreed to; afterwards it does (R2)."""
    shape = SHAPES[name]
    ways = sorted(WAYS - {"script"} | shape.beyond)
    visitor.opens(name)
    assert visitor.injects(*ways) == set()
    assert {line.split()[0] for line in visitor.violations} >= {
        "img-src",
        "connect-src",
        "frame-src",
        "font-src",
    }
    visitor.presses("reject")
    assert visitor.injects(*ways) == set()
    visitor.page.goto(visitor.site.address("site", "/consent"))
    visitor.presses("accept")
    visitor.opens(name)
    assert visitor.injects(*ways) == shape.beyond


def test_only_what_was_agreed_to_is_opened(visitor: Visitor) -> None:
    """Consent for measuring opens no door to the advertiser (R2, R9)."""
    visitor.page.goto(visitor.site.address("site", "/consent"))
    visitor.page.locator('input[value="analytics"]').check()
    visitor.presses("save")
    visitor.opens("none")
    assert visitor.page.evaluate("started") == ["inline", "local", "foreign"]
    assert visitor.violations == []
    assert visitor.injects(*sorted(WAYS)) == set()


def test_report_mode_blocks_nothing_and_finds_what_nobody_declared(chromium: Browser) -> None:
    """On trial the page works as before, and the undeclared host is known to the site (R48)."""
    with running("report") as site:
        context = chromium.new_context()
        visitor = Visitor(context.new_page(), site)
        visitor.opens("none")
        assert visitor.injects("img", "fetch") == {"img", "fetch"}
        with visitor.page.expect_request("**/consent/csp"):
            visitor.page.evaluate(INJECT, [site.address("new"), ["img"]])
        visitor.page.wait_for_timeout(300)
        context.close()
        assert site.middleware is not None
        assert site.middleware._gatekeeper.host_reports.pairs == (("new.localhost", "img-src"),)
