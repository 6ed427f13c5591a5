"""What the suite reads from markup: forms, contacts, words, links."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.testing.regulator.markup import Markup

AT = "https://site.example/a/b"


def contacts(html: str) -> set[str]:
    return {contact.address for contact in Markup(html, AT).contacts}


@pytest.mark.parametrize(
    ("html", "fetched"),
    [
        ("<script src=//a.example/1></script>", {"https://a.example/1"}),
        ("<script type=module src=m.js></script>", {"https://site.example/a/m.js"}),
        ("<script type=text/plain src=//a.example/1></script>", set()),
        ("<template><img src=//a.example/1></template><img src=/2>", {"https://site.example/2"}),
        ("<noscript><img src=//a.example/1></noscript>", {"https://a.example/1"}),
        ("<img srcset=' //a.example/1 1x, /2 2x,'>", {"https://a.example/1", "https://site.example/2"}),
        ("<link rel='dns-prefetch preconnect' href=//a.example>", {"https://a.example"}),
        ("<link rel=canonical href=//a.example><a href=//b.example>b</a>", set()),
        ("<p style='background:url(data:image/gif;base64,R0)'>", set()),
        (
            "<style>@import '//a.example/1'; p { background: url( //b.example/2 ) }</style>",
            {"https://a.example/1", "https://b.example/2"},
        ),
        (
            "<object data=//a.example/1></object><video poster=//b.example/2></video>",
            {"https://a.example/1", "https://b.example/2"},
        ),
    ],
)
def test_what_is_fetched(html: str, fetched: set[str]) -> None:
    """What a browser fetches by itself counts, and nothing that waits, is inert or has to be clicked (R2)."""
    assert contacts(html) == fetched


def test_a_form_is_read_as_it_can_be_sent() -> None:
    """Its address, what it sends along, what is ticked, what its buttons say, and the words around it."""
    html = """</p><section><h2>May we?</h2><p>Unclosed<form action=/c method=POST><input type=hidden name=method value=banner>
    <input type=checkbox name=granted value=a checked><input type=text name=t><button name=action value=accept>Yes,
    <b>please</b></button></form></section><input type=checkbox><button>Outside</button>"""
    [form] = Markup(html, AT).forms
    assert (form.address, form.method, form.layer, form.ticked) == (
        "https://site.example/c",
        "post",
        "banner",
        ["a"],
    )
    assert [button.label for button in form.buttons] == ["Yes, please"]
    assert form.words == "May we? Unclosed Yes, please"


def test_words_are_those_that_people_read() -> None:
    """Scripts, stylesheets and what is inert say nothing; links that are hidden lead nowhere."""
    page = Markup("<p>One <b>two</b><script>three</script><style>p{}</style><template>four</template>"
                  "<div hidden><a href=/x>five</a></div><a href=/y>six</a>", AT)  # fmt: skip
    assert page.words == "One two five six"
    assert [link["href"] for link in page.links] == ["https://site.example/y"]
    assert page.scripts == ["three"]


@given(st.text(alphabet="<>/=\"' abcdefiklmnoprst!-", max_size=200))
def test_any_markup_can_be_read(html: str) -> None:
    """Whatever a page is made of, it is read to its end."""
    page = Markup(f"{html}<p id=end><form action=/z></form>", AT)
    assert isinstance(page.words, str)
