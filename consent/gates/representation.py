"""Which responses are pages, and which of their headers stop being true; knows no ASGI message."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final

from consent.gates.etags import CONDITIONS, marked
from consent.gates.headers import Header

FRAGMENTS: Final = frozenset({b"hx-request", b"turbo-frame", b"x-requested-with"})
"""Headers of requests for a part of a page, whatever they accept."""

UNHEARD: Final = FRAGMENTS | CONDITIONS
"""Headers by which an answer becomes another one, whoever asks."""

_HTML: Final = frozenset({b"text/html", b"text/html; charset=utf-8"})
"""What is looked for before a type is taken apart."""

_NO_PAGE: Final = frozenset({204, 205, 206, 304})
_OF_THE_BYTES: Final = frozenset(
    {b"accept-ranges", b"content-md5", b"digest", b"content-digest", b"repr-digest"}
)
"""Headers that speak of the bytes as they were (RFC 9110, 9530)."""

_FOR_CACHES: Final = re.compile(rb"([a-z]+-)?cdn-cache-control|surrogate-control|x-accel-expires")
"""What particular shared caches obey before ``Cache-Control`` (RFC 9213)."""

PLAIN: Final = frozenset({b"content-language", b"content-length", b"date", b"server"})
"""What most responses have beside their type: no cookie, no coding, no tag, no word to caches, no digest."""

_PRIVATE: Final = (b"cache-control", b"private")
_UNSTORED: Final = (b"cache-control", b"private, no-cache")

_PUBLIC = re.compile(r"public|s-maxage=.*|immutable", re.IGNORECASE)


def request_wants_page(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the answer will be shown as a page of its own, not swapped into one or read by a script."""
    if b"hx-request" in headers and headers.get(b"hx-boosted") != b"true":
        return False
    if b"turbo-frame" in headers or b"x-requested-with" in headers:
        return False
    return headers.get(b"sec-fetch-dest", b"document") == b"document"


def is_navigation(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser asks for a page to show: a download that goes on where it stopped stays one."""
    return b"text/html" in headers.get(b"accept", b"")


def is_prefetch(headers: Mapping[bytes, bytes]) -> bool:
    """Whether nobody looks at the answer yet, and perhaps never will (R41)."""
    purpose = headers.get(b"sec-purpose") or headers.get(b"purpose") or headers.get(b"x-moz") or b""
    return b"prefetch" in purpose.lower()


def is_page(status: int, kind: bytes, disposition: bytes) -> bool:
    """Whether a response of this ``Content-Type`` and ``Content-Disposition`` is an HTML page, to be shown.

    Its bytes may be encoded.
    """
    if kind not in _HTML and not _is_html(kind):
        return False
    if status != 200 and (status < 200 or status in _NO_PAGE):
        return False
    return not (disposition and is_saved(disposition))


def is_saved(disposition: bytes) -> bool:
    """Whether browsers show nothing of a response of this ``Content-Disposition``."""
    return disposition.strip().lower().startswith(b"attachment")


@lru_cache(maxsize=64)
def _is_html(content_type: bytes) -> bool:
    return content_type.partition(b";")[0].strip().lower() == b"text/html"


def content_coding(headers: Iterable[Header]) -> str:
    """In what the body is encoded, in lower case; empty if in nothing, a list if in several."""
    values = [value for name, value in headers if name.lower() == b"content-encoding"]
    codings = [coding.lower() for value in values for coding in _split(value)]
    return ", ".join(coding for coding in codings if coding != "identity")


def rewritten(headers: Iterable[Header], *, added: int | None) -> list[Header]:
    """Headers for a page that grew by ``added`` bytes (``None``: it is not known by how many)."""
    kept: list[Header] = []
    for header in headers:
        name, value = header
        lower = name.lower()
        if lower == b"content-length":
            if added is not None and value.isdigit():
                kept.append((name, b"%d" % (int(value) + added)))
        elif lower not in _OF_THE_BYTES:
            kept.append(header)
    return kept


def lengthened(headers: list[Header], added: int) -> list[Header]:
    """`rewritten` for `PLAIN` headers."""
    kept = []
    for header in headers:
        if header[0] == b"content-length":
            if not header[1].isdigit():
                continue
            header = (header[0], b"%d" % (int(header[1]) + added))  # noqa: PLW2901  # the one that changes
        kept.append(header)
    return kept


def without_digests(headers: Iterable[Header]) -> list[Header]:
    """Trailers of a page that was rewritten."""
    return [header for header in headers if header[0].lower() not in _OF_THE_BYTES]


def varied(headers: Iterable[Header], mark: Callable[[], bytes | None]) -> list[Header]:
    """Headers for a response of which each standing has its own: its tag is marked, and it has no date.

    A date is the same before and after a decision, so that it would let an old page pass for the new one.
    """
    kept: list[Header] = []
    for name, value in headers:
        lower = name.lower()
        if lower == b"etag":
            own = mark()
            tag = marked(value, own) if own else None
            kept += [] if tag is None else [(name, tag)]
        elif lower != b"last-modified":
            kept.append((name, value))
    return kept


def kept_private(headers: list[Header], *, stored: bool, on: tuple[str, ...]) -> list[Header]:
    """Headers for a page that depends on who asks: no shared cache keeps it, and ``Vary`` names ``on``.

    These are the request headers by which it is known who that is. ``stored`` false adds ``no-cache``: the
    browser asks again before it shows the page once more.
    """
    for name, _ in headers:
        if _is_about_caching(name):
            return _merged(headers, stored=stored, on=on)
    return [*headers, *private_headers(stored=stored, on=on)]


def private_headers(*, stored: bool, on: tuple[str, ...]) -> tuple[Header, Header]:
    """What `kept_private` adds to headers that say nothing of caches."""
    return _PRIVATE if stored else _UNSTORED, (b"vary", _joined(on))


def _merged(headers: Iterable[Header], *, stored: bool, on: tuple[str, ...]) -> list[Header]:
    """The same where the site itself has said something of caching."""
    kept = []
    controls: list[str] = []
    vary: list[str] = []
    for name, value in headers:
        lower = name.lower()
        if lower == b"cache-control":
            controls += _split(value)
        elif lower == b"vary":
            vary += _split(value)
        elif not _is_about_caching(name):
            kept.append((name, value))
    controls = [control for control in controls if not _PUBLIC.fullmatch(control)]
    known = {control.lower() for control in controls}
    if not known & {"private", "no-store"}:
        controls.append("private")
    if not stored and not known & {"no-cache", "no-store"}:
        controls.append("no-cache")
    if "*" not in vary:
        named = {name.lower() for name in vary}
        vary += [name for name in on if name.lower() not in named]
    kept += [(b"cache-control", ", ".join(controls).encode("latin-1"))]
    return [*kept, (b"vary", _joined(tuple(vary)))]


@lru_cache(maxsize=64)
def _joined(names: tuple[str, ...]) -> bytes:
    return ", ".join(names).encode("latin-1")


@lru_cache(maxsize=256)
def _is_about_caching(name: bytes) -> bool:
    lower = name.lower()
    return lower in (b"cache-control", b"vary") or _FOR_CACHES.fullmatch(lower) is not None


def is_public(headers: Iterable[Header]) -> bool:
    """Whether shared caches are invited to keep this response: then it must carry no cookie."""
    return any(
        _FOR_CACHES.fullmatch(name.lower())
        or (name.lower() == b"cache-control" and any(map(_PUBLIC.fullmatch, _split(value))))
        for name, value in headers
    )


def is_private(headers: Iterable[Header]) -> bool:
    """Whether no shared cache may keep this response."""
    return any(
        name.lower() == b"cache-control" and not {"private", "no-store"}.isdisjoint(_split(value.lower()))
        for name, value in headers
    )


def sets_cookies(headers: Iterable[Header]) -> bool:
    """Whether this response is one visitor's already."""
    return any(name.lower() == b"set-cookie" for name, _ in headers)


def _split(value: bytes) -> list[str]:
    return [part.strip() for part in value.decode("latin-1").split(",") if part.strip()]
