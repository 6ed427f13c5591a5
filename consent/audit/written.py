"""Reads what a response or a script writes as a cookie: name and attributes, never the value."""

from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Final

from consent.audit.sightings import Facts, Thing

_LONGEST: Final = 10**10


def read_cookie(line: str, host: str, now: float) -> tuple[Thing, Facts] | None:
    """The cookie that ``line`` sets on ``host`` at ``now`` (Unix seconds).

    ``None`` if it deletes one, or is none. ``Max-Age`` wins over ``Expires`` (RFC 6265bis, 5.7). What has no
    ``=`` is all value: its name is empty.
    """
    pair, _, rest = line.partition(";")
    name = pair.partition("=")[0].strip() if "=" in pair else ""
    attributes = {
        key.strip().lower(): value.strip()
        for key, _, value in (part.partition("=") for part in rest.split(";"))
    }
    seconds = _seconds(attributes, now)
    if not pair.strip(" \t=") or (seconds is not None and seconds <= 0):
        return None
    path = attributes.get("path", "/")
    domain = attributes.get("domain", "").lower().removeprefix(".")
    facts = Facts(
        seconds=seconds,
        path=path if path.startswith("/") else "/",
        domain=domain,
        http_only="httponly" in attributes,
        partitioned="partitioned" in attributes,
    )
    return Thing(kind="cookie", name=name, host=domain or host), facts


def _seconds(attributes: Mapping[str, str], now: float) -> int | None:
    age = attributes.get("max-age", "")
    if age.removeprefix("-").isdecimal() and age.isascii():
        return max(-1, min(int(age[:11]), _LONGEST))
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        return round(parsedate_to_datetime(attributes.get("expires", "")).timestamp() - now)
    return None
