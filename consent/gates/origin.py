"""Where a decision comes from and where its visitor goes back to; knows no endpoint."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

MAX_TARGET: Final = 2_048
"""Characters of the longest address to go back to."""

MAX_KEPT: Final = 200
"""Bytes of the longest address that is kept: whoever sends a request chooses it."""

_LOCAL = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
_DEFAULT_PORTS: Final = (":80", ":443")


def is_same_origin(headers: Mapping[str, str]) -> bool:
    """Whether a browser says that this request comes from the site's own pages.

    ``Sec-Fetch-Site`` decides where it is sent, else ``Origin``, else ``Referer``; a request with
    none of them is not from a page. [Fetch Metadata; OWASP on cross-site request forgery]
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    return _is_ours(headers.get("origin") or headers.get("referer") or "", headers)


def return_address(wanted: str | None, headers: Mapping[str, str]) -> str | None:
    r"""A local address to send the visitor back to: ``wanted``, else the page they came from.

    ``//evil``, ``/\evil``, ``https:evil``, control characters and the like are not local.
    """
    if wanted is not None:
        return local_address(wanted)
    referer = headers.get("referer", "")
    if not _is_ours(referer, headers):
        return None
    parts = urlsplit(referer)
    return local_address(parts.path + (f"?{parts.query}" if parts.query else ""))


def local_address(text: str) -> str | None:
    """``text`` without its fragment if it is an address on this very site, else ``None``."""
    address = text.partition("#")[0]
    return address if len(address) <= MAX_TARGET and _LOCAL.fullmatch(address) else None


def requested_address(path: bytes, query: bytes = b"") -> str | None:
    """The address of a request, to come back to after it; ``None`` if it is none on this very site."""
    make = _kept_address if len(path) + len(query) <= MAX_KEPT else _address
    return make(path, query)


def _address(path: bytes, query: bytes) -> str | None:
    return local_address((path + b"?" + query if query else path).decode("latin-1"))


_kept_address = lru_cache(maxsize=1024)(_address)  # a page that is asked for again: 5,000 instructions less


def mount_of(root_path: str) -> str:
    """A root path as the beginning of a local address: one slash at its start, none at its end."""
    stripped = root_path.strip("/")
    return f"/{stripped}" if stripped else ""


def _is_ours(url: str, headers: Mapping[str, str]) -> bool:
    host = _host_of(url)
    return host != "" and host == _without_port(headers.get("host", ""))


def _host_of(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return _without_port(parts.netloc) if parts.scheme in ("http", "https") else ""


def _without_port(host: str) -> str:
    """Lower case, and without the port that a scheme implies."""
    host = host.lower()
    return next((host.removesuffix(port) for port in _DEFAULT_PORTS if host.endswith(port)), host)
