"""Reads what a response or a script writes as a cookie: name and attributes, never the value."""

from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Final

from consent.audit.sightings import Facts, Thing

_LONGEST: Final = 10**10


def read_cookie(line: str, host: str, now: float) -> tuple[Thing, Facts] | None:
    """The cookie that ``line`` sets on ``host`` at ``now`` (Unix seconds); ``None`` if it deletes one or is none.

    Attributes are read as browsers do (RFC 6265bis, 5.6): ``Max-Age`` wins over ``Expires``.
    """
    pair, _, rest = line.partition(";")
    name = pair.partition("=")[0].strip()
    attributes = {
        key.strip().lower(): value.strip() for key, _, value in (part.partition("=") for part in rest.split(";"))
    }
    seconds = _seconds(attributes, now)
    if not name or (seconds is not None and seconds <= 0):
        return None
    path = attributes.get("path", "/")
    facts = Facts(
        seconds=seconds,
        path=path if path.startswith("/") else "/",
        http_only="httponly" in attributes,
        partitioned="partitioned" in attributes,
    )
    domain = attributes.get("domain", "").lower().removeprefix(".")
    return Thing(kind="cookie", name=name, host=domain or host), facts


def _seconds(attributes: Mapping[str, str], now: float) -> int | None:
    age = attributes.get("max-age", "")
    if age.removeprefix("-").isdecimal() and age.isascii():
        return max(-1, min(int(age[:11]), _LONGEST))
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        return round(parsedate_to_datetime(attributes.get("expires", "")).timestamp() - now)
    return None
