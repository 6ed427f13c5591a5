"""Globals for Jinja2: templates ask, show and embed, and the page asks once."""

from typing import Any

import pytest
from jinja2 import DictLoader, Environment
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from consent import Category, ConsentError, render_banner, services
from consent.integrations.jinja import install
from tests.sites import Clock, browser, categories, decide, site
from tests.ui.markup import read

LAYOUT = (
    "<!doctype html><html lang=en><head><title>News</title>{{ consent_calls() }}</head><body><header>Top</header>"
    "{% block banner %}{{ consent_banner() }}{% endblock %}{% block main %}{% endblock %}"
    "<footer>{{ consent_link() }}</footer>{{ consent_script(nonce='n1') }}</body></html>"
)
CHILD = '{% extends "layout.html" %}{% block main %}'
TEMPLATES = {
    "layout.html": LAYOUT,
    "front.html": CHILD + "{% if consent.allows('analytics') %}Counted{% else %}Not counted"
    "{% endif %} {{ consent.verdict('ads') }}{% endblock %}",
    "excluded.html": CHILD + "Not counted{% endblock %}",
    "policy.html": CHILD
    + "{{ consent_policy(heading_level=3) }}{% endblock %}{% block banner %}{% endblock %}",
    "twice.html": CHILD + "{{ consent_banner() }}{% endblock %}",
    "both.html": CHILD + "{{ consent_policy() }}{% endblock %}",
    "policy_first.html": "<!doctype html><title>x</title><body>{{ consent_policy() }}{{ consent_banner() }}",
    "film.html": CHILD
    + "{{ consent_embed('youtube', 'https://www.youtube.com/embed/a', title=title) }}{% endblock %}",
    "nonce.html": "<!doctype html><title>x</title><body>{{ consent_banner(language='de', nonce='n1') }}</body>",
    "_macros.html": "{% macro foot() %}<footer>{{ consent_link() }}</footer>{% endmacro %}",
    "with.html": "<!doctype html><title>x</title>{% from '_macros.html' import foot with context %}{{ foot() }}",
    "without.html": "<!doctype html><title>x</title>{% from '_macros.html' import foot %}{{ foot() }}",
}
FRAGMENT = {"hx-request": "true", "accept": "*/*", "sec-fetch-dest": "empty"}


def templates(*, autoescape: bool = True) -> Jinja2Templates:
    environment = Environment(loader=DictLoader(TEMPLATES), autoescape=autoescape)  # noqa: S701  # on purpose
    install(environment)
    return Jinja2Templates(env=environment)


def pages(*, autoescape: bool = True, **values: Any) -> Any:
    """A site whose pages are the templates above, by their names."""
    found = templates(autoescape=autoescape)

    async def view(request: Request) -> Response:
        return found.TemplateResponse(
            request, request.path_params["name"] + ".html", {"title": "<b>Tide</b>"}
        )

    media = Category(id="media", name="Media", purpose="Shows films.", services=[services.youtube()])
    return site(Route("/{name}", view), categories=(*categories(), media), **values)


def test_the_banner_stands_where_the_template_puts_it() -> None:
    """One surface a page: the one of the template, with what the layer would have put beside it (R8, R17)."""
    client = browser(pages())
    text = client.get("/front").text
    assert text.count('id="cst-ask"') == text.count('id="cst-control"') == 1
    assert text.index("<header>") < text.index('id="cst-ask"') < text.index("Not counted")
    decide(client, "accept")
    text = client.get("/front").text
    assert "cst-ask" not in text
    assert text.index("<header>") < text.index('id="cst-saved"') < text.index("Counted")


def test_with_control_template_the_rest_stands_where_templates_put_it() -> None:
    """The banner comes without the link and the script, which the template writes (R17)."""
    text = browser(pages(control="template")).get("/front").text
    assert text.count('id="cst-ask"') == text.count("cst-link") == text.count('type="module"') == 1
    assert "cst-control" not in text


def test_a_page_with_the_policy_asks_nowhere_else() -> None:
    """Policy and banner never stand in one page, whichever the template writes first (R8)."""
    client = browser(pages())
    for name in ("policy", "policy_first"):
        text = client.get(f"/{name}").text
        assert text.count('class="cst-policy"') == 1
        assert "cst-ask" not in text
    assert "<h3" in client.get("/policy").text
    with pytest.raises(ConsentError, match="stands in this page already"):
        client.get("/both")


def test_the_second_banner_is_none() -> None:
    """A template that writes it twice shows it once (R8)."""
    assert browser(pages()).get("/twice").text.count('id="cst-ask"') == 1


@pytest.mark.parametrize(("headers", "path"), [(FRAGMENT, "/front"), ({}, "/excluded")])
def test_no_banner_where_none_would_go_in(headers: dict[str, str], path: str) -> None:
    """A part of a page and an excluded one carry none, though their template writes it."""
    text = browser(pages(exclude=["/excluded"])).get(path, headers=headers).text
    assert "Not counted" in text
    assert "cst-ask" not in text


def test_a_page_that_carries_the_banner_is_its_visitors_own() -> None:
    """It is kept private and told apart by what the visitor sends (R35)."""
    headers = browser(pages()).get("/nonce").headers
    assert "private" in headers["cache-control"]
    assert "cookie" in headers["vary"].lower()


def test_pages_for_all_carry_the_banner_for_all() -> None:
    """With a shared cache the template's banner is the same for everybody, and public (R36)."""
    client = browser(pages(cache="shared", clock=Clock()))
    before = client.get("/nonce")
    decide(client, "accept")
    assert client.get("/nonce").text == before.text
    assert before.text.count('id="cst-ask"') == 1
    assert "private" not in before.headers.get("cache-control", "")


def test_nonce_and_language_are_the_templates() -> None:
    """What the page's policy asks for stands on every tag, and the banner speaks the page's language."""
    page = read(browser(pages()).get("/nonce").text)
    assert page.one("section", id="cst-ask")["lang"] == "de"
    assert {tag["nonce"] for tag in (*page.all("link"), *page.all("script"))} == {"n1"}


@pytest.mark.parametrize("autoescape", [True, False])
def test_markup_is_markup_and_words_are_words(autoescape: bool) -> None:
    """What we write is not escaped a second time; a title from the database is, in either environment."""
    text = browser(pages(autoescape=autoescape)).get("/film").text
    assert '<template data-cst-embed data-consent="youtube"><iframe' in text
    assert "<b>Tide</b>" not in text
    assert "&lt;b&gt;Tide" in text


def test_macros_need_the_request() -> None:
    """Imported with context they work; without, the error says what to write."""
    client = browser(pages())
    assert "cst-link" in client.get("/with").text
    with pytest.raises(ConsentError, match=r"'_macros\.html' has no 'request'.*'with context'"):
        client.get("/without")


def test_outside_the_layer_a_template_says_so() -> None:
    """No template shows a page as if it were protected where it is not."""
    request = Request({"type": "http", "headers": []})
    with pytest.raises(ConsentError, match="ConsentMiddleware does not stand outside"):
        templates().get_template("front.html").render(request=request)


def test_a_view_can_place_the_banner() -> None:
    """`render_banner` is there without any template language."""

    async def view(request: Request) -> Response:
        return Response(
            f"<!doctype html><title>x</title><p>A</p>{render_banner(request)}", media_type="text/html"
        )

    text = browser(site(Route("/view", view))).get("/view").text
    assert text.index("<p>A</p>") < text.index("cst-ask")
    assert text.count('id="cst-ask"') == 1
