"""A site's own templates: they replace ours file by file, and a choice stays one."""

from pathlib import Path
from typing import Any

import pytest

from consent import ConfigurationError
from consent.ui.rendering import Renderer
from consent.ui.sources import template_source
from tests.sites import settings
from tests.ui.markup import read

ASK = template_source("ask.html") or ""
FIELDS = template_source("_fields.html") or ""


def renderer(folder: Path, **templates: str) -> Renderer:
    for name, source in templates.items():
        (folder / f"{name}.html").write_text(source)
    site = settings(templates=str(folder))
    return Renderer(site, site.catalogue)


def banner(drawn: Renderer) -> Any:
    return read(drawn.banner(language="en", base="", return_to="/"))


def test_a_template_of_the_sites_own_replaces_ours(tmp_path: Path) -> None:
    """One file is replaced, it may include ours and parts of its own, and all others stay."""
    own = '<!-- ours --><div class="frame">{% include "consent/ask.html" %}{% include "_more.html" %}</div>'
    drawn = renderer(tmp_path, ask=own, _more="<p>{{ content.controller }}</p>")
    frame = banner(drawn).one("div", **{"class": "frame"})
    assert frame.one("section", id="cst-ask")
    assert frame.all("p")[-1].text == settings().controller
    assert "cst-control" in drawn.control(language="en", base="")


def test_the_evidence_keeps_the_sites_own_template(tmp_path: Path) -> None:
    """What its words were can be shown later (R23)."""
    drawn = renderer(tmp_path, ask=ASK + "<p>Please do.</p>")
    assert "Please do." in drawn.notice("en").body


@pytest.mark.parametrize(
    ("templates", "sentence"),
    [
        ({}, "templates: there is no template in "),
        ({"askk": ""}, "templates: 'askk.html' replaces nothing; allowed are _choice.html, "),
        ({"ask": "{% if %}"}, "templates: ask.html: this is no template: Expected an expression"),
        ({"ask": "{{ nothing }}"}, "templates: ask.html: it cannot be rendered: 'nothing' is undefined"),
        (
            {"ask": '{% include "consent/askk.html" %}'},
            "templates: ask.html: it cannot be rendered: consent/askk.html",
        ),
        ({"ask": "<p>Hello</p>"}, "templates: ask.html: there is not one form that posts; needed is one."),
        ({"ask": '<form method="get"></form>'}, "templates: ask.html: there is not one form that posts"),
        (
            {"ask": ASK.replace('value="reject"', 'value="accept"')},
            "templates: ask.html: needed is a button for each of the actions 'accept' and 'reject' (R5).",
        ),
        (
            {"ask": ASK.replace('value="reject"', 'value="reject" hidden')},
            "templates: ask.html: the buttons for accepting and refusing differ",
        ),
        (
            {"ask": ASK.replace('{{ hidden("banner", hole, notice, language) }}', "")},
            "templates: ask.html: the hidden field 'method' is missing (R23).",
        ),
        (
            {"ask": ASK.replace("<ul", '<input type="checkbox" checked><ul')},
            "templates: ask.html: there is something to fill in; allowed is nothing but buttons (R4).",
        ),
        (
            {"_fields": FIELDS.replace("{% if on %}", "{% if true %}")},
            "templates: choices.html: something is ticked beforehand; allowed is what the visitor ticks (R4).",
        ),
        (
            {"_fields": "<p>Nothing to choose</p>"},
            "templates: choices.html: no field grants 'preferences'; needed is one for each category (R9).",
        ),
    ],
)
def test_a_template_that_nudges_is_refused(tmp_path: Path, templates: dict[str, str], sentence: str) -> None:
    """Whatever makes refusing harder than accepting is told when the site starts (R4, R5)."""
    with pytest.raises(ConfigurationError) as told:
        renderer(tmp_path, **templates)
    assert str(told.value).startswith(sentence)


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """The error names the folder."""
    (tmp_path / "ask.html").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ConfigurationError, match=r"^templates: .* cannot be read: "):
        renderer(tmp_path)
