"""Which links are followed, how far, and in which order."""

import pytest

from consent.audit.links import Frontier, Limits, may_follow, own_path, page_of

ORIGIN = "https://paper.example"


@pytest.mark.parametrize(
    ("address", "page"),
    [
        (f"{ORIGIN}", "/"),
        (f"{ORIGIN}/news?page=2#top", "/news?page=2"),
        ("http://paper.example/", None),
        (f"{ORIGIN}:8443/", None),
        ("https://www.paper.example/", None),
        ("https://paper.example.evil/", None),
        ("mailto:editor@paper.example", None),
        ("javascript:void(0)", None),
        ("https://[", None),
    ],
)
def test_only_the_same_site_is_visited(address: str, page: str | None) -> None:
    """Same scheme, host and port; a page is its path and query."""
    assert page_of(address, ORIGIN) == page


@pytest.mark.parametrize(
    ("told", "path"),
    [
        ("/consent", "/consent"),
        ("", None),
        ("@127.0.0.1:8080/admin", None),
        ("//other.example", None),
        (".other.example/", None),
        (["/"], None),
    ],
)
def test_only_a_path_is_believed(told: object, path: str | None) -> None:
    """Nothing that a page tells leads to another host when it is put behind the origin."""
    assert own_path(told) == path


@pytest.mark.parametrize(
    ("page", "followed"),
    [
        ("/", True), ("/news/logo-competition", True), ("/catalogue", True), ("/a.html", True), ("/v1.2", True),
        ("/blogout", True), ("/logout", False), ("/account/log-out?next=/", False), ("/Sign_Out", False),
        ("/?action=logout", False), ("/letters/unsubscribe/7", False), ("/item/7/delete", False),
        ("/timetable.pdf", False), ("/archive.tar.gz", False), ("/feed.xml", False), ("/p.JPG", False),
        ("/show?file=a.pdf", True),
    ],
)  # fmt: skip
def test_what_would_change_or_download_something_is_left_alone(page: str, followed: bool) -> None:
    """No session is ended, nothing is removed, no file is fetched."""
    assert may_follow(page) is followed


def visited(limits: Limits, site: dict[str, list[str]], *starts: str) -> list[str]:
    frontier = Frontier(starts or ["/"], limits, ORIGIN, "/consent")
    pages = []
    while (page := frontier.next()) is not None:
        pages.append(page)
        frontier.found(page, site.get(page, []))
    return pages


SITE = {
    "/": ["/a", "b", "/a#again", "https://other.example/", "/logout", "/consent", "/consent/receipt", "/"],
    "/a": ["/a/one", "../b", "/consented"],
    "/a/one": ["/far"],
}


@pytest.mark.parametrize(
    ("pages", "depth", "found"),
    [
        (99, 0, ["/"]),
        (99, 1, ["/", "/a", "/b"]),
        (99, 2, ["/", "/a", "/b", "/a/one", "/consented"]),
        (99, 3, ["/", "/a", "/b", "/a/one", "/consented", "/far"]),
        (3, 9, ["/", "/a", "/b"]),
    ],
)
def test_the_nearest_come_first_and_each_once(pages: int, depth: int, found: list[str]) -> None:
    """So many pages, so many links away; the layer's own pages are no pages of the site."""
    assert visited(Limits(pages=pages, depth=depth), SITE) == found


def test_several_starts_are_all_visited_first() -> None:
    """In the order given, each once."""
    assert visited(Limits(pages=4, depth=1), SITE, "/x", "/", "/x") == ["/x", "/", "/a", "/b"]
