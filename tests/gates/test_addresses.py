"""Hosts of addresses, however they are written, and what needs consent to be contacted."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent import Category
from consent.catalogue import Catalogue
from consent.gates.addresses import Withholding, host_of
from tests.sites import categories, service

CATALOGUE = Catalogue(categories())
HELD = Withholding(CATALOGUE, CATALOGUE.standing(None).granted)
COUNTER = {"counter"}


@pytest.mark.parametrize(
    "address",
    [
        "https://stats.example/count.js",
        "//stats.example",
        " \t\n//STATS.Example/x",
        "http:\\\\stats.example\\x",
        "/\\stats.example",
        "///stats.example/x",
        "https:stats.example",
        "wss://stats.example:8080/live",
        "https://user:secret@elsewhere@stats.example/",
        "//st\nats.ex\tample/",
        "//stats%2eex%61mple/",
        "//stats.example./",
        "//cdn.eu.stats.example?x",
        "//\uff53tats\u3002example#x",
    ],
)
def test_no_way_of_writing_hides_a_host(address: str) -> None:
    """An address is read as browsers read it: slashes, blanks, escapes, user, port, IDNA (R2)."""
    assert HELD.address(address) == COUNTER


@pytest.mark.parametrize(
    "address",
    ["", "/", "stats.example", "/stats.example", "data:,//stats.example", "javascript:'//stats.example'",
     "mailto:a@stats.example", "//mystats.example", "//stats.example.org", "//[::1]:80/", "//other.example/stats.example",
     "https:", "//%ff/", "//a..b\u00fc/", "?//stats.example", "#//stats.example"],
)  # fmt: skip
def test_other_addresses_need_nothing(address: str) -> None:
    """Local addresses, other hosts and other schemes are left alone (R2)."""
    assert not HELD.address(address)


def test_idn_hosts_are_compared_as_dns_has_them() -> None:
    """A name with umlauts is the declared one in Punycode (R2)."""
    assert host_of("//m\u00fcller.example/") == "xn--mller-kva.example"


@settings(deadline=None)
@given(st.text())
def test_no_address_is_an_error(address: str) -> None:
    """Whatever stands in an attribute, a script or a style is read without an error (R30)."""
    assert host_of(address) is None or HELD.address(address) is not None
    HELD.style(address)
    HELD.addresses(address)
    HELD.text(address.encode("utf-8", "replace"))


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        (b'load("https://stats.example/a")', COUNTER),
        (b"h='cdn.STATS.example.'", COUNTER),
        (b'["stats.example","ads.example"]', {"counter", "ads"}),
        (b"mystats.example", set()),
        (b"stats.example.org", set()),
        (b"a" * 400 + b".stats.example", COUNTER),
        (b"stats.example" + b".a" * 400, set()),
        (b"var stats = example", set()),
    ],
)
def test_a_script_names_hosts_by_whole_names(text: bytes, needed: set[str]) -> None:
    """A snippet counts if it names a host or a subdomain of it, not a longer name (R2)."""
    assert HELD.text(text) == needed


@pytest.mark.parametrize(
    ("css", "left"),
    [
        ("a{background:url(//stats.example/x.png) red}", "a{background:url(data:,) red}"),
        ("a{background:url( '//stats.example/x' )}", "a{background:url( 'data:,' )}"),
        ('@import "https://stats.example/a.css" print;', '@import "data:," print;'),
        ("a{b:url(\\2f\\2fstats.example)}", "a{b:url(data:,)}"),
        ("a{b:url(//stats.exampl\\65 )}", "a{b:url(data:,)}"),
        ('a{b:image-set("//stats.example/1" 1x, "/2" 2x)}', 'a{b:image-set("data:," 1x, "/2" 2x)}'),
        ("/* url(//stats.example) */ a{b:url(/own)}", None),
        ('a::after{content:"stats.example \\0 \\\n"}', None),
        ("a{b:'never closed", None),
    ],
)
def test_styles_lose_addresses_and_nothing_else(css: str, left: str | None) -> None:
    """Only the address goes; comments, the site's own addresses and words stay (R2)."""
    assert HELD.style(css) == (left or css, COUNTER if left else set())


def test_a_host_of_two_services_needs_both_and_a_granted_one_nothing() -> None:
    """What two services share waits for both; what is granted or necessary is not looked for (R13)."""
    own = service("own", hosts=["cdn.stats.example"], justification="The site's own pictures.")
    second = service("second", hosts=["stats.example", "localhost"])
    catalogue = Catalogue(
        [
            Category(id="necessary", services=[own]),
            *categories()[1:3],
            Category(id="marketing", services=[second]),
        ]
    )
    held = Withholding(catalogue, catalogue.standing(None).granted | {"counter"})
    assert held.address("//stats.example") == {"counter", "second"}
    assert not held.address("//cdn.stats.example")
    assert held.names(b"http://LOCALHOST/")
    assert held.hosts == ("localhost", "stats.example")
    everything = Withholding(catalogue, catalogue.ids)
    assert everything.hosts == ()
    assert not everything.names(b"//stats.example")
    assert everything.positions(b"//stats.example") == []
    assert not everything.text(b"//stats.example")


@pytest.mark.parametrize(
    "data",
    [b"//stats.example", b"STATS.EXAMPLE", b"//st%61ts.example", b"//st&#97;ts.example", b"//sta\nts.example", b"&#47;&#x2F;st&#97;ts.example", b"&sol;&sol;st&#97;ts.example",
     b"\\\\st%61ts.example", b"/\\st%61ts.example", b"//\xef\xbd\x93tats.example"],
)  # fmt: skip
def test_the_search_misses_no_spelling(data: bytes) -> None:
    """The quick search finds whatever might name a host (R2)."""
    assert HELD.names(data)
    assert HELD.positions(data)


@pytest.mark.parametrize(
    "data", [b"", b"<p>statsXexample</p>", b"<a href='//other.example/a%20b'>\\n", b"stats. example"]
)
def test_the_search_passes_what_names_nobody(data: bytes) -> None:
    """Other hosts and escapes elsewhere do not cost a page its quick way."""
    assert not HELD.names(data)
