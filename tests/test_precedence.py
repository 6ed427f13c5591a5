"""What counts more: the visitor's answer, a signal of the browser, or an answer given in its face."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from consent import ConsentError, ConsentSettings, get_consent
from consent.gatekeeper import Gatekeeper
from tests.sites import Clock, Memory, browser, categories, decide, service, settings, site
from tests.test_signals import own

SIGNALS: Mapping[str, tuple[Any, dict[str, str]]] = {
    "gpc": ("gpc", {"sec-gpc": "1"}),
    "dnt": ("dnt", {"dnt": "1"}),
    "adpc withdraw": ("adpc", {"adpc": "withdraw=*"}),
    "adpc object": ("adpc", {"adpc": "object=direct-marketing"}),
    "own": (own(), {"x-app-switch": "marketing"}),
}
NOT_SENT: dict[str, str] = {}
STORED = ("none", "grant", "denial", "grant under signal")
LATER = ("none", "accept", "reject")

UNDER_SIGNAL = {"none": "denied", "grant": "denied", "denial": "denied", "grant under signal": "granted"}
WITHOUT_SIGNAL = {
    "none": "undecided",
    "grant": "granted",
    "denial": "denied",
    "grant under signal": "granted",
}
"""What ``marketing`` is, by what is stored."""


def standing(client: TestClient, headers: Mapping[str, str]) -> Mapping[str, Any]:
    told: dict[str, Any] = client.get("/consent/state", headers=headers).json()
    return told


def verdict(told: Mapping[str, Any], name: str = "marketing") -> str:
    [found] = [which for which in ("granted", "denied", "undecided") if name in told[which]]
    return found


def store(client: TestClient, stored: str, headers: Mapping[str, str]) -> None:
    action = {"grant": "accept", "denial": "reject", "grant under signal": "accept"}.get(stored)
    if action:
        sent = headers if stored == "grant under signal" else NOT_SENT
        assert client.post("/consent", data={"action": action}, headers=sent).status_code == 303


def what_is_stored(stored: str, later: str, *, present: bool) -> str:
    return {"accept": "grant under signal" if present else "grant", "reject": "denial"}.get(later, stored)


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize(("stored", "present", "later"), [*product(STORED, (True, False), LATER)])
def test_the_matrix_of_precedence(signal: str, stored: str, present: bool, later: str) -> None:
    """A signal overrides what was granted without it, and the visitor's choice in its face counts from then on (R43, R44, R45)."""
    listens, sent = SIGNALS[signal]
    client = browser(site(signals=[listens]))
    store(client, stored, sent)
    now = sent if present else NOT_SENT
    before = {True: UNDER_SIGNAL, False: WITHOUT_SIGNAL}[present][stored]
    assert verdict(standing(client, now)) == before
    if later != "none":
        assert client.post("/consent", data={"action": later}, headers=now).status_code == 303
    kept = what_is_stored(stored, later, present=present)
    assert verdict(standing(client, sent)) == UNDER_SIGNAL[kept]
    assert verdict(standing(client, NOT_SENT)) == WITHOUT_SIGNAL[kept]
    asked = "Advertising:" in client.get("/", headers=sent).text
    assert not asked
    assert ("Advertising:" in client.get("/", headers=NOT_SENT).text) == (kept == "none")


@pytest.mark.parametrize("signal", ["gpc", "dnt", "adpc object", "own"])
@pytest.mark.parametrize("stored", STORED)
def test_a_signal_leaves_alone_what_it_does_not_concern(signal: str, stored: str) -> None:
    """Analytics is as it was, under a signal that objects to marketing (R43)."""
    listens, sent = SIGNALS[signal]
    client = browser(site(signals=[listens]))
    store(client, stored, sent)
    assert verdict(standing(client, sent), "analytics") == WITHOUT_SIGNAL[stored]
    assert verdict(standing(client, sent), "login") == "granted"


def test_a_choice_counts_against_the_signals_that_were_there_and_no_others() -> None:
    """Who overrides GPC has not overridden DNT (R44)."""
    client = browser(site(signals=["gpc", "dnt"]))
    client.post("/consent", data={"action": "accept"}, headers={"sec-gpc": "1"})
    assert verdict(standing(client, {"sec-gpc": "1"})) == "granted"
    assert verdict(standing(client, {"sec-gpc": "1", "dnt": "1"})) == "denied"
    client.post("/consent", data={"action": "accept"}, headers={"sec-gpc": "1", "dnt": "1"})
    assert verdict(standing(client, {"sec-gpc": "1", "dnt": "1"})) == "granted"


def test_a_decision_on_something_else_changes_nothing_here() -> None:
    """An older grant stays overridden, and stays for the day on which the signal goes (R16, R43)."""
    client = browser(site())
    decide(client, "accept")
    headers = {"sec-gpc": "1"}
    client.post("/consent", data={"action": "reject", "asked": ["analytics"]}, headers=headers)
    assert verdict(standing(client, headers)) == "denied"
    told = standing(client, NOT_SENT)
    assert (verdict(told), verdict(told, "analytics")) == ("granted", "denied")


# --- the banner -----------------------------------------------------------------------------------


def test_accepting_on_the_banner_leaves_off_what_it_does_not_ask_for() -> None:
    """It names marketing only as refused, so that its button grants none, whatever a page sends (R43)."""
    client = browser(site())
    headers = {"sec-gpc": "1"}
    notice = Gatekeeper(settings()).renderer.notice("en").id
    fields = {"action": "accept", "method": "banner", "notice": notice, "language": "en"}
    client.post("/consent", data=fields, headers=headers)
    told = standing(client, headers)
    assert (verdict(told), verdict(told, "analytics")) == ("denied", "granted")
    assert verdict(standing(client, NOT_SENT)) == "undecided"


def test_rejecting_on_the_banner_rejects_everything() -> None:
    """What the signal had overridden is taken back for good (R5, R43)."""
    client = browser(site())
    client.post("/consent", data={"action": "accept", "asked": ["marketing"]})
    fields = {"action": "reject", "method": "banner", "asked": ["preferences", "analytics"]}
    client.post("/consent", data=fields, headers={"sec-gpc": "1"})
    assert verdict(standing(client, NOT_SENT)) == "denied"


# --- single services ------------------------------------------------------------------------------


def video_site(**values: Any) -> Any:
    media = categories()[3]
    extended = type(media)(id="marketing", services=[*media.services, service("films"), service("maps")])
    return site(categories=(*categories()[:3], extended), **values)


def allow(client: TestClient, name: str, headers: Mapping[str, str]) -> None:
    fields = {"action": "save", "method": "api", "asked": [name], "granted": [name]}
    assert client.post("/consent", data=fields, headers=headers).status_code == 303


def test_one_service_is_allowed_in_the_face_of_a_signal() -> None:
    """The film plays, all else of its category stays refused, and nobody is asked for it (R43, R56)."""
    client, headers = browser(video_site()), {"sec-gpc": "1"}
    allow(client, "films", headers)
    told = standing(client, headers)
    assert [verdict(told, name) for name in ("films", "maps", "marketing")] == ["granted", "denied", "denied"]
    told = standing(client, NOT_SENT)
    assert [verdict(told, name) for name in ("films", "maps", "marketing")] == [
        "granted",
        "undecided",
        "undecided",
    ]


@pytest.mark.parametrize("before", ["films", "marketing"])
def test_allowing_one_brings_back_no_other(before: str) -> None:
    """What the signal had overridden does not come back with the one that is allowed (R43)."""
    client, headers = browser(video_site()), {"sec-gpc": "1"}
    allow(client, before, NOT_SENT)
    allow(client, "maps", headers)
    for sent in (headers, NOT_SENT):
        told = standing(client, sent)
        assert (verdict(told, "maps"), verdict(told, "ads")) in (
            ("granted", "denied"),
            ("granted", "undecided"),
        )
        assert verdict(told, "films") != "granted"


def test_a_service_that_is_allowed_after_an_answer_has_expired_counts() -> None:
    """A decision is as old as itself, and not as the answer that nobody counts any more (R16)."""
    clock = Clock()
    client = browser(video_site(clock=clock))
    decide(client, "reject")
    clock.now += 100 * 86_400
    decide(client, "reject", asked=["analytics"])
    clock.now += 100 * 86_400
    allow(client, "films", NOT_SENT)
    assert verdict(standing(client, NOT_SENT), "films") == "granted"


# --- consents that browsers keep ------------------------------------------------------------------


def requests(**values: Any) -> Mapping[str, str]:
    made = Gatekeeper(settings(signals=["adpc"], **values)).requests
    assert made is not None
    return {category: identifier for identifier, category in made.categories.items()}


def adpc(**values: Any) -> TestClient:
    return browser(site(signals=["gpc", "adpc"], **values))


def consenting(*names: str, more: str = "") -> dict[str, str]:
    ids = requests()
    return {"adpc": f'consent="{" ".join(ids[name] for name in names)}"{more}'}


def test_a_consent_kept_by_the_browser_grants_as_long_as_it_is_sent() -> None:
    """The visitor gave it to this very request, in the browser; nothing is stored here (R45)."""
    client, sent = adpc(), consenting("analytics")
    told = standing(client, sent)
    assert [verdict(told, name) for name in ("analytics", "counter", "marketing")] == [
        "granted",
        "granted",
        "undecided",
    ]
    assert verdict(standing(client, NOT_SENT), "analytics") == "undecided"
    assert not client.cookies


def test_a_consent_to_one_purpose_counts_over_a_general_objection() -> None:
    """GPC and ``withdraw=*`` are for all sites and purposes, the consent is for this one (R45)."""
    sent = {**consenting("marketing", more=", withdraw=*"), "sec-gpc": "1"}
    told = standing(adpc(), sent)
    assert (verdict(told), verdict(told, "analytics")) == ("granted", "denied")


def test_a_refusal_on_the_site_counts_over_the_browsers_consent() -> None:
    """Who refuses here, although the browser says yes, has refused; else the browser's yes is newer (R25, R45)."""
    client, sent = adpc(), consenting("analytics")
    decide(client, "reject")
    assert verdict(standing(client, sent), "analytics") == "granted"
    client.post("/consent", data={"action": "reject"}, headers=sent)
    assert verdict(standing(client, sent), "analytics") == "denied"


def test_withdrawing_in_the_browser_ends_what_it_had_granted() -> None:
    """Also what was saved here once more while it granted (R17, R45)."""
    client, sent = adpc(), consenting("analytics")
    client.post("/consent", data={"action": "accept"}, headers=sent)
    assert verdict(standing(client, {"adpc": "withdraw=*"}), "analytics") == "denied"
    withdrawn = {"adpc": f"withdraw={requests()['analytics']}"}
    assert verdict(standing(client, withdrawn), "analytics") == "denied"


def test_one_service_is_refused_in_the_face_of_a_consent() -> None:
    """The category is off then, for nothing else was ever said of it here (R9, R45)."""
    client, sent = adpc(), consenting("analytics")
    fields = {"action": "save", "asked": ["counter"]}
    client.post("/consent", data=fields, headers=sent)
    told = standing(client, sent)
    assert (verdict(told, "counter"), verdict(told, "analytics")) == ("denied", "denied")


def test_a_consent_to_other_words_is_none() -> None:
    """The identifier changes with the words in any language and with what is covered (R45)."""
    ids = requests()
    assert set(ids) == {"preferences", "analytics", "marketing"}
    worded = requests(texts={"de": {"category.analytics.purpose": "Zählt."}})
    assert worded["analytics"] != ids["analytics"]
    assert worded["marketing"] == ids["marketing"]
    more = (*categories()[:3], type(categories()[3])(id="marketing", services=[service("ads", "IDE", "two")]))
    covered = requests(categories=more)
    assert covered["marketing"] != ids["marketing"]
    client = adpc(texts={"de": {"category.analytics.purpose": "Zählt."}})
    assert verdict(standing(client, consenting("analytics")), "analytics") == "undecided"


# --- records, and a store that fails --------------------------------------------------------------


def test_records_name_the_signals_that_were_there() -> None:
    """The evidence says what was sent, granted and denied when the visitor decided (R23)."""
    records = Memory()
    client = browser(site(records=records, signals=["gpc", "dnt"]))
    client.post(
        "/consent", data={"action": "accept", "asked": ["analytics"]}, headers={"sec-gpc": "1", "dnt": "0"}
    )
    client.post("/consent", data={"action": "reject"})
    first, second = records.records
    assert (first.signals, second.signals) == (("gpc",), ())
    assert "analytics" in first.granted
    assert "marketing" in first.denied


def test_without_a_store_no_signal_is_overridden() -> None:
    """A grant in its face needs its evidence like any other; what was stored stays (R25, R43)."""
    records = Memory()
    client, headers = browser(video_site(records=records)), {"sec-gpc": "1"}
    allow(client, "films", NOT_SENT)
    records.failing = True
    for fields in ({"action": "accept"}, {"action": "save", "asked": ["maps"], "granted": ["maps"]}):
        assert client.post("/consent", data=fields, headers=headers).status_code == 503
        assert verdict(standing(client, headers), "films") == "denied"
        assert verdict(standing(client, NOT_SENT), "films") == "granted"
    saved = {"action": "save", "granted": ["analytics", "films"]}
    client.post("/consent", data=saved, headers=headers)
    assert verdict(standing(client, headers), "films") == "denied"
    assert verdict(standing(client, NOT_SENT), "films") == "denied"


def test_a_consent_of_the_browser_is_kept_here_only_with_evidence() -> None:
    """Accepting what the browser grants anyway is a grant of its own (R25, R45)."""
    records = Memory()
    client, sent = adpc(records=records), consenting("analytics")
    records.failing = True
    assert (
        client.post("/consent", data={"action": "accept", "asked": ["analytics"]}, headers=sent).status_code
        == 503
    )
    records.failing = False
    client.post("/consent", data={"action": "accept", "asked": ["analytics"]}, headers=sent)
    assert verdict(standing(client, NOT_SENT), "analytics") == "granted"


# --- views ----------------------------------------------------------------------------------------


async def view(request: Request) -> Response:
    consent = get_consent(request)
    try:
        await getattr(consent, request.path_params["what"])("marketing")
    except ConsentError:
        return JSONResponse("failed", status_code=503)
    return JSONResponse(consent.allows("marketing"))


def test_views_decide_in_the_face_of_a_signal() -> None:
    """What the visitor asks for in a form of the site's own is explicit too (R43)."""
    client = browser(site(Route("/{what}", view, methods=["POST"])))
    headers = {"sec-gpc": "1"}
    assert client.post("/grant", headers=headers).json() is True
    assert verdict(standing(client, headers)) == "granted"
    assert client.post("/withdraw", headers=headers).json() is False
    assert verdict(standing(client, NOT_SENT)) == "denied"


def test_views_withdraw_what_a_signal_only_hides() -> None:
    """A withdrawal is one although nothing seems granted at that moment (R18)."""
    records = Memory()
    client = browser(site(Route("/{what}", view, methods=["POST"]), records=records))
    decide(client, "accept")
    client.post("/withdraw", headers={"sec-gpc": "1"})
    assert verdict(standing(client, NOT_SENT)) == "denied"
    assert len(records.records) == 2


# --- what fails -----------------------------------------------------------------------------------


def test_a_signal_of_the_sites_own_that_fails_is_an_objection(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody has agreed where a site's own code cannot tell; the log says so (R43)."""

    class Broken(type(own())):  # type: ignore[misc]  # a class made in a function
        def denies(self, *_: Any) -> Any:
            raise LookupError("x")

    client = browser(site(signals=[Broken()]))
    decide(client, "accept")
    told = standing(client, {"x-app-switch": "on"})
    assert {verdict(told, name) for name in ("preferences", "analytics", "marketing")} == {"denied"}
    assert "The signal 'app-switch' could not be read" in caplog.text


def test_long_signals_are_heard_and_not_kept() -> None:
    """Nobody fills the memory with headers (R42)."""
    gatekeeper = Gatekeeper(settings(signals=[own()]))
    line = (b"x-app-switch", b"marketing " * 1_000)
    assert gatekeeper.readers[True].standing([line], 0).objected >= {"marketing"}
    assert gatekeeper.hearing._remembered.cache_info().currsize == 0


def test_old_cookies_stay_readable() -> None:
    """A value signed before signals were kept is read as it was (R30)."""
    made = settings()
    assert isinstance(made, ConsentSettings)
    signer = Gatekeeper(made).signer
    fingerprint = made.catalogue.fingerprints["analytics"]
    value = signer._signer.sign(f"1.6b49d200.analytics_{fingerprint}g1f..").decode()
    answer = signer.loads(value)
    assert answer is not None
    assert (answer.against, answer.ages) == ({}, {"analytics": 0x1F})
