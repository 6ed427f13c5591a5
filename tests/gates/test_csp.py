"""The policy gate: what the second policy lets through, and what the site's own asks of our tags."""

import json
import logging
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.catalogue import Catalogue
from consent.gates.csp import Mode, PolicyGate, is_document, wants_document
from consent.gates.headers import Header
from consent.gates.reports import BURST, MAX_PAIRS, PER_SECOND, HostReports
from consent.gates.site_policy import Script, Tags, tags_for
from consent.model import Category
from consent.state import Answer, Consent, Verdict
from tests.sites import categories, service

OWN = {"'self'", "'unsafe-inline'", "'unsafe-eval'", "data:", "blob:", "filesystem:", "mediastream:"}
HOSTS = ("stats.example", "ads.example", "cdn.ads.example", "pay.example", "shared.example")


def catalogue() -> Catalogue:
    """Hosts of each kind: necessary, asked for, inside another, of two services."""
    pay = service("pay", hosts=["pay.example"], justification="Nobody could pay without it.")
    counter = service("counter", hosts=["stats.example", "shared.example"])
    ads = service("ads", hosts=["ads.example", "shared.example"])
    banners = service("banners", hosts=["cdn.ads.example"])
    return Catalogue(
        [
            Category(id="necessary", services=[pay]),
            Category(id="analytics", services=[counter]),
            Category(id="marketing", services=[ads, banners]),
        ]
    )


def standing(declared: Catalogue, *services: str) -> Consent:
    denied = {name: (mark, Verdict.DENIED) for name, mark in declared.fingerprints.items()}
    return declared.standing(Answer(time=0, verdicts=denied, services=frozenset(services)))


def policy(*services: str, base: str = "", mode: Mode = "enforce") -> tuple[str, dict[str, list[str]]]:
    declared = catalogue()
    gate = PolicyGate(declared, mode=mode, endpoint="/consent/csp")
    name, value = gate.header(standing(declared, *services), base=base)
    directives = (directive.split() for directive in value.decode("ascii").split(";"))
    return name.decode(), {first: rest for first, *rest in directives}


# --- the second policy ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("granted", "hosts"),
    [
        ([], {"pay.example:*", "*.pay.example:*"}),
        (["counter"], {"pay.example:*", "*.pay.example:*", "stats.example:*", "*.stats.example:*"}),
        (["ads"], {"pay.example:*", "*.pay.example:*", "ads.example:*"}),
        (["banners"], {"pay.example:*", "*.pay.example:*", "cdn.ads.example:*", "*.cdn.ads.example:*"}),
        (["counter", "ads", "banners"], {f"{sub}{host}:*" for host in HOSTS for sub in ("", "*.")}),
    ],
)
def test_only_necessary_and_granted_hosts_are_let_through(granted: list[str], hosts: set[str]) -> None:
    """Each host needs all its services, and a refused subdomain closes its parent's others (R2)."""
    _, directives = policy(*granted)
    assert set(directives["default-src"]) - OWN == hosts
    sockets = {f"ws://{host}" for host in hosts}
    assert set(directives["connect-src"]) - OWN == hosts | sockets


@given(st.sets(st.sampled_from(["counter", "ads", "banners"])))
def test_no_host_is_let_through_that_the_catalogue_withholds(granted: set[str]) -> None:
    """Whatever is granted: each host in the policy, and each below a star, needs nothing else (R2)."""
    declared = catalogue()
    allowed = standing(declared, *granted).granted
    _, directives = policy(*granted)
    for source in set(directives["connect-src"]) - OWN:
        host = source.removeprefix("ws://").removesuffix(":*")
        below = [name for name in HOSTS if host.startswith("*.") and name.endswith(host[1:])]
        for name in [host.removeprefix("*."), *below]:
            needed = declared.requires_host(name)
            assert needed is not None
            assert needed <= allowed


def test_what_names_no_host_stays_free() -> None:
    """The second policy is about hosts: how code is written is the site's own policy's business (R34)."""
    _, directives = policy()
    assert set(directives) == {"default-src", "connect-src", "report-uri"}
    assert set(directives["default-src"]) >= OWN


@pytest.mark.parametrize(
    ("mode", "name"),
    [("enforce", "content-security-policy"), ("report", "content-security-policy-report-only")],
)
def test_both_modes_report_to_the_site_itself(mode: Mode, name: str) -> None:
    """Report mode blocks nothing; either mode tells our own address (R2, R48)."""
    found, directives = policy(base="/shop", mode=mode)
    assert found == name
    assert directives["report-uri"] == ["/shop/consent/csp"]


@given(st.text())
def test_a_mount_cannot_write_into_the_policy(base: str) -> None:
    """A path with a semicolon, a comma or a line break stays a path (R34)."""
    _, directives = policy(base=base.encode("utf-8", "replace").decode())
    assert set(directives) == {"default-src", "connect-src", "report-uri"}
    [address] = directives["report-uri"]
    assert re.fullmatch(r"[\w/%.~-]+", address, re.ASCII)


def test_a_standings_policy_is_built_once() -> None:
    """The second visitor of the same standing costs a look-up (R2)."""
    declared = catalogue()
    gate = PolicyGate(declared, mode="enforce", endpoint="/consent/csp")
    first = gate.header(standing(declared, "ads"), base="")
    assert gate.header(standing(declared, "ads"), base="") is first


def test_twenty_hosts_fit_the_headers_of_a_proxy() -> None:
    """Four kilobytes are what proxies keep for all headers by default (R2)."""
    hosts = [f"cdn{number:02}.provider.example" for number in range(20)]
    declared = Catalogue([Category(id="marketing", services=[service("ads", hosts=hosts)])])
    gate = PolicyGate(declared, mode="enforce", endpoint="/consent/csp")
    assert len(gate.header(standing(declared, "ads"), base="")[1]) < 4096


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ([], True),
        ([(b"sec-fetch-dest", b"document")], True),
        ([(b"sec-fetch-dest", b"iframe")], True),
        ([(b"sec-fetch-dest", b"empty")], False),
        ([(b"sec-fetch-dest", b"image")], False),
    ],
)
def test_documents_are_told_from_what_scripts_fetch(headers: list[Header], wanted: bool) -> None:
    """Windows and frames obey a policy; a fragment that a script fetches has none (R33)."""
    assert wants_document(headers) is wanted


@pytest.mark.parametrize(
    ("status", "kind", "document"),
    [
        (200, b"text/html", True),
        (404, b"TEXT/HTML; charset=utf-8", True),
        (200, b"application/xhtml+xml", True),
        (200, None, True),
        (302, b"text/html", False),
        (304, None, False),
        (204, None, False),
        (200, b"application/json", False),
        (200, b"text/css", False),
    ],
)
def test_only_documents_carry_the_policy(status: int, kind: bytes | None, document: bool) -> None:
    """Whatever a browser shows as HTML, guessed or told (R2)."""
    headers = [(b"X-Other", b"1")] + ([] if kind is None else [(b"Content-Type", kind)])
    assert is_document(status, headers) is document


# --- the site's own policy ------------------------------------------------------------------------


def tags(*policies: str, reported: str = "", host: str = "site.example") -> Tags:
    headers = [(b"Content-Security-Policy", value.encode("latin-1")) for value in policies]
    if reported:
        headers.append((b"content-security-policy-report-only", reported.encode("latin-1")))
    script = Script(address="/consent/assets/c.js", integrity="sha256-Ours=")
    calls = Script(address="/consent/assets/calls.js", integrity="sha256-Calls=")
    return tags_for(headers, host=host, script=script, style="/consent/assets/c.css", calls=calls)


@pytest.mark.parametrize(
    ("policies", "script", "style"),
    [
        (["default-src 'self'"], None, None),
        (["default-src 'nonce-a'"], "a", "a"),
        (["default-src 'nonce-a'; script-src 'nonce-b'"], "b", "a"),
        (["script-src 'nonce-b'; script-src-elem 'nonce-c'"], "c", None),
        (["style-src 'nonce-b'; style-src-elem 'nonce-c'"], None, "c"),
        (["script-src 'nonce-a'; script-src 'nonce-b'"], "a", None),
        (["SCRIPT-SRC\t'NONCE-aB+/-_=='"], "aB+/-_==", None),
        (["script-src 'self', script-src 'nonce-a'"], "a", None),
        (["script-src 'self'", "script-src 'nonce-a'"], "a", None),
        (["script-src 'nonce-a' 'nonce-b'", "script-src 'nonce-b'"], "b", None),
        (["script-src-attr 'nonce-a'"], None, None),
        (["script-src nonce-a 'nonce-' 'nonce-a\"b' 'nonce-a b'"], None, None),
        (["script-src 'nonce-ä' 'nonce-a=b'"], None, None),
        (["script-src\xa0'nonce-a'"], None, None),
        ([" ; ;, "], None, None),
    ],
)
def test_the_sites_nonce_is_found(policies: list[str], script: str | None, style: str | None) -> None:
    """By the directive that decides, in whichever of several policies; one that fits most (R34)."""
    found = tags(*policies)
    assert (found.script_nonce, found.style_nonce) == (script, style)


def test_a_reported_policy_gives_its_nonce_and_keeps_nothing_out() -> None:
    """A policy on trial counts where none is enforced, and never costs a page its banner (R34)."""
    assert tags(reported="script-src 'nonce-a'; trusted-types 'none'") == Tags(script_nonce="a")
    assert tags("script-src 'nonce-b'", reported="script-src 'nonce-a'").script_nonce == "b"
    assert tags() == Tags()


@pytest.mark.parametrize(
    ("value", "host", "script", "style"),
    [
        ("img-src 'none'", "site.example", True, True),
        ("default-src 'self'", "site.example", True, True),
        ("default-src 'none'", "site.example", False, False),
        ("default-src 'none'; style-src 'SELF'", "site.example", False, True),
        ("script-src 'sha256-abc='; style-src 'sha256-abc='", "site.example", False, False),
        ("script-src 'self' 'strict-dynamic' 'nonce-a'", "site.example", True, True),
        ("script-src 'self' 'Strict-Dynamic' 'sha256-abc='", "site.example", False, True),
        ("default-src 'self' 'strict-dynamic'", "site.example", False, True),
        ("default-src *", "site.example", True, True),
        ("default-src https:", "site.example", True, True),
        ("default-src data: blob:", "site.example", False, False),
        ("default-src site.example", "site.example", True, True),
        ("default-src https://SITE.example", "Site.example:443", True, True),
        ("default-src https://site.example:443", "site.example", True, True),
        ("default-src site.example", "site.example:8000", False, False),
        ("default-src site.example:*", "site.example:8000", True, True),
        ("default-src site.example:8000", "site.example:8000", True, True),
        ("default-src site.example:8001", "site.example:8000", False, False),
        ("default-src [::1]:8000", "[::1]:8000", True, True),
        ("default-src *.site.example", "www.site.example", True, True),
        ("default-src *.site.example", "site.example", False, False),
        ("default-src cdn.example", "site.example", False, False),
        ("default-src site.example/", "site.example", True, True),
        ("default-src site.example/consent/", "site.example", True, True),
        ("default-src site.example/other/", "site.example", False, False),
        ("default-src site.example/consent/assets/c.js", "site.example", True, False),
        ("default-src", "site.example", False, False),
        ("default-src 'self', script-src 'none'", "site.example", False, True),
        ("script-src 'nonce-a', script-src 'nonce-b'", "site.example", False, True),
    ],
)
def test_what_the_site_would_block_is_left_out(value: str, host: str, script: bool, style: bool) -> None:
    """A tag goes in only where every policy lets it load: no violation is ours (R34)."""
    found = tags(value, host=host)
    assert (found.script, found.style) == (script, style)


@pytest.mark.parametrize(
    ("value", "script", "hashed"),
    [
        ("script-src 'sha256-Ours='", True, True),
        ("script-src 'sha256-Ours=' 'strict-dynamic'", True, True),
        ("script-src 'sha256-ours='", False, False),
        ("script-src 'sha256-Ours=', script-src 'sha256-Other='", False, True),
        ("script-src 'self'", True, False),
    ],
)
def test_our_script_can_be_listed_by_its_hash(value: str, script: bool, hashed: bool) -> None:
    """A site that allows scripts by their hashes alone can allow ours so (R34)."""
    found = tags(value)
    assert (found.script, found.script_hashed) == (script, hashed)


@pytest.mark.parametrize(
    ("value", "calls", "hashed"),
    [
        ("script-src 'sha256-Calls='", True, True),
        ("script-src 'sha256-Ours='", False, False),
        ("script-src 'nonce-a' 'strict-dynamic'", True, False),
        ("script-src site.example/consent/assets/c.js", False, False),
        ("script-src site.example/consent/assets/calls.js", True, False),
        ("script-src 'none'", False, False),
    ],
)
def test_the_early_script_is_let_in_by_itself(value: str, calls: bool, hashed: bool) -> None:
    """A policy that names files or hashes may name one script of ours and not the other (R34)."""
    found = tags(value)
    assert (found.calls, found.calls_hashed) == (calls, hashed)


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ("require-trusted-types-for 'script'", True),
        ("require-trusted-types-for 'script'; trusted-types consent", True),
        ("trusted-types a * 'allow-duplicates'", True),
        ("trusted-types 'none'", False),
        ("trusted-types other", False),
        ("trusted-types", False),
        ("trusted-types consent, trusted-types other", False),
    ],
)
def test_our_trusted_types_policy_is_made_only_where_allowed(value: str, allowed: bool) -> None:
    """To try would be a violation: the script is told beforehand (R34)."""
    assert tags(value).trusted_types is allowed


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ("script-src 'self'", True),
        ("default-src 'none'; script-src 'self'", False),
        ("default-src 'none'; connect-src 'self'", True),
        ("connect-src https://api.example", False),
    ],
)
def test_our_script_asks_the_site_only_where_allowed(value: str, allowed: bool) -> None:
    """Under a policy without connections it is told of no address to ask (R34)."""
    assert tags(value).connect is allowed


VALUES = st.one_of(
    st.text(alphabet=st.characters(max_codepoint=255)),
    st.lists(
        st.sampled_from(
            [
                *(
                    "default-src ",
                    "script-src ",
                    "style-src\t",
                    "trusted-types ",
                    ";",
                    ",",
                    " ",
                    "\x85",
                    "'self'",
                ),
                *(
                    "'nonce-",
                    "abc",
                    "'",
                    "'strict-dynamic' ",
                    "*.",
                    "site.example",
                    ":*",
                    "[::1]",
                    "/",
                    "https://",
                ),
            ]
        )
    ).map("".join),
)


@given(st.lists(VALUES, max_size=3), st.text(alphabet=st.characters(max_codepoint=255)))
def test_no_header_is_too_broken(values: list[str], host: str) -> None:
    """Any bytes in policy and host: no exception, and a nonce holds nothing but a nonce (R31, R34)."""
    found = tags(*values, host=host)
    for nonce in (found.script_nonce, found.style_nonce):
        assert nonce is None or re.fullmatch(r"[A-Za-z0-9+/_-]+={0,2}", nonce)


# --- reports --------------------------------------------------------------------------------------


def report(address: Any, directive: Any = "img-src") -> bytes:
    return json.dumps({"csp-report": {"blocked-uri": address, "effective-directive": directive}}).encode()


@pytest.mark.parametrize(
    ("address", "directive", "pairs"),
    [
        ("https://new.example/a.js?secret", "script-src-elem", [("new.example", "script-src")]),
        ("wss://NEW.example.:99/", "connect-src", [("new.example", "connect-src")]),
        ("https://new.example", "img-src 'self'; x", [("new.example", "img-src")]),
        ("https://ads.example/pixel", "img-src", []),
        ("https://a.b.ads.example/pixel", "img-src", []),
        ("inline", "script-src", []),
        ("data", "img-src", []),
        ("", "img-src", []),
        (None, "img-src", []),
        ("https://[bad", "img-src", []),
        ("https://[::1]/", "img-src", []),
        ('https://x"].example/', "img-src", []),
        ("https://" + "a." * 200 + "example/", "img-src", []),
        ("chrome-extension://abc/", "script-src", []),
        ("https://new.example/", "base-uri", []),
        ("https://new.example/", None, []),
        ("https://new.example/", "", []),
    ],
)
def test_host_and_directive_are_all_that_is_kept(
    address: Any, directive: Any, pairs: list[tuple[str, str]]
) -> None:
    """Of a report nothing else stays, and nothing at all of declared hosts (R48)."""
    reports = HostReports(Catalogue(categories()))
    reports.collect(report(address, directive), 100.0)
    assert list(reports.pairs) == pairs


def test_the_newer_format_is_read_too() -> None:
    """Browsers' Reporting API sends several reports at once (R48)."""
    body = {"blockedURL": "https://new.example/x", "effectiveDirective": "font-src"}
    reports = HostReports(Catalogue(categories()))
    reports.collect(
        json.dumps([{"type": "csp-violation", "body": body}, {"type": "crash"}, 1, None]).encode(), 100.0
    )
    assert reports.pairs == (("new.example", "font-src"),)


def test_each_pair_is_told_once_with_the_line_to_add(caplog: pytest.LogCaptureFixture) -> None:
    """The log says what to declare, and says it once (R48)."""
    reports = HostReports(Catalogue(categories()))
    with caplog.at_level(logging.WARNING, "consent"):
        for _ in range(2):
            reports.collect(report("https://new.example/"), 100.0)
    [line] = caplog.messages
    assert "'new.example' (img-src)" in line
    assert line.endswith('add: hosts = ["new.example"]')


def test_pairs_are_capped() -> None:
    """Anybody can make names up: two hundred are kept (R48)."""
    reports = HostReports(Catalogue(categories()))
    for number in range(MAX_PAIRS + 10):
        reports.collect(report(f"https://n{number}.example/"), 100.0)
        assert reports.complete is (number < MAX_PAIRS)
    assert len(reports.pairs) == MAX_PAIRS


def test_reports_are_rate_limited() -> None:
    """A burst, then so many a second; a clock that is set back opens nothing (R48)."""
    reports = HostReports(Catalogue(categories()))
    assert [reports.admits(100.0) for _ in range(BURST + 1)] == [True] * BURST + [False]
    assert [reports.admits(101.0) for _ in range(PER_SECOND + 1)] == [True] * PER_SECOND + [False]
    assert not reports.admits(50.0)
    assert reports.admits(1e9)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["csp-report", "body", "blocked-uri", "effective-directive"]), inner
        )
    ),
    max_leaves=8,
)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()) | st.just(b"[" * 100_000))
def test_no_report_is_too_broken(body: bytes) -> None:
    """Junk is passed over (R31)."""
    reports = HostReports(Catalogue(categories()))
    reports.collect(body, 100.0)
    assert reports.pairs == ()
