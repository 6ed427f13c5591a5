"""What a signal does to responses: what they say, hold, withhold and delete, and for whom they are kept."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from consent import Category, ConsentSettings, get_consent, render_policy
from consent._version import RELEASED
from consent.gatekeeper import Gatekeeper
from tests.sites import PAGE, SECRET, Clock, browser, categories, decide, service, settings, site
from tests.test_signals import own

GPC = {"sec-gpc": "1"}
SEEN = (
    "Your browser sends the signal “Global Privacy Control (GPC)”, and this site follows it. "
    "Refused because of it: Advertising."
)
OVERRIDE = "If you want to allow it all the same, choose so here."
MARKETING = (Category(id="marketing", services=[service("ads", "IDE", hosts=["ads.example"])]),)


# --- what is shown --------------------------------------------------------------------------------


def test_the_banner_tells_that_the_signal_is_honoured_and_does_not_ask_for_it() -> None:
    """It asks for the rest, says what is refused and why, and where to choose otherwise (R43)."""
    text = browser(site()).get("/", headers=GPC).text
    assert SEEN in text
    assert f'<a href="/consent" data-cst-open>{OVERRIDE}' in text
    assert "<b>Analytics:</b>" in text
    assert "<b>Advertising:</b>" not in text
    assert re.findall(r'name="asked" value="(\w+)"', text) == ["preferences", "analytics"]
    assert "asked again" not in text


def test_without_the_signal_nothing_is_said_of_it() -> None:
    """Who sends none is told of none on the banner."""
    text = browser(site()).get("/").text
    assert "signal" not in text
    assert text.count("cst-ask__item") == 3


def test_who_is_asked_for_nothing_sees_no_banner() -> None:
    """Where all that is asked for is objected to there is only the way to the choices (R43)."""
    client = browser(site(categories=MARKETING))
    assert 'id="cst-ask"' in client.get("/").text
    text = client.get("/", headers=GPC).text
    assert 'id="cst-ask"' not in text
    assert 'id="cst-control"' in text


def test_what_has_changed_is_asked_for_again_under_a_signal_too() -> None:
    """The sentence that something changed stands only where something did (R16)."""
    client = browser(site())
    decide(client, "reject", asked=["preferences"])
    assert "asked again" in client.get("/", headers=GPC).text


@pytest.mark.parametrize("path", ["/consent", "/consent/choices", "/policy"])
def test_the_policy_and_the_dialog_tell_it_beside_the_controls(path: str) -> None:
    """The explicit override is the control itself: one switch, and save (R43, R46)."""

    async def policy(request: Request) -> Response:
        return HTMLResponse(f"<!doctype html><body>{render_policy(request)}")

    client = browser(site(Route("/policy", policy)))
    assert SEEN not in client.get(path).text
    text = client.get(path, headers=GPC).text
    assert f"{SEEN} {OVERRIDE}" in text
    assert 'name="granted" value="marketing"' in text


def test_the_policy_names_the_signals_that_are_honoured() -> None:
    """Everybody reads which signals count and for what, also who sends none (R46)."""
    text = browser(site(signals=["gpc", "dnt"])).get("/consent").text
    assert "Signals from your browser" in text
    assert "This site listens to: Global Privacy Control (GPC) and Do Not Track (DNT)." in text
    assert "Concerned: Advertising." in text


@pytest.mark.parametrize(
    "values",
    [
        {"signals": ()},
        {"categories": [Category(id="analytics", services=[service("counter", "_ga")])]},
        {"categories": [], "signals": ["adpc"]},
    ],
)
def test_signals_that_can_change_nothing_are_not_spoken_of(values: Any) -> None:
    """A site that listens to none, or has nothing to object to, says nothing of signals."""
    assert "Signals from your browser" not in browser(site(**values)).get("/consent", headers=GPC).text


def test_signals_that_concern_everything_say_so() -> None:
    """ADPC and a site's own can deny any category, and are told of even if nothing is objectable (R45)."""
    plain = [Category(id="analytics"), Category(id="preferences")]
    text = browser(site(categories=plain, signals=["gpc", "adpc", own()])).get("/consent").text
    assert "listens to: Advanced Data Protection Control (ADPC) and the switch in our app." in text
    assert "Concerned: Analytics and Preferences." in text


def test_what_the_visitor_decided_is_not_ascribed_to_a_signal() -> None:
    """Refused here, or allowed in its face: the signal is not why (R43)."""
    for action in ("reject", "accept"):
        client = browser(site())
        client.post("/consent", data={"action": action}, headers=GPC)
        assert SEEN not in client.get("/consent", headers=GPC).text


@pytest.mark.parametrize(
    ("action", "sentence"), [(None, "You have not decided yet."), ("reject", "You refused everything")]
)
def test_a_signal_is_not_taken_for_a_decision(action: str | None, sentence: str) -> None:
    """Who has decided nothing is told so, whatever the browser says."""
    client = browser(site())
    if action:
        decide(client, action)
    assert sentence in client.get("/consent", headers=GPC).text


def test_the_notice_holds_what_is_said_of_signals() -> None:
    """The evidence of what was on the screen includes these sentences, in the visitor's language (R23)."""
    client = browser(site())
    notices = {client.get("/consent/state", headers=headers).json()["notice"] for headers in (GPC, {})}
    assert len(notices) == 1
    body = json.loads(Gatekeeper(settings()).renderer.notice("en").body)
    assert body["objections"]["known"] == [
        {"name": "gpc", "label": "Global Privacy Control (GPC)", "seen": SEEN}
    ]
    assert body["objections"]["override"].startswith(OVERRIDE)


def test_the_state_tells_signals() -> None:
    """Scripts read which signals the server hears, and what is off only by them (R43)."""
    client = browser(site(signals=["gpc", "dnt"]))
    told = client.get("/consent/state", headers={**GPC, "dnt": "1"}).json()
    assert (told["signals"], told["objected"]) == (["gpc", "dnt"], ["ads", "marketing"])
    told = client.get("/consent/state").json()
    assert (told["signals"], told["objected"]) == ([], [])


def test_the_receipt_tells_signals() -> None:
    """What a cookie alone says of a choice does not pass a signal's denial for the visitor's (R27)."""
    client = browser(site())
    client.post("/consent", data={"action": "accept", "asked": ["analytics", "preferences"]}, headers=GPC)
    assert client.get("/consent/receipt", headers=GPC).status_code == 200


# --- what is withheld -----------------------------------------------------------------------------


async def leaves(request: Request) -> Response:
    response = JSONResponse(sorted(request.cookies))
    response.set_cookie("IDE", "2")
    response.set_cookie("edition", "2")
    return response


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("destination", ["document", "empty", "image", "script", "iframe", "serviceworker"])
def test_every_kind_of_request_is_heard(method: str, destination: str) -> None:
    """The signal counts for any method and any destination: the app neither reads nor sets the cookie (R43)."""
    client = browser(site(Route("/x", leaves, methods=["GET", "POST", "PUT"])))
    decide(client, "accept")
    client.cookies.set("IDE", "1", domain="site.example")
    client.cookies.set("edition", "1", domain="site.example")
    got = client.request(method, "/x", headers={**GPC, "sec-fetch-dest": destination})
    assert "IDE" not in got.json()
    assert "edition" in got.json()
    set_cookies = got.headers.get_list("set-cookie")
    assert [value for value in set_cookies if value.startswith("IDE=2")] == []
    assert [value for value in set_cookies if value.startswith("edition=2")] != []


def test_what_the_browser_still_holds_is_deleted() -> None:
    """Cookies of an older grant go as soon as the signal comes (R18, R43)."""
    client = browser(site())
    decide(client, "accept")
    client.cookies.set("IDE", "1", domain="site.example")
    assert "IDE=;" in client.get("/", headers=GPC).headers["set-cookie"]


def test_what_is_withdrawn_meanwhile_is_deleted() -> None:
    """A decision under a signal deletes what the signal denies as well (R18)."""
    client = browser(site())
    client.cookies.set("IDE", "1", domain="site.example")
    fields = {"action": "accept", "asked": ["analytics"]}
    got = client.post("/consent", data=fields, headers=GPC)
    assert any(value.startswith("IDE=;") for value in got.headers.get_list("set-cookie"))


def test_markup_and_policy_follow_the_signal() -> None:
    """Neither the page nor the browser's policy leads to an advertiser that an older grant had let in (R2, R34)."""

    async def page(request: Request) -> Response:
        return HTMLResponse(f'{PAGE}<script src="https://ads.example/a.js"></script>')

    client = browser(site(Route("/x", page), gate_markup=True, csp="enforce"))
    decide(client, "accept")
    for headers, there in (({}, True), (GPC, False)):
        got = client.get("/x", headers=headers)
        assert ('<script src="https://ads.example' in got.text) is there
        assert ("ads.example" in got.headers["content-security-policy"]) is there


def test_views_are_told() -> None:
    """What a view asks knows of signals, and the header itself reaches the app untouched (R43)."""

    async def view(request: Request) -> Response:
        consent = get_consent(request).standing
        told = [consent.allows("ads"), list(consent.signals), sorted(consent.objected)]
        return JSONResponse([*told, request.headers.getlist("sec-gpc")])

    client = browser(site(Route("/x", view)))
    decide(client, "accept")
    assert client.get("/x").json() == [True, [], [], []]
    assert client.get("/x", headers=GPC).json() == [False, ["gpc"], ["ads", "marketing"], ["1"]]


def test_websockets_are_heard() -> None:
    """The handshake carries the signal like any request (R43)."""

    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_json(get_consent(websocket).allows("ads"))
        await websocket.close()

    client = browser(site(WebSocketRoute("/ws", socket)))
    decide(client, "accept")
    with client.websocket_connect("/ws", headers=GPC) as socket_:
        assert socket_.receive_json() is False


def test_no_visitor_gets_anothers_signal() -> None:
    """The same cookie with and without the signal, in turn: each answer is its own (R42)."""
    client = browser(site())
    decide(client, "accept")
    for _ in range(3):
        assert "marketing" in client.get("/consent/state").json()["granted"]
        assert "marketing" in client.get("/consent/state", headers=GPC).json()["denied"]


# --- for whom it is kept --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signals", "vary"),
    [
        ((), "Cookie"),
        (["gpc"], "Cookie, Sec-GPC"),
        (["dnt", "gpc"], "Cookie, DNT, Sec-GPC"),
        (["adpc", own()], "Cookie, ADPC, X-App-Switch"),
    ],
)
def test_caches_are_told_of_signals_where_responses_depend_on_them(signals: Any, vary: str) -> None:
    """``Vary`` names each enabled signal where it names the cookie, and nowhere else (R36)."""

    async def asks(request: Request) -> Response:
        return JSONResponse(get_consent(request).allows("ads"), headers={"vary": "sec-gpc"})

    plain = PlainTextResponse("", headers={"cache-control": "public"})
    client = browser(site(Route("/plain", plain), Route("/asks", asks), signals=signals))
    assert client.get("/").headers["vary"] == vary
    assert client.get("/consent").headers["vary"] == f"{vary}, Accept-Language"
    assert "vary" not in client.get("/plain", headers=GPC).headers
    named = [name.strip().lower() for name in client.get("/asks").headers["vary"].split(",")]
    assert sorted(named) == sorted({*vary.lower().split(", "), "sec-gpc"})


def test_a_page_under_a_signal_is_another_page() -> None:
    """Its tag is another one, so that no 304 brings back the page that asked (R35)."""

    async def page(request: Request) -> Response:
        return HTMLResponse(PAGE, headers={"etag": '"a"'})

    client = browser(site(Route("/x", page), signals=["gpc", "dnt"]))
    tags = [client.get("/x", headers=headers).headers["etag"] for headers in ({}, GPC, {"dnt": "1"})]
    assert len({*tags}) == 3
    decide(client, "reject")
    assert client.get("/x", headers=GPC).headers["etag"] != client.get("/x").headers["etag"]
    again = client.get("/x", headers={**GPC, "if-none-match": tags[0]})
    assert again.status_code == 200


def test_all_processes_tag_alike() -> None:
    """Also where a signal of the site's own is an object that each process makes anew (R35)."""

    class Plain:
        name, label, headers = "plain", "plain", ("X-Plain",)

        def denies(self, *_: Any) -> None:
            return None

    async def page(request: Request) -> Response:
        return HTMLResponse(PAGE, headers={"etag": '"a"'})

    tags = {browser(site(Route("/x", page), signals=[Plain()])).get("/x").headers["etag"] for _ in range(2)}
    assert len(tags) == 1


# --- pages that are the same for all --------------------------------------------------------------


def shared(**values: Any) -> TestClient:
    return browser(site(cache="shared", **values))


def test_shared_pages_are_the_same_under_a_signal() -> None:
    """The bytes are everybody's, and hold each sentence hidden; the script shows what concerns its reader (R36)."""
    client = shared(signals=["gpc", "dnt", "adpc"])
    pages = [client.get("/", headers=headers) for headers in ({}, GPC, {"dnt": "1"}, {"adpc": "withdraw=*"})]
    assert len({(got.text, str(got.headers)) for got in pages}) == 1
    text = pages[0].text
    assert re.findall(r'data-cst-signal="(\w+)" hidden', text) == ["gpc", "dnt", "adpc"]
    assert 'data-cst-signals="gpc dnt" data-cst-objectable="ads marketing" data-cst-inaudible="1"' in text


def test_scripts_are_told_of_signals_only_where_there_are_any() -> None:
    """A site that listens to none says nothing to the script."""
    assert "data-cst-signals" not in shared(signals=()).get("/").text
    plain = shared(categories=[Category(id="analytics")]).get("/").text
    assert "data-cst-signals" not in plain
    assert "data-cst-inaudible" not in plain


def test_scripts_may_read_what_was_granted_in_the_face_of_which_signal() -> None:
    """Else the script could not tell an override from an older grant (R43)."""
    client = shared()

    def marker(headers: dict[str, str]) -> list[str]:
        got = client.post("/consent", data={"action": "accept"}, headers=headers)
        [value] = [text for text in got.headers.get_list("set-cookie") if text.startswith("consent-known=")]
        return value.partition(";")[0].split(".")

    assert len(marker({})) == 3
    assert marker(GPC)[3] == "gpc_ads~gpc_marketing"


def test_the_server_enforces_where_pages_are_shared() -> None:
    """The cookie is neither read nor set, whatever the page says (R36, R43)."""
    client = browser(site(Route("/x", leaves), cache="shared"))
    decide(client, "accept")
    client.cookies.set("IDE", "1", domain="site.example")
    got = client.get("/x", headers=GPC)
    assert "IDE" not in got.json()
    assert not [value for value in got.headers.get_list("set-cookie") if value.startswith("IDE=2")]


def test_without_scripts_a_stylesheet_shows_what_concerns_its_reader() -> None:
    """It hides what is not asked for and shows the sentence of the signal; empty if nothing is asked (R40, R43)."""
    client = shared()
    plain, heard = client.get("/consent/asking.css").text, client.get("/consent/asking.css", headers=GPC).text
    assert heard.startswith(plain)
    assert "[data-cst-category=marketing]{display:none}" in heard
    assert "[data-cst-signal=gpc]{display:block!important}" in heard
    assert shared(categories=MARKETING).get("/consent/asking.css", headers=GPC).text == ""


# --- addresses ------------------------------------------------------------------------------------


def test_the_site_says_that_it_abides_by_gpc() -> None:
    """A JSON object at the well-known address, with a member that is true and a full date (R43)."""
    got = browser(site()).get("/.well-known/gpc.json")
    assert (got.status_code, got.headers["content-type"]) == (200, "application/json")
    assert got.json() == {"gpc": True, "lastUpdate": RELEASED.isoformat()}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", got.json()["lastUpdate"])
    dated = browser(site(policy_date=date(2026, 1, 2))).get("/.well-known/gpc.json")
    assert dated.json()["lastUpdate"] == "2026-01-02"


def test_the_statement_is_read_and_not_written() -> None:
    """HEAD says what GET says; anything else is not allowed."""
    client = browser(site())
    assert client.head("/.well-known/gpc.json").headers["content-type"] == "application/json"
    assert client.post("/.well-known/gpc.json").status_code == 405


def test_a_site_that_does_not_listen_says_nothing() -> None:
    """Without GPC the address is the app's own (R43)."""
    route = Route("/.well-known/gpc.json", JSONResponse({"gpc": False}))
    assert browser(site(route, signals=["dnt"])).get("/.well-known/gpc.json").json() == {"gpc": False}
    assert browser(site(route)).get("/.well-known/gpc.json").json()["gpc"] is True


def test_consent_requests_are_linked_from_documents() -> None:
    """Every document says where they are, where the site listens to ADPC; nothing else does (R45)."""
    link = '</consent/requests.json>; rel="consent-requests"'
    routes = (
        Route("/json", JSONResponse({})),
        Route("/own", HTMLResponse(PAGE, headers={"link": "</a.css>; rel=preload"})),
    )
    client = browser(site(*routes, signals=["adpc"], exclude=["/own"]))
    assert client.get("/").headers["link"] == link
    assert client.head("/").headers["link"] == link
    assert client.get("/consent").headers["link"] == link
    assert client.get("/own").headers.get_list("link") == ["</a.css>; rel=preload", link]
    assert "link" not in client.get("/json").headers
    assert "link" not in client.get("/", headers={"sec-fetch-dest": "empty"}).headers
    assert "link" not in browser(site()).get("/").headers
    assert shared(signals=["adpc"]).get("/").headers["link"] == link


def test_a_site_that_asks_for_nothing_says_so() -> None:
    """``about:blank`` saves the browser a request (ADPC, 7.1.1)."""
    client = browser(site(signals=["adpc"], categories=[]))
    assert client.get("/").headers["link"] == '<about:blank>; rel="consent-requests"'


def test_consent_requests_tell_who_asks_for_what() -> None:
    """One request per category, in the visitor's language, by the same identifiers in all (R45)."""
    client = browser(site(signals=["adpc"]))
    english, german = (
        client.get("/consent/requests.json", headers={"accept-language": tag}) for tag in ("en", "de")
    )
    assert english.headers["content-type"] == "application/json"
    assert german.headers["content-language"] == "de"
    requests = english.json()["consentRequests"]
    assert [re.sub(r"\.[0-9a-f]{10}$", "", request["id"]) for request in requests] == [
        "preferences",
        "analytics",
        "marketing",
    ]
    assert all(re.fullmatch(r"[A-Za-z0-9._~-]+", request["id"]) for request in requests)
    text = requests[1]["text"]
    assert text.startswith("The Example Post, 1 Mill Lane, Exampleton asks for your consent")
    assert "Analytics: Measures how the site is used." in text
    assert "Counter (Counter Ltd): Does what counter does." in text
    translated = german.json()["consentRequests"]
    assert [request["id"] for request in translated] == [request["id"] for request in requests]
    assert translated[1]["text"] != text
    assert browser(site()).get("/consent/requests.json").status_code == 404


def test_a_mounted_site_names_its_own_addresses() -> None:
    """Under a mount the link leads to the mount, its odd characters written as addresses have them (R45)."""
    mounted = Starlette(routes=[Mount("/sub site", site(signals=["adpc", "gpc"]))])
    got = browser(mounted).get("/sub%20site/")
    assert got.headers["link"].startswith("</sub%20site/consent/requests.json>")


# --- settings -------------------------------------------------------------------------------------


def test_a_file_and_the_environment_name_signals(tmp_path: Path) -> None:
    """Names in TOML, separated by commas in a variable; objects come in Python only."""
    path = tmp_path / "consent.toml"
    text = 'controller = "The Post"\nsignals = ["gpc", "dnt"]\n[[category]]\nid = "analytics"\nobjectable = true\n'
    path.write_text(text)
    environ = {"CONSENT_SECRET_KEYS": SECRET}
    made = ConsentSettings.from_toml(path, environ=environ)
    assert [signal.name for signal in made.listens] == ["gpc", "dnt"]
    assert made.categories[0].is_objectable
    made = ConsentSettings.from_toml(path, environ={**environ, "CONSENT_SIGNALS": "adpc"})
    assert [signal.name for signal in made.listens] == ["adpc"]
    path.write_text(text.replace('"dnt"', "7"))
    with pytest.raises(
        ValueError, match=re.escape("consent.toml, signals[1]: came as 7; allowed is a string.")
    ):
        ConsentSettings.from_toml(path, environ=environ)


def test_an_answer_expires_under_a_signal_too() -> None:
    """An override is as old as any answer, and then the signal counts again (R16)."""
    clock = Clock()
    client = browser(site(clock=clock))
    client.post("/consent", data={"action": "accept"}, headers=GPC)
    assert "marketing" in client.get("/consent/state", headers=GPC).json()["granted"]
    clock.now += 183 * 86_400
    told = client.get("/consent/state", headers=GPC).json()
    assert ("marketing" in told["denied"], "analytics" in told["undecided"]) == (True, True)


def test_a_changed_category_is_under_the_signal_again() -> None:
    """Who overrode it for other declarations has not overridden it for these (R16, R43)."""
    client = browser(site())
    client.post("/consent", data={"action": "accept"}, headers=GPC)
    changed = (
        *categories()[:3],
        Category(id="marketing", services=[service("ads", "IDE", "more", country="US")]),
    )
    later = browser(site(categories=changed))
    later.cookies = client.cookies
    assert "marketing" in later.get("/consent/state", headers=GPC).json()["denied"]


@pytest.mark.parametrize(
    "field", ["X-Requested-With", "Turbo-Frame", "Accept-Language", "Sec-Fetch-Dest", "Cookie"]
)
def test_a_signal_may_be_in_any_header(field: str) -> None:
    """A header that browsers send anyway is listened to like one that nobody else sends (R43)."""

    @dataclass(frozen=True)
    class Everywhere:
        name: str = "everywhere"
        label: str = "what our app says"
        headers: Sequence[str] = (field,)

        def denies(self, values: Any, categories: Sequence[Category]) -> list[str]:
            return (
                [one.id for one in categories] if "says-no" in "".join(values.get(field.lower(), ())) else []
            )

    client = browser(site(signals=[Everywhere()]))
    decide(client, "accept")
    jar = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    state = client.get("/consent/state", headers={"cookie": jar, field: f"{jar}; says-no=1"}).json()
    assert "marketing" not in state["granted"]
    assert "marketing" in client.get("/consent/state", headers={"cookie": jar}).json()["granted"]
