"""Which servers an address, a list of images, a style or a script would contact; knows no markup.

Addresses are read as browsers read them (https://url.spec.whatwg.org/#url-parsing), so that no way of
writing a host hides it.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import unquote

from consent.catalogue import Catalogue, Needs, are_met
from consent.gates.search import HostSearch

Services = Needs
"""The services that must be granted; empty if nothing is withheld."""

NONE: Final = Services()
NOTHING: Final = "data:,"
"""What stands in a style for an address that is withheld: nothing is contacted for it."""

_EDGES: Final = "".join(map(chr, range(0x21)))
_SPECIAL = re.compile(r"(?:(?:https?|wss?|ftp):[/\\]*|[/\\]{2,})([^/\\?#]*)", re.IGNORECASE)
_PORT = re.compile(r":[0-9]*\Z")
_DOTS = re.compile("[\u3002\uff0e\uff61]")
_CSS = re.compile(
    r"""(?P<comment>/\*.*?(?:\*/|\Z))
    | (?P<open>["'])(?P<text>(?:(?!(?P=open))[^\\\n]|\\.)*)(?P=open)?
    | url\(\s*(?P<bare>[^"'\s)](?:[^)\\]|\\.)*)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_CSS_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)


def host_of(address: str) -> str | None:
    """The host that a browser would contact for ``address``, or ``None`` for an address on this site."""
    address = re.sub("[\t\n\r]", "", address.strip(_EDGES))
    match = _SPECIAL.match(address)
    if match is None:
        return None
    host = _PORT.sub("", match[1].rpartition("@")[2])
    return _ascii(_DOTS.sub(".", unquote(host, errors="replace"))).strip(".")


def _ascii(host: str) -> str:
    """The name as DNS has it (UTS 46, as near as the codec for IDNA 2003 comes)."""
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host.lower()


class Withholding:
    """What one standing withholds: hosts for which ``granted`` is not enough. Immutable.

    ``search`` may find more hosts than these: what it finds is asked again. Compiling one for each standing
    takes ten times as long as a page.
    """

    def __init__(
        self, catalogue: Catalogue, granted: frozenset[str], search: HostSearch | None = None
    ) -> None:
        self._catalogue = catalogue
        self._granted = granted
        withheld = {host for host in catalogue.hosts if self.host(host)}
        self.hosts = tuple(sorted(host for host in withheld if not _parents(host) & withheld))
        """The names to look for; their subdomains are found with them."""
        self.search = search or HostSearch(self.hosts)

    def prepare(self) -> None:
        """Compile the search now, and not in the first request: for a hundred hosts it takes 12 ms."""
        self.search.names(b"")

    def names(self, data: bytes) -> bool:
        """Whether ``data`` may name a host that is withheld; if not, nothing in it needs a look."""
        return bool(self.hosts) and self.search.names(data)

    def positions(self, data: bytes) -> list[int]:
        """Where ``data`` may name such a host, in order."""
        return self.search.positions(data) if self.hosts else []

    def host(self, host: str) -> Services:
        """What contacting ``host`` needs, if that is not all granted."""
        needed = self._catalogue.requires_host(host) or NONE
        return NONE if are_met(needed, self._granted) else needed

    def address(self, address: str) -> Services:
        """What fetching ``address`` needs."""
        host = host_of(address)
        return NONE if host is None else self.host(host)

    def addresses(self, several: str) -> Services:
        """The same for addresses that blanks or commas part: ``ping``, ``srcset``, values of an animation.

        A browser may take a comma for a part of the address, so that each is read either way.
        """
        parts = several.split()
        return _union(
            self.address(part) for word in parts for part in (word.strip(",;"), *re.split("[,;]", word))
        )

    def text(self, text: bytes) -> Services:
        """What the hosts need that a script's ``text`` names."""
        return _union(self.host(name) for name in self.search.whole(text)) if self.hosts else NONE

    def style(self, css: str, read: Callable[[str], str] = str) -> tuple[str, Services]:
        """The style with `NOTHING` for every address that is withheld, and what those need.

        ``read`` turns what stands in the style into characters, where it came as bytes.
        """
        needed = set[str]()

        def mended(match: re.Match[str]) -> str:
            group = "text" if match["bare"] is None else "bare"
            address = _CSS_ESCAPE.sub(_unescaped, read(match[group] or ""))
            services = self.address(address)
            if not services:
                return match[0]
            needed.update(services)
            start, end = match.span(group)
            return css[match.start() : start] + NOTHING + css[end : match.end()]

        return _CSS.sub(mended, css), frozenset(needed)


def _parents(host: str) -> set[str]:
    labels = host.split(".")
    return {".".join(labels[index:]) for index in range(1, len(labels))}


def _union(several: Iterator[Services]) -> Services:
    return NONE.union(*several)


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1] or "0", 16)
    return match[2] or (chr(code) if 0 < code <= 0x10FFFF else "\ufffd")
