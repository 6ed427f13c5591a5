"""The write gate and the read gate: cookies in raw headers; knows no ASGI and no clock."""

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

from consent.catalogue import Catalogue
from consent.gates.headers import Header
from consent.state import Consent

_BLANK: Final = b" \t"
_log = logging.getLogger("consent")


def cookie_name(pair: bytes) -> str:
    """The name a browser would read (RFC 6265bis, 5.6): what stands before ``=``, without blanks.

    A cookie without a name goes back to the server as its bare value, so that its value counts.
    """
    name, _, value = pair.partition(b";")[0].partition(b"=")
    return (name.strip(_BLANK) or value.partition(b"=")[0].strip(_BLANK)).decode("latin-1")


def is_deletion(set_cookie: bytes, now: float) -> bool:
    """Whether ``set_cookie`` expires at once; ``Max-Age`` counts before ``Expires``, the last of each."""
    attributes = {
        name.strip(_BLANK).lower(): value.strip(_BLANK)
        for name, _, value in (part.partition(b"=") for part in set_cookie.split(b";")[1:])
    }
    max_age = attributes.get(b"max-age", b"")
    if re.fullmatch(rb"-?[0-9]+", max_age):
        return max_age.startswith(b"-") or not max_age.strip(b"0")
    try:
        expires = parsedate_to_datetime(attributes.get(b"expires", b"").decode("latin-1"))
        return expires.timestamp() <= now
    except (ValueError, OverflowError):
        return False


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

    ``own`` are the layer's own cookies: they are necessary. ``report`` hears each name that is
    withheld because nobody declared it, with what was withheld: ``set`` or ``sent``. ``review`` is
    asked last about every cookie that a response sets: true withholds it, false lets it out.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        own: Iterable[str],
        undeclared_passes: bool,
        report: Callable[[str, str], None],
        review: Callable[[CookieVerdict], bool] | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._own = frozenset(own)
        self._undeclared_passes = undeclared_passes
        self._report = report
        self._review = review

    def withholds(self, name: str, consent: Consent) -> bool:
        """Whether the cookie ``name`` may neither be set nor read under ``consent``."""
        if name in self._own:
            return False
        services = self._catalogue.requires(name)
        if services is None:
            return not self._undeclared_passes
        return not services <= consent.granted

    def filter_request(self, headers: list[Header], consent: Consent) -> tuple[list[Header], list[str]]:
        """The headers with unconsented names taken out of every ``cookie``, and those names.

        A header that keeps all its cookies stays as it came.
        """
        kept: list[Header] = []
        withheld: list[str] = []
        for header in headers:
            if header[0] == b"cookie":
                value, names = self._filter_pairs(header[1], consent)
                withheld += names
                kept += [(b"cookie", value)] if value else []
            else:
                kept.append(header)
        return (kept, withheld) if withheld else (headers, withheld)

    def _filter_pairs(self, cookie: bytes, consent: Consent) -> tuple[bytes, list[str]]:
        kept, withheld = [], []
        for pair in cookie.split(b";"):
            name = cookie_name(pair)
            if name and self.withholds(name, consent):
                withheld.append(name)
                self._tell(name, "sent")
            else:
                kept.append(pair)
        return (b";".join(kept).strip(_BLANK), withheld) if withheld else (cookie, withheld)

    def filter_response(
        self, headers: Iterable[Header], consent: Consent, now: float
    ) -> tuple[list[Header], frozenset[str]]:
        """The headers without unconsented ``set-cookie``, and the names that are set or deleted.

        Each header is kept whole, byte for byte, or dropped whole; deletions always pass.
        """
        kept: list[Header] = []
        names = set[str]()
        for header in headers:
            if header[0].lower() != b"set-cookie":
                kept.append(header)
                continue
            name = cookie_name(header[1])
            if is_deletion(header[1], now) or not self._reviewed(name, header[1], consent):
                kept.append(header)
                names.add(name)
            else:
                self._tell(name, "set")
        return kept, frozenset(names)

    def _reviewed(self, name: str, header: bytes, consent: Consent) -> bool:
        """Whether the cookie is withheld in the end; a review that fails changes nothing."""
        withheld = self.withholds(name, consent)
        if self._review is None or name in self._own:
            return withheld
        services = self._catalogue.requires(name)
        verdict = CookieVerdict(
            name=name, header=header, services=services, consent=consent, withheld=withheld
        )
        try:
            return bool(self._review(verdict))
        except Exception:  # noqa: BLE001  # the site's own code: whatever it raises, the verdict stands
            _log.exception("The review of the cookie %r failed; the verdict stands.", name)
            return withheld

    def _tell(self, name: str, what: str) -> None:
        if self._catalogue.requires(name) is None:
            self._report(name, what)

    def declared_names(self, services: frozenset[str]) -> list[str]:
        """The exact names of all cookies that the services declare."""
        return [
            cookie.name
            for _, service in self._catalogue.services
            if service.id in services
            for cookie in service.cookies
            if not cookie.is_pattern
        ]
