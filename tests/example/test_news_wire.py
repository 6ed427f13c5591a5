"""The wire: that it shows what happened, only to the browser concerned, and only names."""

from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from examples.news.wire import Exchange, Log, SetCookie, Wire, cookies_in, cookies_out
from tests.example.readers import NewReader

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def exchange(**fields: object) -> Exchange:
    return Exchange(**{"at": NOW, "method": "GET", "path": "/", "status": 200, **fields})  # type: ignore[arg-type]


def test_the_fate_of_each_cookie() -> None:
    """A cookie tried was set or withheld; one that only left is the layer's own; deletions are told apart."""
    seen = exchange(
        tried=(SetCookie("edition"), SetCookie("reader_id")),
        left=(SetCookie("edition"), SetCookie("consent"), SetCookie("campaign", deletes=True)),
        arrived=("campaign", "session"),
        shown=("session",),
    )
    assert seen.set == ("edition",)
    assert seen.withheld == ("reader_id",)
    assert seen.noted == ("consent",)
    assert seen.deleted == ("campaign",)
    assert (seen.visible, seen.hidden) == (("session",), ("campaign",))


def test_what_the_layer_answers_itself_hides_nothing() -> None:
    """Where the paper was not asked, what arrived was read by the consent layer alone."""
    seen = exchange(arrived=("consent",), shown=None)
    assert (seen.own, seen.visible, seen.hidden) == (("consent",), (), ())


@pytest.mark.parametrize(
    ("line", "deletes"),
    [
        (b"a=1", False),
        (b"a=1; Max-Age=60", False),
        (b"a=; max-age=0; Path=/", True),
        (b"a=; Max-Age=-1", True),
        (b"a=; expires=Thu, 01 Jan 1970 00:00:00 GMT", True),
        (b"a=1; Expires=Thu, 01 Jan 2099 00:00:00 GMT", False),
        (b"a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", False),
        (b"a=1; Expires=soon", False),
    ],
)
def test_deletions_are_told_apart(line: bytes, deletes: bool) -> None:
    """A `Set-Cookie` deletes if its age has run out, or, without an age, its date has passed."""
    assert cookies_out([(b"set-cookie", line)], NOW) == (SetCookie("a", deletes),)


def test_names_come_from_every_header() -> None:
    """Cookie names are read from all `Cookie` headers, each once, without their values."""
    headers = [(b"cookie", b"a=1; b=2"), (b"host", b"x"), (b"Cookie", b"b=3; c")]
    assert cookies_in(headers) == ("a", "b", "c")


def test_the_log_is_bounded() -> None:
    """A log keeps the last entries of the last browsers, newest first, and no more."""
    log = Log[int](browsers=2, kept=3)
    for browser in ("one", "two", "three"):
        for entry in range(5):
            log.add(browser, entry)
    assert (log.of("one"), log.of("three")) == ((), (4, 3, 2))


def test_assets_crowd_out_no_page() -> None:
    """Pictures and style sheets have a list of their own."""
    wire = Wire()
    wire.note("me", exchange())
    for number in range(99):
        wire.note("me", exchange(path=f"/static/{number}.svg", at=NOW + timedelta(seconds=number)))
    assert [entry.path for entry in wire.timeline("me") if isinstance(entry, Exchange)] == ["/"]


def test_the_page_shows_what_was_withheld(reader: TestClient) -> None:
    """After one page the wire names the cookies that the paper tried and that never left (R1)."""
    reader.get("/?utm_campaign=x")
    page = reader.get("/wire").text.split('id="requests"')[1]
    for name in ("reader_id", "layout_test", "campaign"):
        assert f'<code class="chip__name">{name}</code> <span class="chip__word">withheld</span>' in page


def test_the_page_shows_what_left(new_reader: NewReader) -> None:
    """After accepting, the wire shows the choice, the cookie that left, and what still did not."""
    reader = new_reader("accept")
    reader.get("/")
    page = reader.get("/wire").text.split('id="requests"')[1]
    assert "your choice</span>" in page
    assert '<code class="chip__name">reader_id</code> <span class="chip__word">left</span>' in page
    assert '<code class="chip__name">layout_test</code> <span class="chip__word">withheld</span>' in page


def test_no_values(new_reader: NewReader) -> None:
    """The wire never shows what a cookie holds."""
    reader = new_reader("accept")
    reader.get("/")
    value = reader.cookies["reader_id"]
    reader.get("/")
    assert value not in reader.get("/wire").text


def test_only_one_s_own(new_reader: NewReader) -> None:
    """Another browser's requests are not shown."""
    new_reader(agent="another browser").get("/jobs")
    page = new_reader().get("/wire").text
    assert "Nothing yet." in page


def test_third_parties_are_seen(reader: TestClient, third_parties: TestClient) -> None:
    """A request that a third party received stands on the wire with its name and where it came from (R2)."""
    third_parties.get("/ad", headers={"referer": "http://127.0.0.1:8000/secret-page"})
    page = reader.get("/wire").text
    assert "<strong>Gullwing Adverts</strong>" in page
    assert "you were on http://127.0.0.1:8000." in page
    assert "secret-page" not in page


@pytest.mark.parametrize(
    ("path", "kind", "cookie"),
    [
        ("/analytics.js", "text/javascript", None),
        ("/ad", "text/html", "ad_id"),
        ("/pixel.gif", "image/gif", "ad_id"),
        ("/video/tollen-bridge", "text/html", "vp_session"),
    ],
)
def test_the_third_parties_behave_like_themselves(
    third_parties: TestClient, path: str, kind: str, cookie: str | None
) -> None:
    """The advert and the film set cookies that would follow a reader across sites."""
    response = third_parties.get(path)
    assert response.headers["content-type"].startswith(kind)
    line = response.headers.get("set-cookie", "")
    if cookie:
        assert line.startswith(f"{cookie}=")
        assert all(attribute in line for attribute in ("SameSite=None", "Secure", "HttpOnly", "Partitioned"))
    else:
        assert not line


def test_the_beacon_is_taken(third_parties: TestClient) -> None:
    """The analytics server takes the beacon and answers with nothing."""
    assert third_parties.post("/collect", content="/").status_code == 204
