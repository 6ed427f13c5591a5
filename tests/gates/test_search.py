"""The search for hosts: quick, and never other than what is found by looking for them in the plainest way."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from consent.catalogue import Catalogue
from consent.gates.addresses import Withholding
from consent.gates.markup import MarkupGate
from consent.gates.rewriting import Rewriter
from consent.gates.search import HostSearch
from tests.sites import categories

SETS = [
    ["stats.example"],
    ["ads.example", "stats.example"],
    ["localhost"],
    ["a.b", "b.a.ab", "localhost", "t-1.example", "stats.com", "ads.com.au", "ads.co"],
    [f"{label}{number}.{tail}" for number, label in enumerate(["ads", "px", "s"] * 11) for tail in ("com", "io", "ads.net")],
]  # fmt: skip
SEARCHES = [HostSearch(hosts) for hosts in SETS]
CATALOGUE = Catalogue(categories())
GATE = MarkupGate(CATALOGUE)
NOBODY = CATALOGUE.standing(None)

ends = st.sampled_from(["", "", "", "\n", "\t", "\r\n", "\n\t\t"])
spelled = st.sampled_from(sorted({host for hosts in SETS for host in hosts})).flatmap(
    lambda host: st.tuples(*(st.tuples(st.sampled_from([c, c, c, c.upper()]), ends) for c in host))
)
broken = spelled.map(lambda letters: "".join(letter + end for letter, end in letters))
noise = st.text("adstex.comlp1-b\n\t/\"' <=A:", max_size=12)
texts = st.lists(st.one_of(broken, noise), max_size=8).map("".join)


def plainly(data: bytes, hosts: list[str]) -> bool:
    """Whether a host stands there in whatever case, with line ends in it or none."""
    read = re.sub(rb"[\t\n\r]", b"", data).lower()
    return any(host.encode() in read for host in hosts)


@settings(deadline=None)
@given(st.integers(0, len(SETS) - 1), texts)
@example(0, "stats.\nexample")
@example(0, "s\ntats.example")
@example(0, "stats\n.example")
@example(0, "s\n\ntats.exampl\te")
@example(3, "ads.com.au")
@example(4, "ads0.\n\r\nads.net")
def test_a_host_is_found_wherever_it_stands_and_nowhere_else(number: int, text: str) -> None:
    """In whatever case and however cut by line ends, a name is found; no other text is taken for one (R2)."""
    data = text.encode()
    found = plainly(data, SETS[number])
    assert SEARCHES[number].names(data) is found
    if found:
        assert SEARCHES[number].positions(data)


ODD = [
    "//st%61ts.example",
    "//st&#97;ts.example",
    "/\\st%61ts.example",
    "\\\\st%61ts.example",
    "&#47;&sol;st&#97;ts.example",
    "&bsol;&#x5c;stats.example",
    "//\uff53tats.example",
    "//stats\u3002example",
    "//stats&period;example",
    "//st\\61 ts.example",
    "https://user:secret@st%61ts.example:80/",
    "/\n/st%61ts.example",
    "/\t/st&Tab;ats.example",
    "https:st%61ts.example",
    "HTTP:/st%61ts.example",
    "wss:\\st%61ts.example",
]


def cut_behind_slashes(address: str, cut: int, end: str) -> str:
    cut = max(cut, address.find("//") + 2)
    return address[:cut] + end + address[cut:]


@settings(deadline=None)
@given(st.sampled_from(ODD), st.integers(2, 40), ends, texts, texts)
def test_no_odd_spelling_is_missed(odd: str, cut: int, end: str, before: str, after: str) -> None:
    """Escapes, references and other letters are told wherever they stand, with line ends among them too (R2)."""
    data = f"{before} {cut_behind_slashes(odd, cut, end)} {after}".encode()
    for search in SEARCHES:
        assert search.names(data)
        assert search.positions(data)


class Everywhere(Withholding):
    """Looks at every tag, whatever stands in it."""

    def positions(self, data: bytes) -> list[int]:
        return [*range(len(data))]


EVERYWHERE = Everywhere(CATALOGUE, NOBODY.granted)
ADDRESSES = [*ODD, "//stats.example/x", "https://STATS.example", "//ads.example", "/own.example", "//other.example/a%20b", "http:/own", "stats.example"]  # fmt: skip
TAGS = [
    "<img src='{}'>",
    "<img alt='{}' srcset='{} 2x'>",
    "<script>load('{}')</script>",
    "<script src='{}'></script>",
    "<p style='background:url({})'>",
    "<style>@import '{}';</style>",
    "<iframe src='{}'></iframe>",
    "<noscript><img src='{}'></noscript>",
    "<svg><image href='{}'/></svg>",
    "<a href='{}'>x</a>",
    "<!-- {} -->",
    "<p>{}</p>",
]
addresses = st.builds(cut_behind_slashes, st.sampled_from(ADDRESSES), st.integers(2, 40), ends)
documents = st.lists(
    st.builds(lambda tag, address: tag.replace("{}", address), st.sampled_from(TAGS), addresses), max_size=5
).map("".join)


@settings(deadline=None)
@given(documents)
@example("<img src='//st\nats.example'>")
@example("<img src='/\n/stats.example'>")
def test_looking_where_the_search_says_is_as_good_as_looking_everywhere(document: str) -> None:
    """Of a page the same is left as if each of its tags were read; what is passed needs no look (R2, R38)."""
    data = document.encode()
    everywhere = Rewriter(EVERYWHERE, codec="utf-8").rewrite(data, final=True)[0]
    assert GATE.stream(NOBODY, charset=None).feed(data, final=True) == everywhere
    if not GATE.names_gated_host(data):
        assert everywhere == data


@pytest.mark.parametrize(
    "data",
    [
        b"\nex.ample//\n// a note\n",
        b"this.\nexample",
        b"\nstats.examples.",
        b"\n\tmy\n.example",
        b"https://other.example\n",
        b"<p title='a &amp; b'>100% \xc3\xa9 \\n</p>",
    ],
)
def test_lines_and_odd_bytes_elsewhere_name_nobody(data: bytes) -> None:
    """Line ends after an address, notes in scripts and text in any language keep a page's quick way."""
    assert HostSearch(["stats.com", "stats.net"]).names(data) is False
