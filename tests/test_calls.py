"""The script of the vendors' consent calls in real pages: first in the head, for who needs it, and nowhere else."""

import gzip
import logging
import re
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from consent import Category, render_calls, render_policy
from consent.ui.rendering import Renderer
from tests.sites import PAGE, Clock, browser, decide, service, settings, site

TAG = re.compile(r'<script src="(/consent/assets/calls\.[0-9a-f]{12}\.js)"([^>]*)></script>')


def google() -> list[Category]:
    """A counter and advertisements of Google's, and a service without a call."""
    return [
        Category(
            id="analytics",
            services=[service("counter", "_ga", consent_call="google"), service("heatmap", "_hm")],
        ),
        Category(id="marketing", services=[service("ads", "IDE", consent_call="google")]),
    ]


def paper(*routes: Route, **values: Any) -> Any:
    return site(*routes, **{"categories": google(), **values})


def tag(text: str) -> tuple[str, str]:
    """Where the script stands in this page: right after which markup, and with which attributes."""
    [found] = TAG.finditer(text)
    return text[: found.start()], found[2]


def test_the_script_is_first_in_the_head() -> None:
    """Before any tag of the page, and outside the banner (R49)."""
    text = browser(paper()).get("/").text
    before, attributes = tag(text)
    assert before == "<!doctype html><html lang=en><head>"
    assert attributes == ' data-cst-granted="" data-cst-denied=""'
    assert text.replace(TAG.search(text)[0], "").startswith(PAGE.partition("<p>")[0])  # type: ignore[index]


def test_its_tag_carries_the_standing_of_those_services() -> None:
    """What was decided reaches the vendors on later pages, and no more of it than concerns them (R49)."""
    clock = Clock()
    client = browser(paper(clock=clock))
    decide(client, "save", granted=["counter", "heatmap"])
    for _ in range(2):
        assert tag(client.get("/").text)[1] == ' data-cst-granted="counter" data-cst-denied="ads"'
        clock.now += 61
    decide(client, "withdraw")
    assert tag(client.get("/").text)[1] == ' data-cst-granted="" data-cst-denied="ads counter"'


def test_a_site_without_calls_has_no_script() -> None:
    """Pages and assets are as if there were no such thing (R49)."""
    client = browser(site())
    assert "calls" not in client.get("/").text
    assert TAG.search(browser(paper()).get("/").text)


def test_the_script_is_kept_for_ever() -> None:
    """Its address changes with its content, so that browsers never ask twice (R54)."""
    client = browser(paper())
    address = TAG.search(client.get("/").text)[1]  # type: ignore[index]
    got = client.get(address)
    assert got.headers["content-type"] == "text/javascript; charset=utf-8"
    assert got.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert 'gtag("consent", "default"' in got.text


async def policy(request: Request) -> Response:
    return HTMLResponse(f"<!doctype html><head><title>a</title></head><body>{render_policy(request)}")


def test_a_page_with_the_sites_own_policy_has_it_too() -> None:
    """It carries no banner, but it may carry tags (R8, R49)."""
    text = browser(paper(Route("/policy", policy))).get("/policy").text
    assert tag(text)[0] == "<!doctype html><head>"
    assert "cst-ask" not in text


async def short(request: Request) -> Response:
    return HTMLResponse("<p>a part</p>")


async def amp(request: Request) -> Response:
    return HTMLResponse("<!doctype html><html amp><head></head><body></body></html>")


async def data(request: Request) -> Response:
    return JSONResponse({"head": "<head>"})


@pytest.mark.parametrize("path", ["/short", "/amp", "/data", "/out", "/consent"])
def test_what_is_no_page_of_the_sites_has_none(path: str) -> None:
    """Fragments, AMP, data, excluded paths and our own page carry no tags to tell (R37)."""
    routes = [Route("/short", short), Route("/amp", amp), Route("/data", data), Route("/out", policy)]
    assert "calls." not in browser(paper(*routes, exclude=["/out"])).get(path).text


def test_a_part_of_a_page_has_none() -> None:
    """What is swapped into a page comes into one that has been told (R37)."""
    assert "calls." not in browser(paper()).get("/", headers={"hx-request": "true"}).text
    assert "calls." not in browser(paper()).get("/", headers={"sec-fetch-dest": "empty"}).text


async def tagged(request: Request) -> Response:
    fresh = request.headers.get("if-none-match") == '"a"'
    return HTMLResponse("" if fresh else PAGE, 304 if fresh else 200, headers={"etag": '"a"'})


def test_lengths_and_tags_are_true_of_the_page() -> None:
    """The length counts both insertions, HEAD says the same, and each standing has its entity tag (R35)."""
    client = browser(paper(Route("/x", tagged, methods=["GET", "HEAD"])))
    first = client.get("/x")
    assert int(first.headers["content-length"]) == len(first.content)
    assert client.head("/x").headers["etag"] == first.headers["etag"]
    assert client.get("/x", headers={"if-none-match": first.headers["etag"]}).status_code == 304
    decide(client, "reject")
    assert client.get("/x", headers={"if-none-match": first.headers["etag"]}).status_code == 200


def test_other_settings_make_another_page() -> None:
    """Who kept the page before a service got its call is sent the new one (R35)."""
    pages = [
        browser(paper(Route("/x", tagged), **values)).get("/x").headers["etag"]
        for values in ({}, {"google_regions": ["EEA"]}, {"consent_calls": {"marketing": ["analytics"]}})
    ]
    assert len(set(pages)) == 3


@pytest.mark.parametrize("charset", ["utf-16-le", "iso-8859-1", "utf-8"])
def test_it_is_written_in_the_pages_own_charset(charset: str) -> None:
    """A page in another encoding stays one, and its length is right (R35)."""
    text = PAGE.replace("Hello", "Grüße")

    async def own(request: Request) -> Response:
        return Response(text.encode(charset), media_type=f"text/html; charset={charset}")

    got = browser(paper(Route("/x", own))).get("/x")
    assert tag(got.content.decode(charset))[0] == "<!doctype html><html lang=en><head>"
    assert "Grüße" in got.content.decode(charset)
    assert int(got.headers["content-length"]) == len(got.content)


def test_it_goes_into_what_was_compressed() -> None:
    """A page that comes compressed is opened for it, as it is for the banner (R35)."""

    async def packed(request: Request) -> Response:
        return Response(
            gzip.compress(PAGE.encode()), headers={"content-encoding": "gzip"}, media_type="text/html"
        )

    assert tag(browser(paper(Route("/x", packed))).get("/x").text)[0].endswith("<head>")


# --- the site's own policy ------------------------------------------------------------------------


def under(policy: str, **values: Any) -> str:
    async def own(request: Request) -> Response:
        return HTMLResponse(PAGE, headers={"content-security-policy": policy})

    return browser(paper(Route("/x", own), **values)).get("/x").text


def test_the_sites_nonce_is_used() -> None:
    """Nothing is written inline, and the tag has the nonce that the site asks for (R34)."""
    assert tag(under("script-src 'nonce-abc'"))[1].startswith(' nonce="abc" data-cst-granted')
    assert ' nonce="abc"' in tag(under("script-src 'nonce-abc'", cache="shared"))[1]


def test_a_site_that_lists_hashes_can_list_this_one() -> None:
    """The tag says the hash again, as browsers ask of files (R34)."""
    address = TAG.search(browser(paper()).get("/").text)[1]  # type: ignore[index]
    declared = settings(categories=google())
    assets = Renderer(declared, declared.catalogue).assets
    assert assets.url("/consent", "calls.js") == address
    integrity = assets.integrity("calls.js")
    assert f' integrity="{integrity}"' in tag(under(f"script-src '{integrity}'"))[1]


def test_what_the_site_would_block_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    """No violation is ours; the log says once what is missing (R34)."""
    with caplog.at_level(logging.WARNING, "consent"):
        assert "calls." not in under("script-src 'sha256-abc='")
    assert sum("would block" in line for line in caplog.messages) == 1


# --- templates of the site's own, and pages for all -----------------------------------------------


async def templated(request: Request) -> Response:
    return HTMLResponse(
        f"<!doctype html><head>{render_calls(request, nonce='n')}<title>a</title></head><body>"
    )


def test_templates_carry_it_themselves() -> None:
    """With ``control = "template"`` nothing goes into the head by itself (R49)."""
    client = browser(paper(Route("/own", templated), control="template"))
    assert "calls." not in client.get("/").text
    decide(client, "accept")
    text = client.get("/own").text
    assert tag(text) == (
        "<!doctype html><head>",
        ' nonce="n" data-cst-granted="ads counter" data-cst-denied=""',
    )


@pytest.mark.parametrize("values", [{}, {"cache": "shared"}, {"cache": "shared", "control": "template"}])
def test_a_page_never_has_two(values: dict[str, Any]) -> None:
    """Where it goes in by itself, templates write nothing (R49)."""
    client = browser(paper(Route("/own", templated), **values))
    assert len(TAG.findall(client.get("/own").text)) == 1


def test_templates_of_a_site_without_calls_write_nothing() -> None:
    """A template may ask for it all the same."""
    client = browser(site(Route("/own", templated), control="template"))
    assert "<head><title>" in client.get("/own").text


@pytest.mark.parametrize("control", ["inject", "template"])
def test_pages_for_all_tell_nothing_of_their_reader(control: str) -> None:
    """The same bytes for everybody: the script asks the cookie that it may read (R36)."""
    client = browser(paper(cache="shared", control=control))
    before = client.get("/").text
    decide(client, "accept")
    assert client.get("/").text == before
    assert tag(before)[1] == ""
