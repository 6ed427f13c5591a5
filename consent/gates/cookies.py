"""The write gate and the read gate: cookies in raw headers; knows no ASGI and no clock."""

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from consent.catalogue import Catalogue
from consent.gates.headers import Header
from consent.state import Consent

_BLANK: Final = b" \t"
_MAX_ATTRIBUTE: Final = 1_000  # browsers leave out attributes of more than 1,024 bytes
_MAX_STANDINGS: Final = 64
_MAX_NAMES: Final = 256
_MAX_NAME: Final = 64
"""How much is kept of names that pass: of so many standings so many, and none that is longer in bytes."""

_DATE = re.compile(
    rb"[A-Za-z]{3,9}, ([0-9]{2})[ -]([A-Za-z]{3})[ -]([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)
_AGE = re.compile(rb"-?[0-9]+")
_MONTHS: Final = re.findall(b"...", b"janfebmaraprmayjunjulaugsepoctnovdec")
_log = logging.getLogger("consent")


def cookie_name(pair: bytes) -> str:
    """The name a browser would read (RFC 6265bis, 5.6): what stands before ``=``, without blanks.

    A cookie without a name goes back to the server as its bare value, so that its value counts.
    """
    name, _, value = pair.partition(b";")[0].partition(b"=")
    # The blanks of str.strip are more than a browser's: some parser behind us may use it.
    return name.decode("latin-1").strip() or value.partition(b"=")[0].decode("latin-1").strip()


def told_name(pair: bytes) -> str:
    """The name as it may be told; empty if the cookie has none, for what came is its value."""
    name, equals, _ = pair.partition(b";")[0].partition(b"=")
    return name.decode("latin-1").strip() if equals else ""


def is_deletion(set_cookie: bytes, now: float) -> bool:
    """Whether every browser takes ``set_cookie`` for a deletion (RFC 6265bis, 5.6).

    ``Max-Age`` counts before ``Expires``, the last of each. What browsers might read differently (a
    year of two digits, a sign, an attribute too long for them) is none: fail closed.
    """
    age = date = b""
    aged = readable = False
    for part in set_cookie.split(b";")[1:]:
        name, _, value = part.partition(b"=")
        if len(value) > _MAX_ATTRIBUTE:
            return False
        name = name.strip(_BLANK).lower()
        if name == b"max-age":
            age = value.strip(_BLANK)
            aged, readable = True, (readable or not aged) and _AGE.fullmatch(age) is not None
        elif name == b"expires":
            date = value.strip(_BLANK)
    return readable and int(age) <= 0 if aged else _is_past(date, now)


def _is_past(date: bytes, now: float) -> bool:
    expires = _DATE.fullmatch(date)
    if expires is None:
        return False
    day, month, year, hour, minute, second = expires.groups()
    try:
        told = datetime(
            int(year),
            _MONTHS.index(month.lower()) + 1,
            int(day),
            int(hour),
            int(minute),
            int(second),
            tzinfo=UTC,
        )
    except ValueError:
        return False
    return told.timestamp() <= now


def cookie_pairs(headers: Iterable[Header]) -> list[bytes]:
    """Every ``name=value`` of the request's cookie headers, byte for byte."""
    return [pair for name, value in headers if name == b"cookie" for pair in value.split(b";")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieVerdict:
    """What the write gate would do with one ``Set-Cookie``: its name, its bytes, and why.

    ``services`` are those that must be granted; ``None`` if nobody declares the cookie.
    """

    name: str
    header: bytes
    services: frozenset[str] | None
    consent: Consent
    withheld: bool


class CookieGate:
    """Decides over single cookies, and takes the unconsented ones out of headers.

    ``report`` hears each name that is withheld because nobody declared it (empty if the cookie has none),
    with what was withheld: ``set`` or ``sent``. ``review`` is asked last about every cookie that a response
    sets: true withholds it, false lets it out.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        undeclared_passes: bool,
        report: Callable[[str, str], None],
        review: Callable[[CookieVerdict], bool] | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._undeclared_passes = undeclared_passes
        self._report = report
        self._review = review
        # By claims, grants and own names: the names that pass, as they are written.
        self._passing = lru_cache(maxsize=_MAX_STANDINGS)(lambda *_: set[bytes]())

    def withholds(self, name: str, consent: Consent, *, host: str = "") -> bool:
        """Whether the cookie ``name`` may neither be set nor read under ``consent`` on ``host``."""
        return self._withholds(self._catalogue.requires(name, host), consent)

    def _withholds(self, services: frozenset[str] | None, consent: Consent) -> bool:
        if services is None:
            return not self._undeclared_passes
        return not services <= consent.granted

    def filter_request(
        self, headers: list[Header], consent: Consent, *, own: tuple[str, ...], host: str = ""
    ) -> tuple[list[Header], list[str]]:
        """The headers with unconsented names taken out of every ``cookie``, and each of those names once.

        A header that keeps all its cookies stays as it came. ``own`` are the layer's; ``host`` is the one
        that the browser asked.
        """
        kept: list[Header] = []
        withheld: list[str] = []
        for header in headers:
            if header[0] != b"cookie":
                kept.append(header)
                continue
            value, names = self.filter_cookie(header[1], consent, own, host)
            withheld += names
            if value:
                kept.append((b"cookie", value) if names else header)
        return (kept, [*dict.fromkeys(withheld)]) if withheld else (headers, withheld)

    def filter_cookie(
        self, cookie: bytes, consent: Consent, own: tuple[str, ...], host: str
    ) -> tuple[bytes, list[str]]:
        """The same for one ``Cookie`` header alone."""
        claims = self._catalogue.on(host)
        passing = self._passing(claims, consent.granted, own)
        kept, withheld = [], []
        for pair in cookie.split(b";"):
            written = pair.partition(b"=")[0]
            if written in passing:  # so that seven cookies cost 18,000 instructions instead of 54,000
                kept.append(pair)
                continue
            name = cookie_name(pair)
            passes = name in own or not (name or pair.strip(_BLANK))
            if not passes and self._withholds(services := claims.requires(name), consent):
                withheld.append(name)
                self._tell(pair, services, "sent")
                continue
            kept.append(pair)
            # What passed once does so again, if it had a name: else its value would count.
            if written.decode("latin-1").strip() and len(written) <= _MAX_NAME:
                if len(passing) >= _MAX_NAMES:
                    passing.clear()
                passing.add(written)
        return (b";".join(kept).strip(_BLANK), [*dict.fromkeys(withheld)]) if withheld else (cookie, withheld)

    def filter_response(
        self,
        headers: Iterable[Header],
        consent: Consent,
        now: float,
        *,
        own: tuple[str, ...],
        host: str = "",
    ) -> tuple[list[Header], frozenset[str]]:
        """The headers without unconsented ``set-cookie``, and the names that are set or deleted.

        Each header is kept whole, byte for byte, or dropped whole; deletions always pass. Nobody but
        the layer sets its cookies ``own``.
        """
        kept: list[Header] = []
        names: set[str] = set()
        claims = self._catalogue.on(host)
        for header in headers:
            if header[0].lower() != b"set-cookie":
                kept.append(header)
                continue
            name = cookie_name(header[1])
            if name in own:
                continue
            services = claims.requires(name)
            if self._lets_out(name, header[1], consent, services, now):
                kept.append(header)
                names.add(name)
            else:
                self._tell(header[1], services, "set")
        return kept, frozenset(names)

    def _lets_out(
        self, name: str, header: bytes, consent: Consent, services: frozenset[str] | None, now: float
    ) -> bool:
        withheld = self._withholds(services, consent)
        if self._review is None:
            # To find out that it is a deletion takes longer than all the rest; most cookies may go anyway.
            return not withheld or is_deletion(header, now)
        verdict = CookieVerdict(
            name=name, header=header, services=services, consent=consent, withheld=withheld
        )
        return is_deletion(header, now) or not _reviewed(self._review, verdict)

    def _tell(self, pair: bytes, services: frozenset[str] | None, what: str) -> None:
        if services is None:
            self._report(told_name(pair), what)

    def declared_names(self, services: frozenset[str]) -> list[str]:
        """The exact names of all cookies that the services declare."""
        return [
            cookie.name
            for _, service in self._catalogue.services
            if service.id in services
            for cookie in service.cookies
            if not cookie.is_pattern
        ]


def _reviewed(review: Callable[[CookieVerdict], bool], verdict: CookieVerdict) -> bool:
    """Whether the cookie is withheld in the end; a review that fails changes nothing."""
    try:
        return bool(review(verdict))
    except Exception:  # noqa: BLE001  # the site's own code: whatever it raises, the verdict stands
        name = told_name(verdict.header)
        told = f"the cookie {name!r}" if name else "a cookie without a name"
        _log.exception("The review of %s failed; the verdict stands.", told)
        return verdict.withheld
