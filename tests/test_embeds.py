"""Embeds that templates write by `render_embed`: a frame for who has agreed, a placeholder for others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from consent import Category, render_embed, services
from consent.embeds import embed_address
from consent.errors import ConsentError
from tests.sites import browser, categories, decide, service, site
from tests.ui.markup import read

FILM = "https://www.youtube.com/embed/abc?start=7&rel=0"
MEDIA = Category(
    id="media",
    name="Media",
    purpose="Shows films.",
    services=[services.youtube(), services.vimeo(), service("plain", third_party=False)],
)


def pages(**values: Any) -> Any:
    """A site with one film on its page."""
    how: dict[str, Any] = {"service": "youtube", "address": FILM, "title": "Low & high tide", **values}
    chosen = {name: how.pop(name) for name in ("gate_markup", "cache", "csp") if name in how}

    async def film(request: Request) -> Response:
        embed = render_embed(
            request,
            how["service"],
            how["address"],
            **{k: v for k, v in how.items() if k not in ("service", "address")},
        )
        head = "<!doctype html><html lang=en><head><title>x</title></head>"
        return HTMLResponse(f"{head}<body><main>{embed}</main></body></html>")

    return site(Route("/film", film), categories=(*categories(), MEDIA), **chosen)


@pytest.mark.parametrize("gate_markup", [False, True])
def test_a_placeholder_stands_where_the_film_may_not(gate_markup: bool) -> None:
    """Of its size, with its title, its service and why, and two ways to allow it; nothing is contacted (R56)."""
    client = browser(pages(gate_markup=gate_markup, width=640, height=360))
    html = client.get("/film").text
    page = read(html)
    embed = page.one("div", **{"class": "cst-embed"})
    assert embed["aria-label"] == "Low & high tide"
    assert "YouTube" in embed.text
    room = page.one("svg", **{"class": "cst-embed__room"})
    assert (room["width"], room["height"]) == ("640", "360")
    assert html.count("<iframe") == html.count('<template data-cst-embed data-consent="youtube"><iframe') == 1
    assert "youtube-nocookie.com/embed/abc?start=7&amp;rel=0" in html


def test_the_film_is_there_for_who_has_agreed() -> None:
    """From the host that tracks least, with the page's own parameters and no placeholder (R56)."""
    client = browser(pages(attributes={"allow": 'fullscreen; "x"'}))
    decide(client, "save", asked="youtube", granted="youtube")
    html = client.get("/film").text
    assert "cst-embed" not in html
    frame = read(html).one("iframe")
    assert frame["src"] == "https://www.youtube-nocookie.com/embed/abc?start=7&rel=0"
    assert frame["title"] == "Low & high tide"
    assert frame["allow"] == 'fullscreen; "x"'
    assert "allowfullscreen" in html


def test_the_gate_makes_the_same_placeholder() -> None:
    """Whether a template or the gate withholds the film, visitors see the same, byte for byte (R56)."""
    by_template, by_gate = (
        browser(pages(gate_markup=gate, thumbnail="/a.jpg")).get("/film").text for gate in (False, True)
    )
    assert by_template == by_gate
    assert "cst-embed" in by_gate


def test_without_scripts_a_form_allows_the_service() -> None:
    """The placeholder's button is a form that comes back to the page, and its link leads to the source (R40, R56)."""
    client = browser(pages())
    page = read(client.get("/film").text)
    form = page.one("form", **{"class": "cst-embed__form"})
    assert form["action"] == "/consent"
    sent = {
        field["name"]: field["value"]
        for field in page.all("input")
        if field["name"] in ("asked", "granted", "next", "method")
    }
    assert sent == {"asked": "youtube", "granted": "youtube", "next": "/film", "method": "embed"}
    assert "https://www.youtube-nocookie.com/embed/abc?start=7&rel=0" in [
        link["href"] for link in page.all("a")
    ]


def test_pages_for_all_carry_the_placeholder_for_all() -> None:
    """In a shared cache there is one page; the script shows the film to who has agreed (R36)."""
    client = browser(pages(cache="shared"))
    before = client.get("/film").text
    decide(client, "accept")
    assert client.get("/film").text == before


@pytest.mark.parametrize("gate_markup", [False, True])
def test_a_local_thumbnail_is_shown(gate_markup: bool) -> None:
    """A picture of the site's own says what there is to see; one from elsewhere would be a request (R2)."""
    html = browser(pages(thumbnail="/static/tide.jpg", gate_markup=gate_markup)).get("/film").text
    assert read(html).one("img", **{"class": "cst-embed__picture"})["src"] == "/static/tide.jpg"
    with pytest.raises(ConsentError, match="local address"):
        browser(pages(thumbnail="https://i.ytimg.com/abc.jpg")).get("/film")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"service": "youtub"}, "'youtub' was to be embedded; the settings declare no such service"),
        ({"address": "https://evil.example/"}, "its declared hosts are youtube.com"),
        ({"address": "javascript:alert(1)"}, "its declared hosts are"),
        ({"address": "//www.youtube.com/embed/x"}, "its declared hosts are"),
        ({"service": "plain"}, "its declared hosts are none"),
    ],
)
def test_what_is_not_declared_is_not_embedded(values: dict[str, str], told: str) -> None:
    """A mistake in a template is told at once, with what came and what is allowed."""
    with pytest.raises(ConsentError, match=told):
        browser(pages(**values)).get("/film")


def test_parameters_that_reduce_tracking_are_added_once() -> None:
    """What the page says itself stays as it is written."""
    vimeo = services.vimeo()
    assert (
        embed_address(vimeo, "https://player.vimeo.com/video/1") == "https://player.vimeo.com/video/1?dnt=1"
    )
    assert (
        embed_address(vimeo, "https://player.vimeo.com/video/1?h=a%20b#t=3s")
        == "https://player.vimeo.com/video/1?h=a%20b&dnt=1#t=3s"
    )
    assert (
        embed_address(vimeo, "https://player.vimeo.com/video/1?dnt=0")
        == "https://player.vimeo.com/video/1?dnt=0"
    )


@given(st.text(max_size=60), st.text(max_size=30))
def test_no_address_leaves_the_declared_hosts(path: str, title: str) -> None:
    """Whatever is put into an address, a frame is from a declared host or is refused."""
    for address in (f"https://www.youtube.com{path}", f"https://www.youtube.com/{path}", path):
        try:
            made = embed_address(services.youtube(), address)
        except (ConsentError, ValueError):
            continue
        host = made.partition("://")[2].partition("/")[0].partition("?")[0].partition("#")[0]
        host = host.rpartition("@")[2].partition(":")[0].lower()
        assert host.endswith(("youtube.com", "youtube-nocookie.com"))
