"""`cache="shared"`: one page for all, an answer for each, and nothing of one in what all may get."""

import logging
import re
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from consent import get_consent, render_link, render_policy, render_script
from tests.sites import PAGE, Clock, browser, decide, site

KEPT = {"cache-control": "public, max-age=60", "etag": '"a"'}
AS_FETCH = {"accept": "*/*", "sec-fetch-dest": "empty"}
HX = {"hx-request": "true"}


async def view(request: Request) -> Response:
    return HTMLResponse(PAGE, headers=KEPT)


def shared(*routes: Route, **values: Any) -> Any:
    return site(Route("/x", view), *routes, cache="shared", **values)


@pytest.mark.parametrize("control", ["inject", "template"])
def test_every_visitor_gets_the_same(control: str) -> None:
    """Whoever asks, in whatever words, before or after a decision: the same bytes and headers (R36)."""
    clock = Clock()
    client = browser(shared(clock=clock, control=control))
    first = client.get("/x")
    assert first.text.count("<form") == 1
    asked: tuple[dict[str, str], ...] = (
        {},
        {"accept-language": "de"},
        AS_FETCH,
        HX,
        {"cookie": "_ga=1; x=y"},
        {"accept": "*/*"},
    )
    answers = [client.get("/x", headers=headers) for headers in asked]
    for action in ("accept", "reject", "withdraw"):
        decide(client, action)
        answers.append(client.get("/x?utm_source=letter"))
        clock.now += 61
        answers.append(client.get("/x"))
    assert {got.text for got in answers} == {first.text}
    assert all(got.headers == first.headers for got in answers)
    assert first.headers["cache-control"] == KEPT["cache-control"]
    assert "vary" not in first.headers
    assert 'name="next" value="/x"' in first.text


def test_the_banner_waits_for_its_reader() -> None:
    """It is in the page and hidden: a script shows it, or without scripts a stylesheet (R40)."""
    text = browser(shared()).get("/x").text
    assert re.search(r'<section class="cst-ask[^"]*" [^>]*hidden>', text)
    assert '<noscript><link rel="stylesheet" href="/consent/asking.css"></noscript>' in text
    assert 'data-cst-granted=""' in text


def test_without_scripts_only_the_undecided_see_it() -> None:
    """The stylesheet is each visitor's own: it shows the banner until there is an answer (R16, R40)."""
    client = browser(shared())
    asking = client.get("/consent/asking.css")
    assert "#cst-ask[hidden]" in asking.text
    assert asking.headers["content-type"].startswith("text/css")
    assert asking.headers["cache-control"] == "no-store"
    decide(client, "reject")
    assert client.get("/consent/asking.css").text == ""


@pytest.mark.parametrize(
    ("fields", "granted", "denied"),
    [
        ({"action": "accept"}, {"analytics", "marketing", "counter", "ads", "preferences"}, set()),
        ({"action": "reject"}, set(), {"analytics", "marketing", "preferences", "ads"}),
        ({"action": "save", "granted": ["heatmap"]}, {"heatmap"}, {"marketing", "counter"}),
    ],
)
def test_scripts_may_read_the_choice_and_no_more(
    fields: dict[str, Any], granted: set[str], denied: set[str]
) -> None:
    """A second cookie holds what is granted and denied: no time, no identifier, the same for all (R1, R28)."""
    cookies = [
        next(value for value in got.headers.get_list("set-cookie") if value.startswith("consent-known="))
        for got in (decide(browser(shared(clock=Clock(now))), **fields) for now in (1e9, 2e9))
    ]
    assert cookies[0] == cookies[1]
    value, _, attributes = cookies[0].partition("; ")
    assert attributes == "Path=/; Max-Age=15724800; SameSite=Lax; Secure"
    _, given, refused = value.split(".")
    assert granted <= set(given.split("~"))
    assert denied <= set(refused.split("~"))
    assert not granted & set(refused.split("~"))


def test_in_private_mode_scripts_get_no_cookie() -> None:
    """Where each page tells its own visitor, one cookie is enough (R1)."""
    got = decide(browser(site()), "accept")
    assert [value for value in got.headers.get_list("set-cookie") if "consent-known" in value] == []


def test_a_view_that_asks_makes_its_answer_private(caplog: pytest.LogCaptureFixture) -> None:
    """Fail closed: what depends on the visitor is nobody else's, whatever its view says (R36)."""

    async def asking(request: Request) -> Response:
        allowed = get_consent(request).allows("ads")
        return HTMLResponse(f"{PAGE}{allowed}", headers=KEPT)

    async def policy(request: Request) -> Response:
        return HTMLResponse(f"<!doctype html><body>{render_policy(request)}", headers=KEPT)

    client = browser(shared(Route("/asks", asking), Route("/policy", policy)))
    with caplog.at_level(logging.WARNING, "consent"):
        for path in ("/asks", "/policy", "/asks"):
            got = client.get(path)
            assert got.headers["cache-control"] == "max-age=60, private, no-cache"
            assert got.headers["vary"] == "Cookie, Sec-GPC"
            assert "etag" not in got.headers
    assert client.get("/policy").text.count("cst-ask") == 0
    assert sum("although cache is 'shared'" in line for line in caplog.messages) == 1


def test_a_response_with_a_cookie_is_private() -> None:
    """A cookie that may be set makes its response one visitor's; one that is withheld leaves no trace (R36)."""

    async def login(request: Request) -> Response:
        return PlainTextResponse("", headers={**KEPT, "set-cookie": request.query_params["name"] + "=1"})

    client = browser(shared(Route("/set", login)))
    kept = client.get("/set?name=session")
    assert kept.headers["set-cookie"] == "session=1"
    assert kept.headers["cache-control"] == "max-age=60, private"
    withheld = client.get("/set?name=_ga")
    assert "set-cookie" not in withheld.headers
    assert withheld.headers["cache-control"] == KEPT["cache-control"]


def test_deletions_wait_for_a_response_that_is_ones_own() -> None:
    """What a browser holds without consent is deleted where no cache may keep the answer (R18, R36)."""
    own = JSONResponse({}, headers={"cache-control": "private"})
    client = browser(shared(Route("/own", own), Route("/form", PlainTextResponse(""), methods=["POST"])))
    client.cookies.set("_ga", "1", domain="site.example")
    assert "set-cookie" not in client.get("/x").headers
    assert "_ga=;" in client.get("/own").headers["set-cookie"]
    client.cookies.set("_ga", "1", domain="site.example")
    assert "_ga=;" in client.post("/form").headers["set-cookie"]


def test_the_tag_is_one_for_all() -> None:
    """A page is confirmed for whoever has it, since it is everybody's (R35)."""
    client = browser(shared())
    tag = client.get("/x").headers["etag"]
    decide(client, "accept")
    assert client.get("/x").headers["etag"] == tag
    assert re.fullmatch(r'"a-cst[0-9a-f]{10}"', tag)


def test_templates_write_what_all_may_read() -> None:
    """Link and script of a template are the same for all, and do not make the page private (R36)."""

    async def own(request: Request) -> Response:
        text = f"<!doctype html><body>{render_link(request)}{render_script(request, nonce='n')}"
        return HTMLResponse(text, headers=KEPT)

    client = browser(shared(Route("/own", own), control="template"))
    texts = {client.get("/own?a=1", headers={"accept-language": tag}).text for tag in ("de", "en")}
    assert len(texts) == 1
    assert 'nonce="n"' in texts.pop()
    assert client.get("/own").headers["cache-control"] == KEPT["cache-control"]


def test_the_policy_page_still_speaks_to_its_reader() -> None:
    """Only what is shared has one language: the visitor's own page has theirs (R15)."""
    assert '<html lang="de"' in browser(shared()).get("/consent", headers={"accept-language": "de"}).text
