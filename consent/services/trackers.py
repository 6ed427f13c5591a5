"""Which cookies are known to track, so that nobody declares them necessary (R12); knows no request."""

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib import resources
from typing import Final

from consent.errors import ConfigurationError
from consent.model import NECESSARY, Category, Cookie
from consent.services.files import ids, read

LIST: Final = "trackers.json"
"""Made from the declarations by ``python -m consent.services``: nobody reads them all at start."""

MIN_STEM: Final = 4
"""Characters before the star of the shortest pattern that is taken for a tracker's."""

GENERAL: Final = frozenset({
    "CLID", "CM", "DSID", "JSESSIONID", "MR", "PREF", "S", "SM", "TPC", "UID", "X-AB", "_routing_id", "anj",
    "api_token", "attribution_user_id", "audit", "audit_p", "bId", "brwsr", "cid", "csv", "csync",
    "experiment_overrides", "flags", "fr", "icu", "lang", "m-b", "mid", "pbw", "pid", "player",
    "player_clearance", "receive-cookie-deprecation", "sb", "sclocale", "server_session_id", "sess",
    "session_tracker", "sid", "testCookie", "test_cookie", "token_v2", "ts", "uid", "unique_id",
    "unique_id_durable", "usersync", "usprivacy",
})  # fmt: skip
"""Names that anybody might give a cookie."""

_CHOICES: Final = (
    "_off",
    "allow_cookies",
    "cookie_cat_pref",
    "li_gc",
    "consent",
    "do_not_track",
    "ignore",
    "opt_in",
    "opt_out",
    "optout",
    "privacy",
)
"""What stands in names of cookies that remember what the visitor said of tracking."""


def check_necessary(categories: Iterable[Category]) -> None:
    """Refuse a well-known tracker's cookie among the necessary; ``override`` says why it may be there."""
    for category in categories:
        for service in category.services if category.id == NECESSARY else ():
            for cookie in service.cookies if service.override is None else ():
                _refuse(service.id, cookie)


def tracker_of(name: str) -> str | None:
    """The well-known tracker that sets cookies called ``name``, if there is one."""
    found = _known_like(name)
    return None if found is None else str(read(known()[found])["name"])


def _known_like(cookie: str) -> str | None:
    return next((name for name in known() if _meets(cookie, name)), None)


def _refuse(service: str, cookie: Cookie) -> None:
    found = _known_like(cookie.name)
    if found is None:
        return
    tracker = tracker_of(found)
    raise ConfigurationError(
        f"Category {NECESSARY!r}: service {service!r}",
        f"the cookie came as {cookie.name!r}, a well-known one of {tracker} ({found}); allowed are cookies "
        "without which the site cannot do what visitors ask for, or an 'override' that tells them why.",
    )


@lru_cache(maxsize=1)
def known() -> dict[str, str]:
    """The name or ``prefix*`` of each tracker's cookie, with the id of a service that sets it."""
    found: dict[str, str] = json.loads(resources.files(__package__).joinpath(LIST).read_text("utf-8"))
    return found


def derived() -> str:
    """The list as it follows from the declarations: what analytics and marketing set and nobody else does."""
    others = {name for service in ids() if not _tracks(service) for name in _names(service)}
    found = {
        name: service
        for service in reversed(ids())
        if _tracks(service)
        for name in _names(service)
        if _is_telling(name) and not any(_meets(name, other) for other in others)
    }
    return json.dumps(found, indent=0, sort_keys=True) + "\n"


def _tracks(service: str) -> bool:
    return read(service)["category"] in ("analytics", "marketing")


def _names(service: str) -> Iterator[str]:
    return (cookie["name"] for cookie in read(service).get("cookies", ()))


def _is_telling(name: str) -> bool:
    if name in GENERAL or any(word in name.lower() for word in _CHOICES):
        return False
    return not name.endswith("*") or len(name) > MIN_STEM


def _meets(one: str, other: str) -> bool:
    """Whether there is a cookie that both names stand for."""
    (stem, star), (stem_2, star_2) = ((name.removesuffix("*"), name.endswith("*")) for name in (one, other))
    return stem == stem_2 or (star and stem_2.startswith(stem)) or (star_2 and stem.startswith(stem_2))
