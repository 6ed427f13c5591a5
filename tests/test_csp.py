"""The policy gate around real apps: which responses carry it, beside what, and where reports go."""

import gzip
import re
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from consent import RequestConsent, get_consent, render_policy
from consent.gates.reports import BURST
from consent.ui.rendering import Renderer
from tests.sites import PAGE, Clock, browser, categories, decide, settings, site

ENFORCED = "content-security-policy"
REPORTED = "content-security-policy-report-only"
NONCED = "script-src 'nonce-abc'; style-src 'nonce-def'"
REPORT = {"csp-report": {"blocked-uri": "https://new.example/x.js", "effective-directive": "script-src-elem"}}
KIND = {"content-type": "application/csp-report"}


def sends(*policies: str, text: str = PAGE, **headers: str) -> Any:
    """A view whose page has these policies of its own."""

    async def view(request: Request) -> Response:
        response = HTMLResponse(text, headers=headers)
        response.raw_headers += [(ENFORCED.encode(), policy.encode()) for policy in policies]
        return response

    return view


def own(response: Any, name: str = ENFORCED) -> list[str]:
    """The policies of ours among the response's."""
    return [value for value in response.headers.get_list(name) if "report-uri /consent/csp" in value]


def test_by_default_there_is_no_second_policy() -> None:
    """The gate is there by setting only (R34)."""
    client = browser(site())
    assert ENFORCED not in client.get("/").headers
    assert client.post("/consent/csp", json=REPORT, headers=KIND).status_code == 405


@pytest.mark.parametrize(("mode", "name"), [("enforce", ENFORCED), ("report", REPORTED)])
def test_a_page_carries_the_policy_of_its_visitor(mode: str, name: str) -> None:
    """Before consent no declared host is named, afterwards each that was agreed to (R2)."""
    client = browser(site(csp=mode))
    [before] = own(client.get("/"), name)
    assert "stats.example" not in before
    decide(client, "save", granted="analytics")
    response = client.get("/")
    [after] = own(response, name)
    assert " stats.example:* *.stats.example:*" in after
    assert "ads.example" not in after
    assert response.headers["vary"] == "Cookie, Sec-GPC"
    assert "private" in response.headers["cache-control"]


def test_the_sites_own_policies_stay_as_they_are() -> None:
    """Ours is one more header: browsers obey all, so that none is loosened (R34)."""
    theirs = [NONCED, "img-src 'self', font-src 'none'"]
    response = browser(site(Route("/own", sends(*theirs)), csp="enforce")).get("/own")
    values = response.headers.get_list(ENFORCED)
    assert values[:2] == theirs
    assert values[2:] == own(response)


async def as_json(request: Request) -> Response:
    return JSONResponse({})


async def away(request: Request) -> Response:
    return RedirectResponse("/")


async def missing(request: Request) -> Response:
    return HTMLResponse("<p>Not here.", status_code=404)


async def compressed(request: Request) -> Response:
    headers = {"content-encoding": "gzip", "cache-control": "public, max-age=60"}
    return HTMLResponse(gzip.compress(PAGE.encode()), headers=headers)


ROUTES = [
    Route("/json", as_json),
    Route("/away", away),
    Route("/missing", missing),
    Route("/coded", compressed),
    Route("/out/frame", sends(text="<p>fragment")),
]


@pytest.mark.parametrize(
    ("path", "headers", "carried"),
    [
        ("/", {}, 1),
        ("/", {"sec-fetch-dest": "iframe"}, 1),
        ("/", {"sec-fetch-dest": "empty"}, 0),
        ("/missing", {}, 1),
        ("/coded", {}, 1),
        ("/out/frame", {}, 1),
        ("/json", {}, 0),
        ("/away", {}, 0),
    ],
)
def test_every_document_carries_it_and_nothing_else(path: str, headers: dict[str, str], carried: int) -> None:
    """Pages, errors, frames, fragments shown by themselves and pages without a banner (R2, R33)."""
    response = browser(site(*ROUTES, csp="enforce", exclude=["/out"])).get(path, headers=headers)
    assert len(own(response)) == carried
    if carried:
        assert "public" not in response.headers["cache-control"]
        assert "Cookie" in response.headers["vary"]


def test_excluded_pages_without_gates_have_no_policy() -> None:
    """`gate_excluded` speaks of every gate (R2)."""
    client = browser(site(*ROUTES, csp="enforce", exclude=["/out"], gate_excluded=False))
    assert own(client.get("/out/frame")) == []


def test_a_document_is_asked_for_whole() -> None:
    """A browser's own copy has the policy of yesterday's standing: it is not confirmed (R35)."""
    seen: list[str] = []

    async def view(request: Request) -> Response:
        seen.extend(request.headers.keys())
        return HTMLResponse("<p>Hello")

    known = {"if-none-match": '"a"', "sec-fetch-dest": "iframe"}
    browser(site(Route("/frame", view), csp="enforce")).get("/frame", headers=known)
    assert "if-none-match" not in seen
    browser(site(Route("/frame", view))).get("/frame", headers=known)
    assert "if-none-match" in seen


# --- our tags -------------------------------------------------------------------------------------


@pytest.mark.parametrize("csp", ["off", "enforce"])
@pytest.mark.parametrize("stage", ["asked", "decided", "later"])
def test_the_sites_nonces_are_on_our_tags(csp: str, stage: str) -> None:
    """Banner, confirmation and control bring stylesheet and script, each with its nonce (R34)."""
    clock = Clock()
    client = browser(site(Route("/own", sends(NONCED)), clock=clock, csp=csp))
    if stage != "asked":
        decide(client, "accept")
    clock.now += 3600 if stage == "later" else 0
    for _ in range(2):
        text = client.get("/own").text
        assert re.findall(r'<link rel="stylesheet"[^>]* nonce="(\w+)"', text) == ["def"]
        assert re.findall(r'<script [^>]*nonce="(\w+)"', text) == ["abc"]
    assert "nonce" not in client.get("/").text


@pytest.mark.parametrize(
    ("policy", "script", "style"),
    [
        ("default-src 'none'; form-action 'self'", False, False),
        ("script-src 'sha256-abc='", False, True),
        ("style-src 'none'", True, False),
        ("default-src 'self'", True, True),
    ],
)
def test_tags_that_would_be_blocked_are_left_out(policy: str, script: bool, style: bool) -> None:
    """The banner is plain HTML and stays usable without either (R34, R40)."""
    text = browser(site(Route("/own", sends(policy)))).get("/own").text
    assert ("<script" in text, '<link rel="stylesheet"' in text) == (script, style)
    assert text.count('value="reject"') == 1


def test_the_script_is_told_what_trusted_types_allow() -> None:
    """Where the policy ``consent`` may not be made, the tag says so (R34)."""
    told = 'data-cst-trust="none"'
    app = site(
        Route("/none", sends("trusted-types 'none'")),
        Route("/consent-too", sends("trusted-types consent")),
    )
    client = browser(app)
    assert [told in client.get(path).text for path in ("/none", "/consent-too", "/")] == [True, False, False]


def test_the_script_is_told_of_no_address_that_it_may_not_ask() -> None:
    """Where connections are closed, a page from the history is simply loaded again (R34)."""
    app = site(Route("/closed", sends("connect-src 'none'")))
    client = browser(app)
    assert ["data-cst-at" in client.get(path).text for path in ("/closed", "/")] == [False, True]


def test_what_is_left_out_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """The log says why the banner is without its stylesheet, and what to add (R34)."""
    client = browser(site(Route("/own", sends("default-src 'none'; script-src 'self'"))))
    with caplog.at_level("WARNING", "consent"):
        client.get("/own")
        client.get("/own")
    [line] = [message for message in caplog.messages if "style-src" in message]
    assert "'self'" in line


def test_a_page_of_ones_own_gives_its_nonce() -> None:
    """`render_policy` puts the nonce that it is given on its stylesheet, escaped (R34)."""

    async def view(request: Request) -> Response:
        return HTMLResponse("<!doctype html><body>" + render_policy(request, nonce='a"b'))

    text = browser(site(Route("/own", view))).get("/own").text
    assert ' nonce="a&#34;b">' in text


@pytest.mark.parametrize("action", [None, "accept"])
def test_nothing_of_ours_is_written_inline(action: str | None) -> None:
    """No style, script or handler inside our markup: strict policies have nothing to object to (R34)."""
    given = settings(categories=categories())
    renderer = Renderer(given, given.catalogue)
    client = browser(site())
    if action:
        decide(client, action)
    texts = [client.get("/").text, client.get("/consent").text]
    texts.append(renderer.error_page(status=404, key="not_found", language="en", base="", return_to="/"))
    for text in texts:
        assert not re.search(r"<style|<[^>]*\s(?:style|on\w+)=|javascript:", text, re.IGNORECASE)
        assert all('src="/' in tag for tag in re.findall(r"<script[^>]*>", text))
        assert not re.search(r"<script[^>]*>[^<]", text)


# --- reports --------------------------------------------------------------------------------------


async def pairs(request: Request) -> Response:
    consent: RequestConsent = get_consent(request)
    return JSONResponse(consent.gatekeeper.host_reports.pairs)


@pytest.mark.parametrize("mode", ["report", "enforce"])
def test_undeclared_hosts_are_collected(mode: str) -> None:
    """A browser's report leaves host and directive behind, where the site can read them (R48)."""
    client = browser(site(Route("/pairs", pairs), csp=mode))
    response = client.post("/consent/csp", json=REPORT, headers=KIND)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["cache-control"] == "no-store"
    assert "set-cookie" not in response.headers
    assert client.get("/pairs").json() == [["new.example", "script-src"]]


def test_a_mounted_site_reports_below_its_mount() -> None:
    """The address in the policy is the one that answers (R51)."""
    app = Mount("/shop", app=site(csp="enforce"))
    client = browser(app)
    policy = client.get("/shop/").headers[ENFORCED]
    address = policy.rpartition("report-uri ")[2]
    assert client.post(address, json=REPORT, headers=KIND).status_code == 204


@pytest.mark.parametrize(
    ("method", "headers", "body", "status"),
    [
        ("GET", {}, b"", 405),
        ("POST", {"content-type": "text/plain"}, b"{}", 415),
        ("POST", {"content-type": "application/reports+json; charset=utf-8"}, b"[]", 204),
        ("POST", KIND, b"{", 204),
        ("POST", KIND, b"\xff", 204),
        ("POST", KIND, b"x" * 8193, 413),
        ("POST", {**KIND, "sec-fetch-site": "cross-site"}, b"{}", 403),
    ],
)
def test_other_reports_are_answered_briefly(
    method: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    """Junk is refused or passed over, without a page and without an exception (R31)."""
    response = browser(site(csp="report")).request(method, "/consent/csp", headers=headers, content=body)
    assert (response.status_code, response.content) == (status, b"")
    assert response.headers.get("allow") == ("POST" if status == 405 else None)


def test_too_many_reports_are_refused() -> None:
    """Reports are taken at a bounded rate, by the site's own clock (R48)."""
    clock = Clock()
    client = browser(site(csp="report", clock=clock))

    def send() -> int:
        return int(client.post("/consent/csp", json=REPORT, headers=KIND).status_code)

    assert [send() for _ in range(BURST + 1)] == [204] * BURST + [429]
    clock.now += 1
    assert send() == 204


def test_pages_for_all_carry_a_policy_for_all() -> None:
    """Where pages are the same for every visitor, so is the policy: it lets in what is necessary (R34, R36)."""
    page = HTMLResponse(PAGE, headers={"cache-control": "public, max-age=60"})
    client = browser(site(Route("/x", page), csp="enforce", cache="shared"))
    before = client.get("/x").headers
    decide(client, "accept")
    after = client.get("/x").headers
    assert before["content-security-policy"] == after["content-security-policy"]
    assert "stats.example" not in after["content-security-policy"]
    assert after["cache-control"] == "public, max-age=60"
