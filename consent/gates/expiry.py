"""What deletes a cookie in a browser: every domain and path it may have been set with; knows no consent."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from consent.catalogue import Catalogue
from consent.claims import host_name
from consent.gates.headers import Header
from consent.model import Cookie

MAX_EXPIRED: Final = 20
"""Cookies expired by one response; a proxy's limit on headers is soon reached (R19)."""

MAX_DEPTH: Final = 3
"""Folders of the address whose own cookies are looked for."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}")
_ADDRESS = re.compile(r"[0-9.]+")
_DOMAIN = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
_PATH = re.compile(r"/[!-:<-~]+")  # a path comes from the address: nothing that could end an attribute
_PREFIXES: Final = ("__host-", "__secure-")
_GONE: Final = "Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """The address that a browser asked: ``host`` as it named it, ``path``, and whether by TLS."""

    host: str
    path: str
    secure: bool

    @property
    def name(self) -> str:
        """The host without its port, in lower case."""
        return host_name(self.host)

    @property
    def domains(self) -> list[str]:
        """Every domain but the host's own alone that cookies here may belong to: it, and its parents."""
        labels = self.name.split(".")
        if _ADDRESS.fullmatch(self.name) or not _DOMAIN.fullmatch(self.name):
            return []
        return [".".join(labels[index:]) for index in range(len(labels) - 1)]

    @property
    def paths(self) -> list[str]:
        """``/``, and each folder on the way to `path`: cookies that name none get such a one."""
        folders = self.path.split("/")[1 : MAX_DEPTH + 1]
        paths = ("/" + "/".join(folders[: index + 1]) for index in range(len(folders)))
        return [*dict.fromkeys(["/", *(path for path in paths if _PATH.fullmatch(path))])]


class Expiry:
    """Expires declared cookies, one variant of each in every response.

    A cookie is deleted by its name, domain and path (RFC 6265bis, 5.7), and the request does not tell
    the last two. So the declared ones come first, and in every other ``turn`` one of the others, for as
    long as the browser still sends the name.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def headers(
        self, names: Iterable[str], visited: Visited, *, taken: frozenset[str] = frozenset(), turn: int = 0
    ) -> list[Header]:
        """At most `MAX_EXPIRED` ``set-cookie`` headers, none for a name twice or for one ``taken``."""
        claims = self._catalogue.on(visited.host)
        expired: dict[str, Header] = {}
        for name in names:
            if len(expired) == MAX_EXPIRED:
                break
            if name in taken or name in expired or not _TOKEN.fullmatch(name):
                continue
            if cookies := [claim.cookie for claim in claims.of(name)]:
                value = _variant(name, cookies, visited, turn)
                expired[name] = (b"set-cookie", f"{name}=; {value}".encode("latin-1"))
        return [*expired.values()]


def _variant(name: str, cookies: list[Cookie], visited: Visited, turn: int) -> str:
    """The attributes to delete ``name`` with: the declared ones in every other turn."""
    declared = [*dict.fromkeys(_attributes(name, c.domain, c.path, c, visited) for c in cookies)]
    others = [] if name.lower().startswith("__host-") else [*_others(name, cookies, visited)]
    possible = [value for value in dict.fromkeys(others) if value not in declared] if turn % 2 else declared
    possible = possible or declared
    return possible[turn // 2 % len(possible)]


def _others(name: str, cookies: list[Cookie], visited: Visited) -> Iterator[str]:
    for cookie in cookies:
        for path in visited.paths:
            for domain in (None, *visited.domains):
                yield _attributes(name, domain, path, cookie, visited)


def _attributes(name: str, domain: str | None, path: str, cookie: Cookie, visited: Visited) -> str:
    parts = [f"Path={path}", _GONE]
    if domain is not None:
        parts.append(f"Domain={domain}")
    if visited.secure or cookie.partitioned or name.lower().startswith(_PREFIXES):
        parts.append("Secure")
    if cookie.partitioned:
        parts.append("SameSite=None; Partitioned")
    return "; ".join(parts)
