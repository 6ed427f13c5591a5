"""What the site's own ``Content-Security-Policy`` asks of our tags: a nonce, or to stay out; it is
read and never changed.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from consent.gates.headers import Header

_ENFORCED: Final = b"content-security-policy"
_REPORTED: Final = b"content-security-policy-report-only"
POLICIES: Final = frozenset({_ENFORCED, _REPORTED})
"""The headers that policies stand in."""

_SCRIPTS: Final = ("script-src-elem", "script-src", "default-src")
_STYLES: Final = ("style-src-elem", "style-src", "default-src")
_CONNECTIONS: Final = ("connect-src", "default-src")
"""The directives that can decide on a request; the first that is given does (CSP 3, 6.8.4)."""

_TRUSTED: Final = "consent"
"""The name of our Trusted Types policy."""

_WORD = re.compile(r"[^\t\n\f\r ]+")
_NONCE = re.compile(r"'nonce-([a-z0-9+/_-]+={0,2})'", re.IGNORECASE)
_HOST_SOURCE = re.compile(
    r"(?:https?://)?(?P<any>\*\.)?(?P<host>[a-z0-9_.-]+|\[[0-9a-f:]+\])(?::(?P<port>\d+|\*))?(?P<path>/[^?#]*)?",
    re.IGNORECASE,
)

_log = logging.getLogger("consent")

_Policy = dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """Which tags of ours a page can carry without a violation, and with which nonces.

    ``script_hashed`` is whether the script is listed by its hash, which its tag must then repeat;
    ``trusted_types`` whether it may make its policy ``consent``, ``connect`` whether it may ask the
    site for the visitor's standing. ``calls`` is the script of the vendors' consent calls.
    """

    script: bool = True
    style: bool = True
    script_nonce: str | None = None
    script_hashed: bool = False
    style_nonce: str | None = None
    trusted_types: bool = True
    connect: bool = True
    calls: bool = True
    calls_hashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A script of ours as a policy may list it: its local address and the hash of its content."""

    address: str
    integrity: str


ANY_TAGS: Final = Tags()
"""Where the site has no policy: all of them."""


def tags_for(
    headers: Iterable[Header], *, host: str, script: Script, style: str, calls: Script | None = None
) -> Tags:
    """The tags for a page with these headers, at ``host``; ``style`` is a local address.

    A nonce of an enforced policy comes before one of a policy that only reports. What a policy would
    block is left out, so that no page has a violation from us; a policy that only reports keeps
    nothing out.
    """
    enforced = list(_policies(headers, _ENFORCED))
    reported = list(_policies(headers, _REPORTED))
    script_nonce = _nonce(enforced, _SCRIPTS) or _nonce(reported, _SCRIPTS)
    style_nonce = _nonce(enforced, _STYLES) or _nonce(reported, _STYLES)
    scripts = [_sources(policy, _SCRIPTS) for policy in enforced]
    called = calls or script
    styles = [_sources(policy, _STYLES) for policy in enforced]
    names = [policy["trusted-types"] for policy in enforced if "trusted-types" in policy]
    tags = Tags(
        script=all(_lets_in(sources, script, script_nonce, host) for sources in scripts),
        style=all(_admits(sources, style_nonce, host, style) for sources in styles),
        script_nonce=script_nonce,
        script_hashed=any(_lists(sources, script) for sources in scripts),
        style_nonce=style_nonce,
        trusted_types=all(_TRUSTED in allowed or "*" in allowed for allowed in names),
        connect=all(_admits(_sources(policy, _CONNECTIONS), None, host, "/") for policy in enforced),
        calls=all(_lets_in(sources, called, script_nonce, host) for sources in scripts),
        calls_hashed=any(_lists(sources, called) for sources in scripts),
    )
    for kept, directive in ((tags.script and tags.calls, "script-src"), (tags.style, "style-src")):
        if not kept:
            _warn_of_missing(directive)
    return tags


@lru_cache
def _warn_of_missing(directive: str) -> None:
    _log.warning(
        "Pages go without a file of ours, which the site's own Content-Security-Policy would block. "
        "To let it in, add 'self' or a nonce to its %s.",
        directive,
    )


def _policies(headers: Iterable[Header], name: bytes) -> Iterable[_Policy]:
    """Each policy of each header: there can be several, and one header can hold many."""
    for key, value in headers:
        if key.lower() == name:
            for text in value.decode("latin-1").split(","):
                yield _parsed(text)


def _parsed(text: str) -> _Policy:
    policy: _Policy = {}
    for directive in text.split(";"):
        name, *values = _WORD.findall(directive) or [""]
        policy.setdefault(name.lower(), values)  # of one name only the first counts (CSP 3, 2.2.1)
    return policy


def _sources(policy: _Policy, names: tuple[str, ...]) -> list[str] | None:
    return next((policy[name] for name in names if name in policy), None)


def _lets_in(sources: list[str] | None, script: Script, nonce: str | None, host: str) -> bool:
    return _lists(sources, script) or _admits(_static(sources), nonce, host, script.address)


def _lists(sources: list[str] | None, script: Script) -> bool:
    return f"'{script.integrity}'" in (sources or ())


def _static(sources: list[str] | None) -> list[str] | None:
    """The sources of scripts that count: beside ``'strict-dynamic'`` no host does (CSP 3, 8.2)."""
    if sources and "'strict-dynamic'" in map(str.lower, sources):
        return [source for source in sources if _NONCE.fullmatch(source)]
    return sources


def _nonces(sources: list[str] | None) -> set[str]:
    return {match[1] for source in sources or () if (match := _NONCE.fullmatch(source))}


def _nonce(policies: list[_Policy], names: tuple[str, ...]) -> str | None:
    """The nonce that satisfies most policies: a tag has room for one."""
    counted = Counter(nonce for policy in policies for nonce in sorted(_nonces(_sources(policy, names))))
    return counted.most_common(1)[0][0] if counted else None


def _admits(sources: list[str] | None, nonce: str | None, host: str, path: str) -> bool:
    """Whether these sources let in a file of the page's own host."""
    if sources is None or nonce in _nonces(sources):
        return True
    return any(_matches(source, host.lower(), path) for source in sources)


def _matches(source: str, host: str, path: str) -> bool:
    """Whether a source covers ``path`` at ``host``. Schemes are not compared: a proxy may hide ours."""
    if source.lower() in ("'self'", "*", "http:", "https:"):
        return True
    match = _HOST_SOURCE.fullmatch(source)
    if match is None:
        return False
    own, own_port = _split(host)
    named, port, within = match["host"].lower(), match["port"] or "", match["path"] or "/"
    return (
        (own.endswith(f".{named}") if match["any"] else own == named)
        and (port == "*" or _split(f":{port}")[1] == own_port)
        and (path.startswith(within) if within.endswith("/") else path == within)
    )


def _split(host: str) -> tuple[str, str]:
    """Name and port; the ports that schemes imply are all one."""
    match = re.fullmatch(r"(.*?)(?::(\d*))?", host, re.DOTALL)
    name, port = match.groups("") if match else (host, "")
    return name, "" if port in ("80", "443") else port
