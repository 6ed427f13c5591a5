"""What vendors are told, in real pages: recorded in their own queues, beside their own base codes (R49, R50)."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from consent import Category, ConsentMiddleware, render_calls, render_script
from consent.calls.regions import EEA
from consent.calls.vendors import vendor
from tests.browser import base_codes
from tests.browser.conftest import Serve
from tests.browser.readers import answered
from tests.sites import Memory, service, settings

pytestmark = pytest.mark.browser

READ = {
    # how a vendor's queue is read: Google's, Clarity's and Meta's must hold `arguments`
    "google": "dataLayer.map(given => [...given])",
    "uet": "[...uetq]",
    "clarity": "clarity.q.map(given => [...given])",
    "meta": "fbq.queue.map(given => [...given])",
    "matomo": "_paq",
    "tiktok": "[...ttq]",
    "pinterest-tag": "pintrk.queue.filter(([name]) => name != 'load')",
    **dict.fromkeys(("amplitude", "mixpanel", "posthog", "piwik-pro"), "said"),
}
PRESENT = {"meta": base_codes.META, "pinterest-tag": base_codes.PINTEREST}
"""Base codes that stand in the page from the start, since there is no queue without them."""


def declared(*names: str) -> list[Category]:
    """One service for each vendor in each category that means something to it."""
    return [
        Category(
            id=category,
            services=[
                service(f"{name}-{category}", consent_call=name)
                for name in names
                if category in (vendor(name).parameters or ("marketing",))
            ],
        )
        for category in ("preferences", "analytics", "marketing")
    ]


class Site:
    """A running site whose pages tests write, and a reader's browser; nobody else is contacted."""

    def __init__(self, context: BrowserContext, serve: Serve, **values: Any) -> None:
        self.head, self.body = "", "{script}" if values.get("control") == "template" else ""
        self.headers: dict[str, str] = {}
        self.asked: list[str] = []
        self.files: dict[str, str] = {}
        self.errors: list[str] = []
        inner = Starlette(routes=[Route("/{path:path}", self._answer)])
        middleware = ConsentMiddleware(inner, settings=settings(**values), records=Memory())
        self.address = f"http://127.0.0.1:{serve(middleware)}"
        self._context = context
        context.route(lambda url: urlsplit(url).hostname != "127.0.0.1", self._note)
        self.page = self.opened()

    def _note(self, route: Any) -> None:
        self.asked.append(urlsplit(route.request.url).hostname or "")
        route.abort()

    async def _answer(self, request: Request) -> Response:
        name = request.path_params["path"]
        if name in self.files:
            return Response(self.files[name], media_type="text/javascript")
        if name == "favicon.ico":
            return Response(status_code=404)
        text = f"<!doctype html><html lang=en><head>{self.head}<title>x</title></head><body><h1>x</h1>{self.body}"
        text = text.replace("{calls}", render_calls(request)).replace("{script}", render_script(request))
        return HTMLResponse(text, headers=self.headers)

    def opened(self, path: str = "/") -> Page:
        """A new tab."""
        page = self._context.new_page()
        page.add_init_script(
            "window.violations = []; addEventListener('securitypolicyviolation', ({ blockedURI }) => violations.push(blockedURI))"
        )
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(self.address + path)
        page.wait_for_function("window.consent")
        return page

    def reads(self, head: str = "", body: str = "") -> None:
        """Open the next page, with this in it."""
        self.head, self.body = head or self.head, body or self.body
        self.page.goto(f"{self.address}/next")
        self.page.wait_for_function("window.consent")

    def presses(self, action: str) -> None:
        with answered(self.page):
            self.page.locator(f"button[value={action}]").first.click()

    def does(self, call: str) -> None:
        """Let a script of the site's own decide."""
        self.page.evaluate(f"{call}.then(() => {{}})")
        self.page.wait_for_timeout(100)


Opens = Callable[..., Site]


@pytest.fixture
def opens(chromium: Browser, served: Serve) -> Iterator[Opens]:
    context = chromium.new_context()
    yield lambda **values: Site(context, served, **values)
    context.close()


def inline(code: str, **attributes: str) -> str:
    given = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f"<script{given}>{code}</script>"


# --- the exact calls ------------------------------------------------------------------------------

ADS = ("ad_storage", "ad_user_data", "ad_personalization")
ALL = (*ADS, "analytics_storage", "functionality_storage", "personalization_storage")
DENIED = dict.fromkeys(ALL, "denied")
GRANTED = dict.fromkeys(ALL, "granted")
DEFAULT = [
    ["consent", "default", {**DENIED, "security_storage": "granted", "wait_for_update": 500}],
    ["set", "ads_data_redaction", True],
]
NO, YES = {"ad_storage": "denied"}, {"ad_storage": "granted"}
NEITHER = {"ad_Storage": "denied", "analytics_Storage": "denied"}
BOTH = {"ad_Storage": "granted", "analytics_Storage": "granted"}
META = [["init", "1"], ["track", "PageView"]]


def settle(status: int) -> list[Any]:
    return ["api", "setComplianceSettings", {"consents": {"analytics": {"status": status}}}, "function"]


CALLS: dict[str, tuple[list[Any], list[Any], list[Any], list[Any], list[Any]]] = {
    # by default, on a grant, on a withdrawal; on later pages of who granted, and of who refused
    "google": (
        DEFAULT,
        [["consent", "update", GRANTED]],
        [["consent", "update", DENIED]],
        [*DEFAULT, ["consent", "update", GRANTED]],
        [*DEFAULT, ["consent", "update", DENIED]],
    ),
    "uet": (
        ["consent", "default", NO],
        ["consent", "update", YES],
        ["consent", "update", NO],
        ["consent", "default", NO, "consent", "update", YES],
        ["consent", "default", NO, "consent", "update", NO],
    ),
    "clarity": (
        [["consentv2", NEITHER]],
        [["consentv2", BOTH]],
        [["consentv2", NEITHER]],
        [["consentv2", NEITHER], ["consentv2", BOTH]],
        [["consentv2", NEITHER]],
    ),
    "meta": (
        [["consent", "revoke"], *META],
        [["consent", "grant"]],
        [["consent", "revoke"]],
        [["consent", "revoke"], ["consent", "grant"], *META],
        [["consent", "revoke"], *META],
    ),
    "matomo": (
        [["requireCookieConsent"]],
        [["setCookieConsentGiven"]],
        [["forgetCookieConsentGiven"]],
        [["requireCookieConsent"], ["setCookieConsentGiven"]],
        [["requireCookieConsent"]],
    ),
    "tiktok": (
        [["holdConsent"]],
        [["grantConsent"]],
        [["revokeConsent"]],
        [["holdConsent"], ["grantConsent"]],
        [["holdConsent"], ["revokeConsent"]],
    ),
    "amplitude": ([], [["setOptOut", False]], [["setOptOut", True]], [], []),
    "mixpanel": ([], [["opt_in_tracking"]], [["opt_out_tracking"]], [], []),
    "posthog": ([], [["opt_in_capturing"]], [["opt_out_capturing"]], [], []),
    "piwik-pro": ([], [settle(1)], [settle(0)], [], []),
    "pinterest-tag": ([], [["setconsent", True]], [["setconsent", False]], [], []),
}


@pytest.mark.parametrize("name", CALLS)
def test_each_vendor_is_told_by_its_own_calls(opens: Opens, name: str) -> None:
    """By default, on a grant, on a withdrawal and on later pages: these calls, in this order, and no other (R49, R50)."""
    default, granting, withdrawing, later, refused = CALLS[name]
    site = opens(categories=declared(name))
    site.reads(body=inline(base_codes.GLOBALS + PRESENT.get(name, "")))
    assert site.page.evaluate(READ[name]) == default
    site.presses("accept")
    assert site.page.evaluate(READ[name]) == [*default, *granting]
    site.does("consent.withdraw()")
    assert site.page.evaluate(READ[name]) == [*default, *granting, *withdrawing]
    site.does("consent.save(['preferences', 'analytics', 'marketing'])")
    site.reads()
    assert site.page.evaluate(READ[name]) == later
    site.does("consent.withdraw()")
    site.reads()
    assert site.page.evaluate(READ[name]) == refused
    assert site.errors == []


def test_google_is_given_arguments(opens: Opens) -> None:
    """An array in its queue would be passed over (R49)."""
    site = opens(categories=declared("google"))
    site.presses("reject")
    kinds = site.page.evaluate("dataLayer.map(given => Object.prototype.toString.call(given))")
    assert kinds == ["[object Arguments]"] * 3


def test_a_refusal_is_an_update_too(opens: Opens) -> None:
    """Exactly one for each decision, also if it changes nothing for the vendor (R49)."""
    site = opens(categories=declared("google", "uet"))
    site.presses("reject")
    assert site.page.evaluate(READ["google"]) == [*DEFAULT, ["consent", "update", DENIED]]
    assert site.page.evaluate(READ["uet"]) == ["consent", "default", NO, "consent", "update", NO]


@pytest.mark.parametrize(
    ("chosen", "granted"),
    [
        (["analytics"], ["analytics_storage"]),
        (["marketing"], [*ADS]),
        (["google-marketing"], [*ADS]),
        (["preferences", "google-analytics"], [*ALL[3:]]),
    ],
)
def test_each_parameter_follows_its_category(opens: Opens, chosen: list[str], granted: list[str]) -> None:
    """What is chosen for a category or for a service alone is what its parameters are told (R49)."""
    site = opens(categories=declared("google"))
    site.does(f"consent.save({chosen})")
    wanted = {**DENIED, **dict.fromkeys(granted, "granted")}
    assert site.page.evaluate(READ["google"])[-1] == ["consent", "update", wanted]
    site.reads()
    assert site.page.evaluate(READ["google"]) == [*DEFAULT, ["consent", "update", wanted]]


def test_who_has_decided_on_something_else_only_has_not_decided(opens: Opens) -> None:
    """No update before the visitor has said anything of the vendor's own services (R49)."""
    others = [Category(id="preferences", services=[service("maps")]), declared("google")[1]]
    site = opens(categories=others)
    site.page.request.post(
        f"{site.address}/consent",
        form={"action": "accept", "asked": "maps"},
        headers={"origin": site.address},
    )
    site.reads()
    assert site.page.evaluate("consent.get().granted.includes('maps')")
    assert site.page.evaluate(READ["google"]) == DEFAULT


def test_nothing_is_told_twice(opens: Opens) -> None:
    """The same decision once more, in this tab or another, is none for the vendors (R49, R50)."""
    site = opens(categories=declared("google", "clarity", "tiktok"))
    site.presses("accept")
    site.does("consent.save(['preferences', 'analytics', 'marketing'])")
    site.page.evaluate("document.dispatchEvent(new CustomEvent('consent:change', { detail: consent.get() }))")
    assert len(site.page.evaluate(READ["google"])) == 3
    assert len(site.page.evaluate(READ["clarity"])) == 2
    assert site.page.evaluate(READ["tiktok"]) == [["holdConsent"], ["grantConsent"]]


def test_a_head_that_is_put_in_again_tells_nothing_again(opens: Opens) -> None:
    """Frameworks that swap pages may run the script once more in the same page (R49)."""
    site = opens(categories=declared("google"))
    source = site.page.locator("script[src*='calls.']").get_attribute("src")
    site.page.add_script_tag(url=f"{site.address}{source}")
    assert site.page.evaluate(READ["google"]) == DEFAULT


# --- the order ------------------------------------------------------------------------------------

HEADED = [
    inline("window.first = window.dataLayer?.length"),
    '<meta charset="utf-8"><script src="/own.js"></script>',
]


@pytest.mark.parametrize("head", HEADED)
def test_it_has_run_before_the_first_script_of_the_page(opens: Opens, head: str) -> None:
    """Inline or a file, whatever stands in the head finds the defaults made (R49)."""
    site = opens(categories=declared("google"))
    site.files["own.js"] = "window.first = window.dataLayer?.length"
    site.reads(head=head)
    assert site.page.evaluate("first") == 2
    site.presses("reject")
    site.reads()
    assert site.page.evaluate("first") == 3


BASE_CODES: dict[str, tuple[str, list[Any]]] = {
    "google": (base_codes.GOOGLE, [*DEFAULT, ["consent", "update", GRANTED]]),
    "uet": (base_codes.UET, ["consent", "default", NO, "consent", "update", YES]),
    "clarity": (base_codes.CLARITY, [["consentv2", NEITHER], ["consentv2", BOTH]]),
    "meta": (base_codes.META, [["consent", "revoke"], ["consent", "grant"], *META]),
    "matomo": (
        base_codes.MATOMO,
        [["requireCookieConsent"], ["setCookieConsentGiven"], ["trackPageView"]],
    ),
    "tiktok": (base_codes.TIKTOK, [["holdConsent"], ["grantConsent"], ["page"]]),
}


@pytest.mark.parametrize("name", BASE_CODES)
def test_base_codes_start_after_consent_and_find_it_told(opens: Opens, name: str) -> None:
    """Basic mode: nobody is contacted before; then the vendor's own code goes on with a queue that begins so (R2, R49)."""
    code, begin = BASE_CODES[name]
    site = opens(categories=declared(name))
    site.reads(body=inline(code, type="text/plain", data_consent="marketing"))
    site.page.wait_for_timeout(200)
    assert site.asked == []
    site.presses("accept")
    site.page.wait_for_timeout(200)
    for _ in ("in this page", "on the next one"):
        assert site.page.evaluate(READ[name])[: len(begin)] == begin
        assert len(site.asked) == (name != "google")
        site.asked.clear()
        site.reads()
        site.page.wait_for_timeout(200)
    assert [error for error in site.errors if "UET" not in error] == []


def test_metas_own_global_is_left_as_it_would_be(opens: Opens) -> None:
    """Before its base code there is no `fbq`, and afterwards it is the page's own (R50)."""
    site = opens(categories=declared("meta"))
    assert site.page.evaluate("[typeof fbq, window.fbq]") == ["undefined", None]
    site.reads(body=inline(base_codes.META))
    assert site.page.evaluate("fbq === _fbq && 'value' in Object.getOwnPropertyDescriptor(window, 'fbq')")


def test_metas_script_may_be_there_already(opens: Opens) -> None:
    """Where a template has put ours after the base code, it is told all the same (R50)."""
    site = opens(categories=declared("meta"), control="template")
    site.reads(head=inline(base_codes.META) + "{calls}")
    assert site.page.evaluate(READ["meta"]) == [*META, ["consent", "revoke"]]
    site.does("consent.save('marketing')")
    assert site.page.evaluate(READ["meta"]) == [*META, ["consent", "revoke"], ["consent", "grant"]]


def test_a_global_that_comes_late_is_told_when_it_is_there(opens: Opens) -> None:
    """A grant in a page starts the vendor's file: what it makes is told once it has loaded (R50)."""
    site = opens(categories=declared("posthog"))
    site.files["posthog.js"] = base_codes.GLOBALS
    site.files["other.js"] = ""
    held = {"type": "text/plain", "data_consent": "marketing"}
    site.reads(
        body=inline("", src="/other.js")
        + inline("", src="/posthog.js", **held)
        + inline("", src="/other.js", **held)
    )
    site.presses("accept")
    site.page.wait_for_function("window.said?.length")
    site.page.wait_for_timeout(200)
    assert site.page.evaluate("said") == [["opt_in_capturing"]]
    site.reads()
    site.page.wait_for_function("window.said")
    assert site.page.evaluate("said") == []


def test_the_fault_of_one_vendor_is_not_the_others(opens: Opens) -> None:
    """A global that throws is reported, and everybody else is told (R50)."""
    site = opens(categories=declared("clarity", "google"))
    site.page.evaluate("void (window.clarity = () => { throw new Error('not today') })")
    site.presses("accept")
    assert site.page.evaluate(READ["google"])[-1] == ["consent", "update", GRANTED]
    assert site.errors == ["not today"]


# --- strict sites ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "policy", ["script-src 'nonce-n'", "script-src 'nonce-n' 'strict-dynamic'; trusted-types consent"]
)
def test_it_works_under_nonces_and_trusted_types(opens: Opens, policy: str) -> None:
    """With a nonce-only policy and enforced Trusted Types all is told, without a violation (R34)."""
    site = opens(categories=declared("google", "meta", "tiktok"))
    site.headers["content-security-policy"] = (
        f"{policy}; require-trusted-types-for 'script'; connect-src 'self'"
    )
    site.reads(head=inline(base_codes.META.replace("t.src=v;", ""), nonce="n"))
    site.presses("accept")
    assert site.page.evaluate(READ["google"]) == [*DEFAULT, ["consent", "update", GRANTED]]
    assert site.page.evaluate(READ["meta"]) == [["consent", "revoke"], *META, ["consent", "grant"]]
    assert site.page.evaluate("violations") == []
    assert site.errors == []


# --- regions --------------------------------------------------------------------------------------


def test_google_denies_by_default_where_it_is_said(opens: Opens) -> None:
    """Two defaults: denied in these regions, granted elsewhere; a decision counts everywhere (R49)."""
    site = opens(categories=declared("google"), google_regions=["EEA", "GB"])
    fixed = {"security_storage": "granted", "wait_for_update": 500}
    default = [
        ["consent", "default", {**DENIED, **fixed, "region": sorted([*EEA, "GB"])}],
        ["consent", "default", {**GRANTED, **fixed}],
        ["set", "ads_data_redaction", True],
    ]
    assert site.page.evaluate(READ["google"]) == default
    site.presses("reject")
    assert site.page.evaluate(READ["google"]) == [*default, ["consent", "update", DENIED]]


# --- pages for all, other tabs, the history -------------------------------------------------------


def test_pages_for_all_tell_what_the_cookie_says(opens: Opens) -> None:
    """With the same bytes for everybody the defaults come first, and on later pages one update (R36, R49)."""
    site = opens(categories=declared("google", "matomo"), cache="shared")
    assert site.page.evaluate(READ["google"]) == DEFAULT
    site.presses("accept")
    update = ["consent", "update", GRANTED]
    assert site.page.evaluate(READ["google"]) == [*DEFAULT, update]
    site.reads(head=inline("window.early = dataLayer.length"))
    assert site.page.evaluate(READ["google"]) == [*DEFAULT, update]
    assert site.page.evaluate("early") == 3
    assert site.page.evaluate(READ["matomo"]) == [["requireCookieConsent"], ["setCookieConsentGiven"]]


@pytest.mark.parametrize("cookie", [None, "0.google-marketing.", "garbage"])
def test_pages_for_all_without_a_cookie_that_counts(opens: Opens, cookie: str | None) -> None:
    """Who has only the signed answer is asked of the server; what another catalogue's says is not believed (R16, R36)."""
    site = opens(categories=declared("google"), cache="shared")
    site.presses("accept")
    site._context.clear_cookies(name="consent-known")
    if cookie:
        site._context.add_cookies([{"name": "consent-known", "value": cookie, "url": site.address}])
    site.reads(head=inline("window.early = dataLayer.length"))
    assert site.page.evaluate("early") == 2
    assert site.page.evaluate(READ["google"]) == [*DEFAULT, ["consent", "update", GRANTED]]


@pytest.mark.parametrize("signals", [["gpc"], ["gpc", "dnt"], ["adpc", "gpc"]])
def test_pages_for_all_never_tell_what_a_signal_outweighs(opens: Opens, signals: list[str]) -> None:
    """Who agreed, and has a browser that objects since, is not called consenting for a moment (R43, R49)."""
    site = opens(categories=declared("google"), cache="shared", signals=signals)
    site.presses("accept")
    site._context.set_extra_http_headers({"Sec-GPC": "1"})
    site.page.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })")
    site.reads(head=inline("window.early = dataLayer.length"))
    assert site.page.evaluate("early") == 2
    told = site.page.evaluate(READ["google"])
    assert told[:2] == DEFAULT
    assert [call[2]["ad_storage"] for call in told[2:]] == ["denied"]
    assert told[2][2]["analytics_storage"] == "granted"


def test_other_tabs_and_pages_from_the_history_follow(opens: Opens) -> None:
    """A decision elsewhere is told wherever the page is seen again (R41, R49)."""
    site = opens(categories=declared("google"))
    other = site.opened("/other")
    site.presses("accept")
    other.wait_for_function("dataLayer.length > 2")
    assert other.evaluate(READ["google"]) == [*DEFAULT, ["consent", "update", GRANTED]]
    other.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")  # it hears no messages any more
    site.does("consent.withdraw()")
    assert len(other.evaluate(READ["google"])) == 3
    other.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    other.wait_for_function("dataLayer.length > 3")
    assert other.evaluate(READ["google"])[3:] == [["consent", "update", DENIED]]
