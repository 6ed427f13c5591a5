"""The policy gate: a second ``Content-Security-Policy``, by which browsers contact only hosts that are
agreed to; knows no request and no policy of the site's own.
"""

from functools import lru_cache
from typing import Final, Literal
from urllib.parse import quote

from consent.catalogue import Catalogue, are_met
from consent.gates.headers import Header
from consent.state import Consent

Mode = Literal["off", "report", "enforce"]

_ANY_CODE: Final = "'self' 'unsafe-inline' 'unsafe-eval' data: blob: filesystem: mediastream:"
"""All that names no other host. Browsers obey every policy there is, so this one loosens none: how
scripts and styles may be written is left to the site's own."""

_DOCUMENTS: Final = frozenset({b"document", b"iframe", b"frame", b"object", b"embed", b"fencedframe"})
_KINDS: Final = frozenset({b"", b"text/html", b"application/xhtml+xml"})
"""Media types of documents; browsers guess one where none is told."""


class PolicyGate:
    """Builds the policy of each standing once.

    Hosts stand in two directives. ``default-src`` is what browsers ask wherever no narrower directive
    is given: scripts, styles, images, frames, fonts, media, workers and objects. ``connect-src``
    adds WebSockets, which a host without a scheme does not cover. Seven times the same list would
    outgrow the header limits of proxies.
    """

    def __init__(self, catalogue: Catalogue, *, mode: Mode, endpoint: str) -> None:
        self._hosts = catalogue.hosts
        self._endpoint = endpoint
        self._name = (
            b"content-security-policy" if mode == "enforce" else b"content-security-policy-report-only"
        )
        self.is_on = mode != "off"
        """Whether documents carry a policy of ours."""
        self._header = lru_cache(maxsize=1024)(self._build)

    def header(self, consent: Consent, *, base: str) -> Header:
        """The header for documents that a visitor of this standing gets; ``base`` is the mount."""
        return self._header(consent.granted, base)

    def _build(self, granted: frozenset[str], base: str) -> Header:
        allowed = self._allowed(granted)
        sources = " ".join([_ANY_CODE, *(f"{host}:*" for host in allowed)])
        sockets = "".join(f" ws://{host}:*" for host in allowed)  # covers wss as well
        endpoint = quote(base + self._endpoint, safe="/~")  # a mount's parameters are the visitor's
        policy = f"default-src {sources}; connect-src {sources}{sockets}; report-uri {endpoint}"
        return self._name, policy.encode("ascii")

    def _allowed(self, granted: frozenset[str]) -> list[str]:
        """Hosts for which enough is granted, each with its subdomains.

        A policy cannot take a name out again: where a subdomain is declared for something that is
        not granted, the others have to be declared too.
        """
        refused = [host for host, needs in self._hosts.items() if not are_met(needs, granted)]
        allowed: list[str] = []
        for host in sorted(self._hosts.keys() - refused):
            allowed.append(host)
            if not any(name.endswith(f".{host}") for name in refused):
                allowed.append(f"*.{host}")
        return allowed


def wants_document(headers: list[Header]) -> bool:
    """Whether the answer to this request may become a document, in a window or a frame."""
    return all(value in _DOCUMENTS for name, value in headers if name == b"sec-fetch-dest")


def is_document(status: int, headers: list[Header]) -> bool:
    """Whether browsers make this response a document of HTML."""
    kinds = [value for name, value in headers if name.lower() == b"content-type"] or [b""]
    kind = kinds[-1].partition(b";")[0].strip().lower()
    return kind in _KINDS and status not in (204, 205) and not 300 <= status < 400
