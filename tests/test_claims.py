"""Whose cookie it is: a declaration with a domain counts only on hosts under it, at every gate."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from consent import Category, Cookie
from consent.catalogue import Catalogue
from consent.claims import MAX_HOSTS, Claim, Claims, ClaimsByHost, host_name, is_under
from consent.ui.keys import keys_of
from tests.sites import browser, categories, cookie, decide, service, site

DOMAINS = [None, "ads.example", "www.ads.example", ".site.example", "example"]
ADVERTISER = service("adverts", cookie("uid", domain="ads.example"), cookie("sid*", domain="ads.example"))
LOGIN = service("login", "uid", third_party=False, justification="Nobody can log in without it.")


def catalogue(*cookies: Cookie) -> Catalogue:
    return Catalogue([Category(id="marketing", services=[service("a", *cookies)])])


def declared() -> list[Category]:
    """The site's own login has a cookie called as an advertiser's."""
    return [Category(id="necessary", services=[LOGIN]), Category(id="marketing", services=[ADVERTISER])]


# --- the catalogue --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("domain", "host", "counts"),
    [
        (None, "site.example", True),
        (None, "", True),
        ("ads.example", "ads.example", True),
        (".ads.example", "ads.example", True),
        ("ads.example", "www.ads.example", True),
        ("ads.example", "WWW.Ads.Example:8443", True),
        ("ads.example", "ads.example.", True),
        ("ads.example", "ads.example.:443", True),
        ("ads.example", "myads.example", False),
        ("ads.example", "example", False),
        ("ads.example", "ads.example.evil", False),
        ("ads.example", "site.example", False),
        ("ads.example", "", False),
        ("localhost", "localhost:8000", True),
        ("site.example", "[::1]:8000", False),
    ],
)
def test_a_domain_limits_a_claim_to_hosts_under_it(domain: str | None, host: str, counts: bool) -> None:
    """As RFC 6265bis, 5.1.3, matches domains; without one it counts everywhere (R1)."""
    found = catalogue(cookie("uid", domain=domain))
    assert found.requires("uid", host) == ({"a"} if counts else None)


def test_another_sites_name_hides_no_declaration_of_ones_own() -> None:
    """Neither an exact name nor a longer prefix of an advertiser's wins over the site's own."""
    found = Catalogue(
        [
            Category(id="preferences", services=[service("own", "user_*")]),
            Category(
                id="marketing",
                services=[
                    service(
                        "ads",
                        cookie("user_id", domain="ads.example"),
                        cookie("user_i*", domain="ads.example"),
                    )
                ],
            ),
        ]
    )
    assert found.requires("user_id", "site.example") == {"own"}
    assert found.requires("user_id", "ads.example") == {"ads"}
    assert found.requires("user_ip", "ads.example") == {"ads"}
    assert found.requires("user_x", "ads.example") == {"own"}


def test_one_name_may_be_several_cookies() -> None:
    """Where a host belongs to two of the domains, all claims count (R13)."""
    found = catalogue(
        cookie("uid", domain="ads.example"), cookie("uid", domain="www.ads.example"), cookie("uid")
    )
    counts = {host: len(found.on(host).of("uid")) for host in ("x.example", "ads.example", "www.ads.example")}
    assert counts == {"x.example": 1, "ads.example": 2, "www.ads.example": 3}


@given(
    st.lists(st.tuples(st.sampled_from(["a", "ab", "a*", "ab*"]), st.sampled_from(DOMAINS)), max_size=6),
    st.sampled_from(["a", "ab", "abc", "b"]),
    st.sampled_from(
        ["", "ads.example", "x.www.ads.example", "site.example", "other.example:80", "elsewhere"]
    ),
)
def test_what_counts_on_a_host_is_what_is_declared_for_it(
    names: list[tuple[str, str | None]], name: str, host: str
) -> None:
    """The tables by host say the same as a look at every declaration."""
    category = Category(id="marketing", services=[service("a")])
    claims = [
        Claim(category=category, service=service(f"s{number}"), cookie=cookie(text, domain=domain))
        for number, (text, domain) in enumerate(names)
    ]
    mine = [
        claim
        for claim in claims
        if claim.cookie.domain is None or is_under(host_name(host), claim.cookie.domain.removeprefix("."))
    ]
    assert ClaimsByHost(claims).on(host).of(name) == Claims(mine).of(name)


def test_hosts_that_visitors_make_up_fill_no_memory() -> None:
    """The `Host` header is anybody's to choose: tables are few, and hosts remembered are bounded."""
    claims = ClaimsByHost(
        Claim(category=category, service=each, cookie=item)
        for category in declared()
        for each in category.services
        for item in each.cookies
    )
    for number in range(2 * MAX_HOSTS):
        assert claims.on(f"x{number}.ads.example") is claims.on("ads.example")
        assert claims.on(f"x{number}.example") is claims.everywhere
    assert claims._found.cache_info().currsize == MAX_HOSTS
    assert claims.on("a." * 200 + "ads.example") is claims.everywhere
    assert len(claims._under) == 2


def test_without_domains_no_host_is_looked_at() -> None:
    """Sites that declare none have one table, whatever is asked."""
    plain = Catalogue(categories())
    assert not plain.differs_by_host
    assert plain.on("site.example") is plain.on("")
    assert Catalogue(declared()).differs_by_host


# --- the gates ------------------------------------------------------------------------------------


async def sets(request: Request) -> Response:
    answer = HTMLResponse("<!doctype html><html lang=en><title>x</title><body>")
    for name in ("uid", "sid_1"):
        answer.set_cookie(name, "1")
    return answer


async def tells(request: Request) -> Response:
    return JSONResponse(sorted(request.cookies))


async def opens(socket: WebSocket) -> None:
    await socket.accept(headers=[(b"set-cookie", b"uid=1"), (b"set-cookie", b"sid_1=1")])
    await socket.close()


def app(**values: Any) -> Starlette:
    routes = [Route("/sets", sets), Route("/tells", tells), WebSocketRoute("/opens", opens)]
    return site(*routes, categories=declared(), **values)


def names_set(answer: Any) -> list[str]:
    return [value.split("=")[0] for value in answer.headers.get_list("set-cookie")]


def at(host: str, **values: Any) -> TestClient:
    client = browser(app(**values))
    client.base_url = f"https://{host}"
    return client


@pytest.mark.parametrize(
    ("host", "undeclared", "left"),
    [
        ("site.example", "withhold", ["uid"]),
        ("site.example", "allow", ["uid", "sid_1"]),
        ("ads.example", "withhold", []),
        ("www.ads.example:8443", "allow", []),
    ],
)
def test_the_write_gate_withholds_no_namesake(host: str, undeclared: str, left: list[str]) -> None:
    """What an advertiser calls so too leaves the server as the site declares it, or does not (R1, R32)."""
    client = at(host, undeclared=undeclared)
    assert names_set(client.get("/sets")) == left
    with client.websocket_connect(f"wss://{host}/opens") as socket:
        sent: list[tuple[bytes, bytes]] = [*(socket.extra_headers or ())]
    assert [value.split(b"=")[0].decode() for _, value in sent] == left


@pytest.mark.parametrize(
    ("host", "undeclared", "seen"),
    [
        ("site.example", "withhold", ["uid"]),
        ("site.example", "allow", ["sid_1", "uid"]),
        ("ads.example", "allow", []),
    ],
)
def test_the_read_gate_hides_no_namesake(host: str, undeclared: str, seen: list[str]) -> None:
    """The app sees its own cookie without anybody's consent to the advertiser's (R1)."""
    client = at(host, undeclared=undeclared)
    assert client.get("/tells", headers={"cookie": "uid=1; sid_1=2"}).json() == seen


def test_expiry_leaves_a_namesake_alone() -> None:
    """Neither a page nor a withdrawal deletes what is the site's own (R18)."""
    for undeclared in ("withhold", "allow"):
        client = at("site.example", undeclared=undeclared)
        held = {"cookie": "uid=1; sid_1=2"}
        assert names_set(client.get("/tells", headers=held)) == []
        decide(client, "accept")
        answer = client.post(
            "/consent",
            data={"action": "withdraw", "method": "api"},
            headers={"cookie": f"uid=1; sid_1=2; __Host-consent={client.cookies['__Host-consent']}"},
        )
        assert names_set(answer) == ["__Host-consent"]
    client = at("ads.example")
    assert names_set(client.get("/tells", headers={"cookie": "uid=1; sid_1=2"})) == ["uid", "sid_1"]


def test_with_consent_there_is_nothing_to_withhold() -> None:
    """On the advertiser's own host its cookie needs both, and gets both (R13)."""
    client = at("ads.example")
    decide(client, "accept")
    assert names_set(client.get("/sets")) == ["uid", "sid_1"]


def test_the_script_is_told_where_a_cookie_counts() -> None:
    """A domain stands behind the service, so that the script leaves namesakes alone (R18)."""
    found = keys_of(
        Catalogue(
            [
                *declared(),
                Category(id="analytics", services=[service("x", cookie("uid", domain=".x.example"))]),
            ]
        )
    )
    assert json.loads(found or b"") == {
        "cookie": {"sid*": ["adverts@ads.example"], "uid": ["login", "adverts@ads.example", "x@x.example"]}
    }
