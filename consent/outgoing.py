"""The headers of ours that answers carry: cookies, deletions, our consent requests; knows no message."""

from collections.abc import Sequence
from urllib.parse import quote

from consent.gatekeeper import Outcome
from consent.gates.cookies import cookie_name, cookie_pairs
from consent.gates.expiry import Visited
from consent.gates.headers import Header
from consent.request_consent import RequestConsent


def cookies_for(
    consent: RequestConsent, outcome: Outcome, *, taken: frozenset[str] = frozenset()
) -> list[Header]:
    """The signed answer, and an expiry for all that it no longer covers."""
    gatekeeper, host = consent.gatekeeper, consent.claimed_host
    cookie = gatekeeper.set_cookie(outcome.answer, secure=consent.is_secure).encode()
    gate = gatekeeper.cookies
    sent = [cookie_name(pair) for pair in cookie_pairs(consent.sent)]
    gone = [
        name
        for name in (*sent, *gate.declared_names(outcome.lost))
        if name not in consent.own_cookies and gate.withholds(name, outcome.consent, host=host)
    ]
    return [(b"set-cookie", cookie), *_marker(consent, outcome), *expiries(consent, gone, taken=taken)]


def _marker(consent: RequestConsent, outcome: Outcome) -> list[Header]:
    """What scripts may read of the answer, where pages are the same for all."""
    gatekeeper = consent.gatekeeper
    if not gatekeeper.is_shared:
        return []
    return [(b"set-cookie", gatekeeper.marker_cookie(outcome.answer, secure=consent.is_secure).encode())]


def expiries(
    consent: RequestConsent, names: Sequence[str], *, taken: frozenset[str] = frozenset(), turn: int = 0
) -> list[Header]:
    """What deletes the declared ones among these cookies in this visitor's browser."""
    gatekeeper = consent.gatekeeper
    visited = Visited(host=consent.host, path=consent.asked_path, secure=consent.is_secure)
    headers = gatekeeper.expiry.headers(names, visited, taken=taken, turn=turn)
    gatekeeper.counts.expired(len(headers))
    return headers


def consent_links(consent: RequestConsent) -> list[Header]:
    """What documents say of our consent requests, where the site listens to ADPC. [ADPC, 7.1]"""
    gatekeeper = consent.gatekeeper
    if gatekeeper.requests is None:
        return []
    address = quote(f"{consent.settings_url}/requests.json", safe="/~")
    target = address if gatekeeper.catalogue.asked else "about:blank"
    return [(b"link", f'<{target}>; rel="consent-requests"'.encode())]
