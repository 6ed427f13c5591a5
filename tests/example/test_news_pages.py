"""What readers of the example can read, and that all of it works without scripts."""

import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from starlette.testclient import TestClient

from examples.news.content import SECTIONS, Archive, Article
from examples.news.paper import HERE

ARCHIVE = Archive(HERE / "content" / "articles")
PAGES = (
    "/",
    *(f"/{section}" for section in SECTIONS),
    "/search",
    "/newsletter",
    "/newsletter/thanks",
    "/jobs",
    "/about",
    "/cookies",
    "/live",
    "/wire",
    ARCHIVE.articles[0].path,
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole(reader: TestClient, path: str) -> None:
    """Every page has one main heading, a skip link to its main part, and the notice about cookies."""
    page = reader.get(path)
    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    assert 'href="#main"' in page.text
    assert 'id="main"' in page.text
    assert "none is then placed on your device" in page.text


@pytest.mark.parametrize("path", [*PAGES, "/no-such-page", "/press-jam"])
def test_every_page_offers_the_way_back(reader: TestClient, path: str) -> None:
    """The link to change one's mind stands on every page, also where something went wrong (R17)."""
    assert re.search(r'<a[^>]+href="/consent[^"]*"', reader.get(path).text)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_inline_and_nothing_remote(reader: TestClient, path: str) -> None:
    """The paper's own templates need no inline script and no style attribute, so its CSP can forbid both."""
    page = reader.get(path)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; ")
    assert "unsafe" not in policy
    assert " style=" not in page.text


def test_there_is_enough_to_read() -> None:
    """The paper has at least ten stories of 350 to 600 words, in every section and for both editions."""
    assert len(ARCHIVE.articles) >= 10
    for story in ARCHIVE.articles:
        assert 350 <= sum(len(block.text.split()) for block in story.blocks) <= 600, story.slug
    assert {story.section for story in ARCHIVE.articles} == {*SECTIONS}
    assert {story.edition for story in ARCHIVE.articles} == {"coast", "hills"}


@pytest.mark.parametrize("story", ARCHIVE.articles, ids=lambda story: story.slug)
def test_a_story_opens(reader: TestClient, story: Article) -> None:
    """Every story opens with its title, its author and three others to read."""
    page = reader.get(story.path).text
    assert story.title in page
    assert f"By {story.author}" in page
    assert page.split('id="see-also"')[1].count('class="teaser"') == 3


def test_pictures_exist(reader: TestClient) -> None:
    """Every picture that a story shows is there and is described."""
    for story in ARCHIVE.articles:
        if story.picture:
            picture = reader.get(f"/static/pictures/{story.picture.file}")
            assert picture.headers["content-type"] == "image/svg+xml"
            assert len(story.picture.alt) > 20


def test_tags_lead_to_their_stories(reader: TestClient) -> None:
    """A tag page lists the stories that carry the tag; a tag that no story carries is not found."""
    page = reader.get("/tags/port-ansel").text
    assert "<h1" in page
    assert "Port Ansel" in page
    assert ARCHIVE.tagged("port-ansel")[0].title in page
    assert reader.get("/tags/none-such").status_code == 404


def test_search_needs_every_word(reader: TestClient) -> None:
    """Search finds the stories that contain all words, and says so when there are none."""
    assert "The last ferry to Pellary" in reader.get("/search?q=gearbox+GREEN").text
    assert "No stories" in reader.get("/search?q=gearbox+zebra").text


def test_search_escapes_the_query(reader: TestClient) -> None:
    """What a reader searches for comes back as text, never as markup."""
    page = reader.get("/search", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/no-such-page", 404, "was not printed"),
        ("/news/no-such-story", 404, "was not printed"),
        ("/press-jam", 500, "has jammed"),
    ],
)
def test_errors_are_pages_too(reader: TestClient, path: str, status: int, words: str) -> None:
    """A missing page and a broken one say so kindly, with the right status."""
    page = reader.get(path)
    assert (page.status_code, words in page.text) == (status, True)


def test_headlines_for_machines(reader: TestClient) -> None:
    """The headlines come as JSON, newest first, with whole addresses."""
    headlines = reader.get("/api/headlines.json").json()
    times = [datetime.fromisoformat(headline["published"]) for headline in headlines]
    assert times == sorted(times, reverse=True)
    assert times[0].tzinfo == UTC
    assert headlines[0]["url"].startswith("http://testserver/")


def test_the_feed_is_atom(reader: TestClient) -> None:
    """The feed is well-formed Atom with one entry a story."""
    feed = reader.get("/feed.xml")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    root = ET.fromstring(feed.text)  # noqa: S314  # written by the app under test
    assert len(root.findall("{http://www.w3.org/2005/Atom}entry")) == len(ARCHIVE.articles)


def test_the_ticker_ends(reader: TestClient) -> None:
    """The live stream sends a few reports as server-sent events, then says that it is over."""
    stream = reader.get("/live/events")
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.text.count("event: report") == 4
    assert stream.text.endswith("event: over\ndata: {}\n\n")


def test_the_ticker_needs_no_script(reader: TestClient) -> None:
    """Without scripts one link shows all reports."""
    assert 'href="/live?all"' in reader.get("/live").text
    assert "The ferry stays." in reader.get("/live?all").text


def test_a_download_is_saved_as_it_is(reader: TestClient) -> None:
    """A page of HTML that is offered for download arrives byte for byte (R37)."""
    sheet = reader.get("/downloads/ferry-timetable.html")
    assert sheet.headers["content-disposition"].startswith("attachment")
    assert sheet.content == (HERE / "static/downloads/ferry-timetable.html").read_bytes()
