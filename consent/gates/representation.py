"""Which responses are pages, and which of their headers stop being true; knows no ASGI message."""

import codecs
import re
from collections.abc import Iterable, Mapping
from typing import Final

from consent.gates.headers import Header

_NO_PAGE: Final = frozenset({204, 205, 206, 304})
_UNTRUE: Final = frozenset(
    {
        b"etag",
        b"last-modified",
        b"accept-ranges",
        b"content-md5",
        b"digest",
        b"content-digest",
        b"repr-digest",
    }
)
"""Headers that speak of the bytes as they were."""

_CONDITIONS: Final = frozenset({b"range", b"if-range", b"if-none-match", b"if-modified-since"})
_PUBLIC = re.compile(r"public|s-maxage=.*|immutable", re.IGNORECASE)
_ASCII_SUBSETS: Final = re.compile(
    r"utf_8|us_ascii|ascii|iso8859_\d+|latin_1|cp125\d|koi8_[ru]|euc_\w+|gb\w+"
)


def request_wants_page(method: str, headers: Mapping[bytes, bytes]) -> bool:
    """Whether the answer will be shown as a page of its own, not swapped into one or read by a script."""
    if method not in ("GET", "HEAD", "POST"):
        return False
    if b"hx-request" in headers and headers.get(b"hx-boosted") != b"true":
        return False
    if b"turbo-frame" in headers or b"x-requested-with" in headers:
        return False
    return headers.get(b"sec-fetch-dest", b"document") == b"document"


def without_conditions(headers: list[Header], accept: bytes) -> list[Header]:
    """The request as if nothing of the page were known: a rewritten page is sent whole (R35).

    Only where the browser asks for a page: a download that goes on where it stopped stays one.
    """
    if b"text/html" not in accept:
        return headers
    return [header for header in headers if header[0] not in _CONDITIONS]


def is_page(status: int, headers: Iterable[Header]) -> bool:
    """Whether this response is an HTML page in plain bytes, to be shown and not saved."""
    named = {name.lower(): value for name, value in headers}
    kind = named.get(b"content-type", b"").partition(b";")[0].strip().lower()
    return (
        status >= 200
        and status not in _NO_PAGE
        and kind == b"text/html"
        and named.get(b"content-encoding", b"identity").strip().lower() in (b"identity", b"")
        and not named.get(b"content-disposition", b"").strip().lower().startswith(b"attachment")
    )


def codec_of(headers: Iterable[Header]) -> str | None:
    """The codec that added text must be written in; ``None`` if the page is not a superset of ASCII.

    A page that does not say is written to in ASCII: other characters become references.
    """
    kind = next((value for name, value in headers if name.lower() == b"content-type"), b"")
    match = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", kind.decode("latin-1"), re.IGNORECASE)
    if match is None:
        return "ascii"
    try:
        codec = codecs.lookup(match[1]).name.replace("-", "_")
    except LookupError:
        return "ascii"
    return codec if _ASCII_SUBSETS.fullmatch(codec) else None


def rewritten(headers: Iterable[Header], *, added: int | None) -> list[Header]:
    """Headers for a page that grew by ``added`` bytes (``None``: it is not known by how many)."""
    kept: list[Header] = []
    for name, value in headers:
        lower = name.lower()
        if lower == b"content-length":
            if added is not None and value.isdigit():
                kept.append((name, b"%d" % (int(value) + added)))
        elif lower not in _UNTRUE:
            kept.append((name, value))
    return kept


def kept_private(headers: Iterable[Header], *, stored: bool) -> list[Header]:
    """Headers for a page that depends on who asks: ``Vary: Cookie``, and no shared cache keeps it.

    ``stored`` false adds ``no-cache``: the browser asks again before it shows the page once more.
    """
    kept = []
    controls: list[str] = []
    vary: list[str] = []
    for name, value in headers:
        lower = name.lower()
        if lower == b"cache-control":
            controls += _split(value)
        elif lower == b"vary":
            vary += _split(value)
        else:
            kept.append((name, value))
    controls = [control for control in controls if not _PUBLIC.fullmatch(control)]
    known = {control.lower() for control in controls}
    if not known & {"private", "no-store"}:
        controls.append("private")
    if not stored and not known & {"no-cache", "no-store"}:
        controls.append("no-cache")
    if "*" not in vary and "cookie" not in (name.lower() for name in vary):
        vary.append("Cookie")
    kept += [(b"cache-control", ", ".join(controls).encode("latin-1"))]
    return [*kept, (b"vary", ", ".join(vary).encode("latin-1"))]


def is_public(headers: Iterable[Header]) -> bool:
    """Whether shared caches are invited to keep this response: then it must carry no cookie."""
    return any(
        name.lower() == b"cache-control" and any(_PUBLIC.fullmatch(part) for part in _split(value))
        for name, value in headers
    )


def _split(value: bytes) -> list[str]:
    return [part.strip() for part in value.decode("latin-1").split(",") if part.strip()]
