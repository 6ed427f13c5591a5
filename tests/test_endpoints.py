"""The layer's own addresses: policy, decisions, standing, assets."""

import json
import logging
from datetime import date
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message

from consent import ConsentMiddleware
from tests.sites import PAGE, Clock, Memory, browser, decide, run, settings, site
from tests.ui.markup import read

JSON = {"accept": "application/json", "content-type": "application/json"}
YEAR_HALF = 182 * 86_400


def set_cookie(response: Any) -> str:
    [value] = [value for value in response.headers.get_list("set-cookie") if "consent=" in value]
    return str(value)


def notice_of(client: TestClient) -> str:
    return str(client.get("/consent/state").json()["notice"])


# --- deciding -----------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["accept", "reject", "save", "withdraw"])
def test_a_decision_is_recorded_kept_and_confirmed(action: str) -> None:
    """One press: a record, one signed cookie, and back to the page with its confirmation (R23, R40)."""
    store = Memory()
    client = browser(site(records=store))
    response = decide(client, action, next="/article?x=1")
    assert response.status_code == 303
    assert response.headers["location"] == "/article?x=1#cst-saved"
    assert response.headers["cache-control"] == "no-store"
    assert [record.action for record in store.records] == [action]
    assert 'id="cst-saved"' in client.get("/").text


@pytest.mark.parametrize(
    ("https", "domain", "start", "end"),
    [
        (True, None, "__Host-consent=1.", "; Path=/; Max-Age=15724800; HttpOnly; SameSite=Lax; Secure"),
        (False, None, "consent=1.", "; Path=/; Max-Age=15724800; HttpOnly; SameSite=Lax"),
        (
            True,
            "site.example",
            "__Secure-consent=1.",
            "; Path=/; Max-Age=15724800; HttpOnly; SameSite=Lax; Secure; Domain=site.example",
        ),
    ],
)
def test_the_answer_is_kept_in_one_strict_cookie(
    https: bool, domain: str | None, start: str, end: str
) -> None:
    """Prefixed, HttpOnly, for half a year, and for the whole domain only if asked for (R16, R29)."""
    client = browser(site(cookie_domain=domain), https=https)
    value = set_cookie(decide(client, "accept"))
    assert value.startswith(start)
    assert value.endswith(end)
    assert len(value.partition(";")[0]) < 300
    assert client.get("/consent/state").json()["undecided"] == []


def test_a_record_says_what_was_seen_and_chosen() -> None:
    """Action, method, language, categories both ways, notice and catalogue are in the evidence (R23)."""
    store = Memory()
    client = browser(site(records=store), headers={"accept-language": "de"})
    decide(
        client, "save", granted=["analytics", "ads"], language="de", method="policy", notice=notice_of(client)
    )
    [record] = store.records
    assert (record.action, record.method, record.language) == ("save", "policy", "de")
    assert record.granted == ("ads", "analytics", "counter", "heatmap", "login", "necessary")
    assert record.denied == ("edition", "marketing", "preferences")
    assert record.notice.startswith(record.catalogue)
    assert "Counter" in store.notices[record.notice]
    assert record.policy_url == "/consent"
    assert record.previous is None


def test_a_grant_has_a_receipt_and_a_refusal_has_none() -> None:
    """The cookie names the record only where something was granted (R28)."""
    store = Memory()
    client = browser(site(records=store))
    granted = decide(client, "accept")
    assert store.records[0].id in set_cookie(granted)
    assert client.get("/consent/state").json()["receipt"] == store.records[0].id
    refused = decide(client, "withdraw")
    assert store.records[1].previous == store.records[0].id
    assert not any(record.id in set_cookie(refused) for record in store.records)
    assert client.get("/consent/state").json()["receipt"] is None


def test_withdrawal_deletes_in_the_same_response() -> None:
    """Cookies of the category expire at once, HttpOnly ones too, and the app stops seeing them (R18)."""
    client = browser(site())
    decide(client, "accept")
    for name in ("_ga", "_ga_7", "_hm", "session", "edition"):
        client.cookies.set(name, "1", domain="site.example")
    response = decide(client, "save", granted=["preferences"])
    deleted = {
        value.partition("=")[0] for value in response.headers.get_list("set-cookie") if "Max-Age=0" in value
    }
    assert deleted == {"_ga", "_ga_7", "_hm", "IDE"}
    assert set(client.cookies) == {"__Host-consent", "session", "edition"}


def test_a_refusal_deletes_what_came_before() -> None:
    """Cookies from before the site asked go with the first refusal (R18)."""
    client = browser(site())
    client.cookies.set("_ga", "1", domain="site.example")
    decide(client, "reject")
    assert set(client.cookies) == {"__Host-consent"}


def test_json_decides_and_tells_the_standing() -> None:
    """Scripts decide with the same address and get the new standing back."""
    client = browser(site())
    body = {"action": "save", "granted": ["analytics"], "notice": notice_of(client)}
    response = client.post("/consent", content=json.dumps(body), headers=JSON)
    assert response.status_code == 200
    assert response.json()["granted"] == ["analytics", "counter", "heatmap", "login", "necessary"]
    assert response.json()["decided"] == "2027-01-15T08:00:00Z"
    assert response.json() == client.get("/consent/state").json()


# --- refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "status", "words"),
    [
        ({"data": {"action": "accept"}, "headers": {"sec-fetch-site": "cross-site"}}, 403, "site"),
        ({"data": {"action": "dance"}}, 400, "understood"),
        ({"data": {"action": "save", "granted": "gallery"}}, 400, "understood"),
        (
            {
                "content": b"action=accept&x=\xff",
                "headers": {"content-type": "application/x-www-form-urlencoded"},
            },
            400,
            "",
        ),
        (
            {
                "content": b"&".join([b"a=1"] * 501),
                "headers": {"content-type": "application/x-www-form-urlencoded"},
            },
            400,
            "",
        ),
        ({"content": b"{", "headers": JSON}, 400, ""),
        ({"content": b"[]", "headers": JSON}, 400, ""),
        ({"content": b"[" * 8_000, "headers": JSON}, 400, ""),
        ({"content": b'{"action": 1}', "headers": JSON}, 400, ""),
        ({"content": b"\xff", "headers": JSON}, 400, ""),
        ({"data": {"action": "accept", "x": "y" * 9_000}}, 413, ""),
        ({"content": b"action=accept", "headers": {"content-type": "text/plain"}}, 415, ""),
        ({"content": b"action=accept"}, 415, ""),
    ],
)
def test_what_cannot_be_taken_is_told_in_one_sentence_and_changes_nothing(
    request_: dict[str, Any], status: int, words: str
) -> None:
    """Wrong origin, size, type or content: a 4xx with a sentence, no cookie, no record (R39)."""
    store = Memory()
    client = browser(site(records=store))
    response = client.post("/consent", **request_)
    assert response.status_code == status
    assert "set-cookie" not in response.headers
    assert response.headers["cache-control"] == "no-store"
    assert store.records == []
    assert words in response.text
    assert (
        "error" in response.json()
        if JSON["accept"] in response.headers["content-type"]
        else "<p" in response.text
    )


@given(st.binary(max_size=200), st.sampled_from(["application/json", "application/x-www-form-urlencoded"]))
def test_no_body_is_an_error_of_ours(body: bytes, kind: str) -> None:
    """Whatever is posted is a decision or a 4xx (R39)."""
    response = CLIENT.post("/consent", content=body, headers={"content-type": kind})
    assert response.status_code in (200, 303, 400)


CLIENT = browser(site())


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https:evil.example", "/a\r\nx: y", ""]
)
def test_a_decision_is_no_way_out(target: str) -> None:
    """What is not a local address leads to our own page (R39)."""
    response = decide(browser(site()), "reject", next=target)
    assert response.headers["location"] == "/consent#cst-saved"


def test_without_a_field_the_page_is_the_one_the_browser_names() -> None:
    """A form of the site's own need not know where it stands."""
    response = browser(site()).post(
        "/consent", data={"action": "reject"}, headers={"referer": "https://site.example/a?b=c"}
    )
    assert response.headers["location"] == "/a?b=c#cst-saved"


def test_a_grant_on_an_outdated_notice_is_asked_again() -> None:
    """Nobody consents to what was not on their screen; a refusal needs no such care (R23)."""
    store = Memory()
    client = browser(site(records=store))
    old = "0123456789-" + "0" * 32
    response = decide(client, "accept", notice=old)
    assert (response.status_code, store.records) == (409, [])
    assert "set-cookie" not in response.headers
    assert decide(client, "accept", notice=notice_of(client)).status_code == 303
    assert decide(client, "reject", notice=old).status_code == 303
    assert store.records[-1].notice == old
    assert old not in store.notices


@pytest.mark.parametrize("method", ["banner", "policy"])
def test_our_own_forms_name_their_notice(method: str) -> None:
    """A grant that claims to come from our form but not what was on it is asked again (R23)."""
    client = browser(site())
    assert decide(client, "accept", method=method).status_code == 409
    assert decide(client, "reject", method=method).status_code == 303


def test_an_outdated_notice_renews_nothing() -> None:
    """Pressing accept on an old page neither prolongs consent nor makes up evidence of it (R23, R25)."""
    store, clock = Memory(), Clock()
    client = browser(site(records=store, clock=clock))
    decide(client, "accept")
    clock.now += 100 * 86_400
    decide(client, "accept", notice="0123456789-" + "0" * 32)
    assert client.get("/consent/state").json()["receipt"] == store.records[0].id
    clock.now += 82 * 86_400
    assert client.get("/consent/state").json()["undecided"]


# --- a store that fails -------------------------------------------------------------------------


def failing_site() -> tuple[Memory, TestClient]:
    store = Memory()
    return store, browser(site(records=store))


def test_without_evidence_no_grant(caplog: pytest.LogCaptureFixture) -> None:
    """If the store fails, accepting is a 503 and nothing is set (R25)."""
    store, client = failing_site()
    store.failing = True
    response = decide(client, "accept")
    assert response.status_code == 503
    assert "set-cookie" not in response.headers
    assert client.get("/consent/state").json()["undecided"]
    assert "could not be recorded" in caplog.text


@pytest.mark.parametrize("action", ["reject", "withdraw", "save"])
def test_a_refusal_needs_no_store(action: str, caplog: pytest.LogCaptureFixture) -> None:
    """Refusing and withdrawing take effect whatever fails, and the log keeps the evidence (R25)."""
    store, client = failing_site()
    decide(client, "accept")
    store.failing = True
    with caplog.at_level(logging.INFO):
        assert decide(client, action).status_code == 303
    assert "analytics" in client.get("/consent/state").json()["denied"]
    assert any('"decision"' in record.getMessage() for record in caplog.records)


def test_of_a_change_the_part_that_takes_back_takes_effect() -> None:
    """If the store fails, what was given up is given up, and nothing new is granted (R25)."""
    store, client = failing_site()
    decide(client, "save", granted=["analytics", "preferences"])
    store.failing = True
    assert decide(client, "save", granted=["preferences", "marketing"]).status_code == 503
    standing = client.get("/consent/state").json()
    assert standing["granted"] == ["edition", "login", "necessary", "preferences"]
    assert decide(client, "accept").status_code == 503
    assert client.get("/consent/state").json()["granted"] == standing["granted"]


def test_without_evidence_nothing_is_prolonged() -> None:
    """Accepting again while the store fails leaves consent as old as it was, with the receipt it had (R25)."""
    clock = Clock()
    store = Memory()
    client = browser(site(records=store, clock=clock))
    decide(client, "accept")
    clock.now += 100 * 86_400
    store.failing = True
    response = decide(client, "accept")
    assert (response.status_code, "set-cookie" in response.headers) == (303, False)


def test_a_store_that_hangs_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for ever to be refused: after some seconds the refusal counts without the store (R25)."""
    monkeypatch.setattr("consent.registrar.RECORD_TIMEOUT", 0.05)

    class Hanging(Memory):
        async def append(self, record: Any, notice: str | None) -> None:
            await anyio.sleep_forever()

    client = browser(site(records=Hanging()))
    assert decide(client, "accept").status_code == 503
    assert decide(client, "reject").status_code == 303
    assert "analytics" in client.get("/consent/state").json()["denied"]


# --- reading ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/consent", "/consent?action=accept&granted=analytics", "/consent/state"])
def test_reading_changes_nothing(path: str) -> None:
    """GET and HEAD set nothing and record nothing, whatever they ask (R39, R41)."""
    store = Memory()
    client = browser(site(records=store))
    for method in ("GET", "HEAD"):
        response = client.request(method, path)
        assert response.status_code == 200
        assert "set-cookie" not in response.headers
    assert store.records == []


def test_the_policy_page_is_private_and_framed_by_nobody_else() -> None:
    """It depends on the visitor, and no other site may put its buttons into a frame (R39)."""
    headers = browser(site()).get("/consent").headers
    assert headers["cache-control"] == "no-store"
    assert headers["vary"] == "Cookie, Sec-GPC, Accept-Language"
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_the_policy_page_speaks_the_language_it_was_called_in() -> None:
    """Whoever chose on a German page goes on in German (R15)."""
    client = browser(site())
    assert '<html lang="de"' in client.get("/consent?language=de").text
    assert '<html lang="en"' in client.get("/consent?language=xx").text


def test_the_policy_page_leads_back() -> None:
    """The way back is the page that the visitor came from, if it is one of the site's."""
    client = browser(site())
    assert 'href="/article?a=b&amp;c"' in client.get("/consent?next=/article%3Fa%3Db%26c").text
    assert "evil" not in client.get("/consent?next=//evil").text


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("PUT", "/consent", 405, "GET, HEAD, POST"),
        ("POST", "/consent/state", 405, "GET, HEAD"),
        ("DELETE", "/consent/assets/x.css", 405, "GET, HEAD"),
        ("GET", "/consent/none", 404, None),
        ("GET", "/consent/assets/none.css", 404, None),
        ("GET", "/consent/assets/../../pyproject.toml", 404, None),
    ],
)
def test_other_addresses_and_methods_are_told(method: str, path: str, status: int, allow: str | None) -> None:
    """A wrong address is a 404 and a wrong method a 405, each with a sentence."""
    response = browser(site()).request(method, path)
    assert (response.status_code, response.headers.get("allow")) == (status, allow)


def test_addresses_that_only_begin_alike_are_the_apps() -> None:
    """`/consented` is not ours."""
    client = browser(site(Route("/consented", HTMLResponse(PAGE))))
    assert client.get("/consented").status_code == 200


def test_the_assets_of_a_page_are_kept_for_ever() -> None:
    """Their addresses change with their content, so that browsers never ask twice (R54)."""
    client = browser(site())
    text = client.get("/").text
    addresses = [part.partition('"')[0] for part in text.split('="/consent/assets/')[1:]]
    assert [name.partition(".")[0] for name in addresses] == ["consent", "consent", "keys"]
    for name in addresses:
        response = client.get(f"/consent/assets/{name}")
        assert response.status_code == 200
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        kinds = {
            "css": "text/css; charset=utf-8",
            "js": "text/javascript; charset=utf-8",
            "json": "application/json",
        }
        assert response.headers["content-type"] == kinds[name.rpartition(".")[2]]


def test_errors_are_json_for_scripts() -> None:
    """A script gets the sentence as JSON."""
    response = browser(site()).post("/consent", content=b"{", headers=JSON)
    assert list(response.json()) == ["error"]


def test_a_visitor_who_goes_away_is_no_error() -> None:
    """A connection that ends inside the body is answered like a broken body."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"sec-fetch-site", b"same-origin"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/consent", "headers": headers, "query_string": b""}
    run(ConsentMiddleware(PlainTextResponse(""), settings(), Memory(), Clock()), scope, receive, send)
    assert sent[0]["status"] == 400


SCRIPT = {"x-requested-with": "consent"}


def test_the_second_layer_is_served_for_scripts() -> None:
    """A document with the dialog, for this visitor, in the page's language, that leads back (R9, R53)."""
    client = browser(site())
    decide(client, "save", granted="analytics")
    answer = client.get("/consent/choices?language=de&next=/a")
    assert answer.headers["cache-control"] == "no-store"
    dialog = read(answer.text).one("dialog", id="cst-dialog")
    assert dialog["lang"] == "de"
    [analytics] = dialog.all("input", value="analytics")
    assert "checked" in analytics.attributes
    assert dialog.all("button", value="withdraw")
    assert dialog.all("input", name="next")[0]["value"] == "/a"
    assert client.get("/consent/choices?next=//evil.example").text.count("evil") == 0


def test_a_script_gets_the_confirmation_and_the_standing() -> None:
    """The answer to our script is what it shows: no redirect, and the new standing beside (R53)."""
    client = browser(site())
    answer = client.post("/consent", data={"action": "accept", "method": "api"}, headers=SCRIPT)
    assert answer.status_code == 200
    assert "set-cookie" in answer.headers
    saved = read(answer.text).one("p", id="cst-saved")
    assert saved["role"] == "status"
    assert saved["data-cst-undecided"] == ""
    assert "analytics" in str(saved["data-cst-granted"]).split()
    assert "You allowed everything" in saved.text


def test_a_script_is_told_what_went_wrong() -> None:
    """A decision that cannot be taken is answered by a sentence, and no standing (R25)."""
    store = Memory()
    store.failing = True
    client = browser(site(records=store))
    answer = client.post("/consent", data={"action": "accept", "method": "api"}, headers=SCRIPT)
    assert answer.status_code == 503
    saved = read(answer.text).one("p", id="cst-saved")
    assert "could not be recorded" in saved.text
    assert saved["data-cst-granted"] is None


@pytest.mark.parametrize("name", ["policy.csv", "policy.json", "device-storage.json"])
def test_the_list_is_there_as_files(name: str) -> None:
    """The policy page links to them, and each names a declared cookie (R47)."""
    client = browser(site())
    assert f"/consent/{name}" in client.get("/consent").text
    answer = client.get(f"/consent/{name}?language=de")
    assert f'filename="{name}"' in answer.headers["content-disposition"]
    assert "_ga" in answer.text


def test_the_policy_says_when_it_was_changed() -> None:
    """In the visitor's language, where the site tells it (R46)."""
    client = browser(site(policy_date=date(2026, 11, 1)))
    assert "This policy was last changed on 1 November 2026." in client.get("/consent").text
    assert "last changed" not in browser(site()).get("/consent").text
