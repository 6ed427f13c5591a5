"""What a browser tells while a page is open, and what of it is noted."""

from typing import Any

import pytest

from consent.audit.sightings import Facts, Notebook, Phase, Thing
from consent.audit.watching import BLOCKED, Watch

SITE = "paper.example"


class Watched:
    """A watch, and the names that it has noted."""

    def __init__(self) -> None:
        self.notes = Notebook()
        self.watch = Watch(self.notes, SITE, clock=lambda: 1_000.0)

    @property
    def things(self) -> set[Thing]:
        return {one.thing for one in self.notes.sightings}

    @property
    def hosts(self) -> list[str]:
        return [one.thing.name for one in self.notes.sightings if one.thing.kind == "host"]


@pytest.fixture
def watched() -> Watched:
    return Watched()


def response(request: str = "1", **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"requestId": request, "headers": named, "blockedCookies": []}


@pytest.mark.parametrize(
    ("address", "hosts"),
    [
        ("https://stats.example/c.gif?id=7", ["stats.example"]),
        ("wss://Live.Example:8443/", ["live.example"]),
        (f"http://{SITE}:8000/logo.svg", []),
        ("data:image/gif;base64,R0lGOD", []),
        ("blob:https://stats.example/7f3a", []),
        ("about:blank", []),
        ("https:///", []),
        ("http://[", []),
        ("https://[::1]/", ["::1"]),
    ],
)
def test_a_contact_is_a_host_and_nothing_more(watched: Watched, address: str, hosts: list[str]) -> None:
    """Hosts of others are noted without port, path and query; what leaves no browser is not."""
    watched.watch.requested(address, "fetch")
    assert watched.hosts == hosts


def test_half_a_letter_is_noted_so_that_it_can_be_written(watched: Watched) -> None:
    """Scripts can store under a lone surrogate, which no file and no terminal can hold."""
    watched.watch.wrote("local", "a\ud800", f"https://{SITE}/")
    watched.watch.stored(
        {"host": SITE, "local": ["a\ud800"], "session": [], "indexeddb": [], "cache": [], "hints": []}
    )
    assert watched.things == {Thing(kind="local", name=r"a\ud800", host=SITE)}
    [thing] = watched.things
    watched.notes.forget(Thing(kind="local", name="a\ud800", host=SITE), Phase.BEFORE, "/")
    assert (thing.name.encode(), watched.things) == (rb"a\ud800", set())


@pytest.mark.parametrize("reason", sorted(BLOCKED))
def test_what_the_browser_stopped_reached_nobody(watched: Watched, reason: str) -> None:
    """A request that a policy blocked is no contact, unless another one went through."""
    for host in ("blocked.example", "both.example", "both.example"):
        watched.watch.requested(f"https://{host}/a.gif", "image")
    for host in ("blocked.example", "both.example"):
        watched.watch.failed(f"https://{host}/a.gif", "image", reason)
    assert watched.hosts == ["both.example"]
    assert Thing(kind="pixel", name="a.gif", host="blocked.example") not in watched.things


@pytest.mark.parametrize("reason", ["net::ERR_NAME_NOT_RESOLVED", "net::ERR_CONNECTION_REFUSED", None])
def test_what_failed_was_tried(watched: Watched, reason: str | None) -> None:
    """Whoever is called and does not answer was called."""
    watched.watch.requested("https://gone.example/", "script")
    watched.watch.failed("https://gone.example/", "script", reason)
    assert watched.hosts == ["gone.example"]


def test_set_cookies_are_of_the_host_that_sent_them(watched: Watched) -> None:
    """By HTTP/1.1, by HTTP/2, and of the site where nothing was told; refused ones are not there."""
    watched.watch.asking({"requestId": "1", "headers": {"Host": "one.example:8080"}})
    watched.watch.asking({"requestId": "2", "headers": {":authority": "two.example"}})
    watched.watch.answered(response("1", Set_Cookie="a=1\nb=2; HttpOnly"))
    watched.watch.answered(response("2", set_cookie="c=1"))
    refused = response("3", set_cookie="d=1\ne=1; Domain=evil.example")
    refused["blockedCookies"] = [
        {"cookieLine": "e=1; Domain=evil.example", "blockedReasons": ["InvalidDomain"]}
    ]
    watched.watch.answered(refused)
    assert {(one.name, one.host) for one in watched.things} == {
        ("a", "one.example"), ("b", "one.example"), ("c", "two.example"), ("d", SITE),
    }  # fmt: skip


def test_what_only_this_browser_refuses_counts(watched: Watched) -> None:
    """Third parties' cookies are kept by many a browser, whatever this one is set to."""
    answer = response(set_cookie="a=1\nb=1; Domain=evil.example")
    answer["blockedCookies"] = [
        {"cookieLine": "a=1", "blockedReasons": ["ThirdPartyPhaseout"]},
        {"cookieLine": "b=1; Domain=evil.example", "blockedReasons": ["UserPreferences", "InvalidDomain"]},
    ]
    watched.watch.answered(answer)
    assert [one.name for one in watched.things] == ["a"]


def test_hints_in_headers_are_contacts(watched: Watched) -> None:
    """A browser that is told to preconnect does."""
    links = '<https://pre.example>; rel=preconnect, </a.css>; rel=preload, <https://dns.example>; rel="dns-prefetch"'
    watched.watch.answered(response(link=links))
    assert watched.hosts == ["pre.example", "dns.example"]


def test_what_scripts_write_is_noted_where_they_run(watched: Watched) -> None:
    """Of the frame's host; of the site where a frame has none."""
    watched.watch.wrote("cookie", "j=; max-age=60", "https://frame.example/x")
    watched.watch.wrote("cookie", "gone=; max-age=0", "https://frame.example/x")
    watched.watch.wrote("local", "key", "about:blank")
    assert watched.things == {
        Thing(kind="cookie", name="j", host="frame.example"), Thing(kind="local", name="key", host=SITE),
    }  # fmt: skip


def test_cookies_that_are_held_have_facts(watched: Watched) -> None:
    """How long, for which hosts and paths, who may read them."""
    held = {"name": "a", "domain": SITE, "expires": -1, "path": "/", "httpOnly": False}
    wide = {
        **held,
        "domain": f".{SITE}",
        "expires": 1_060.2,
        "path": "/x",
        "httpOnly": True,
        "partitionKey": "k",
    }
    watched.watch.held(held)
    watched.watch.held({**wide, "name": "b"})
    assert [one.facts for one in watched.notes.sightings] == [
        Facts(),
        Facts(seconds=60, path="/x", domain=SITE, http_only=True, partitioned=True),
    ]


def test_what_was_seen_once_is_told_once(watched: Watched) -> None:
    """The same thing on the same page in the same phase, and what is known of it wins."""
    for page in ("/", "/", "/news"):
        watched.watch.page = page
        watched.watch.wrote("cookie", "a=; max-age=60", f"https://{SITE}/")
        watched.watch.requested("https://stats.example/", "fetch")
    watched.watch.phase = Phase.REJECTED
    watched.watch.requested("https://stats.example/", "fetch")
    told = [(one.thing.name, one.phase, one.page) for one in watched.notes.sightings]
    assert told == [
        ("a", Phase.BEFORE, "/"), ("stats.example", Phase.BEFORE, "/"), ("a", Phase.BEFORE, "/news"),
        ("stats.example", Phase.BEFORE, "/news"), ("stats.example", Phase.REJECTED, "/news"),
    ]  # fmt: skip


def test_a_frames_storage_is_noted_by_name(watched: Watched) -> None:
    """Each kind; frames without a host are the site's."""
    found = {
        "host": "",
        "local": ["l"],
        "session": ["s"],
        "indexeddb": ["d"],
        "cache": ["c"],
        "hints": ["https://h.example"],
    }
    watched.watch.stored(found)
    assert {(one.kind, one.name) for one in watched.things} == {
        ("local", "l"), ("session", "s"), ("indexeddb", "d"), ("cache", "c"), ("host", "h.example"),
    }  # fmt: skip
