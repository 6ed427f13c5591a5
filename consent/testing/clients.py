"""Test clients whose visitor has decided already, by the site's own address for decisions."""

from collections.abc import Collection
from typing import Any, Literal

from starlette.testclient import TestClient
from starlette.types import ASGIApp

from consent.errors import ConsentError
from consent.testing.watched import Watched

_SEEN_BY_ALL = "/.well-known/gpc.json"


def consent_client(
    app: ASGIApp,
    *,
    granted: Collection[str] | Literal["all"] | None = None,
    gpc: bool = False,
    host: str = "localhost",
    **values: Any,
) -> TestClient:
    """A test client that asks ``app`` by https, for a visitor of this standing.

    ``granted`` holds the ids of categories and services that the visitor has agreed to, ``"all"`` stands for
    everything; all others are refused. An empty collection refuses everything, and ``None`` is a visitor who
    has not decided. ``gpc`` lets the browser object (``Sec-GPC: 1``). ``values`` go to Starlette's
    `TestClient`. The decision is recorded where the app keeps its records. Raises `ConsentError` if no
    `ConsentMiddleware` stands around the app, and for an id that it does not know.
    """
    watched = Watched(app)
    browser = {"accept": "text/html,*/*;q=0.8", "sec-fetch-dest": "document", "sec-fetch-site": "same-origin"}
    headers = {**browser, **({"sec-gpc": "1"} if gpc else {}), **values.pop("headers", {})}
    client = TestClient(watched, base_url=f"https://{host}", headers=headers, **values)
    if granted is not None:
        _decide(client, watched, granted)
    return client


def _decide(client: TestClient, watched: Watched, granted: Collection[str] | Literal["all"]) -> None:
    client.get(_SEEN_BY_ALL)
    if watched.consent is None:
        raise ConsentError("The app answered without a consent layer: put ConsentMiddleware around it.")
    known = watched.consent.gatekeeper.catalogue.ids
    ids = [] if granted == "all" else sorted(granted)
    if unknown := [name for name in ids if name not in known]:
        allowed = ", ".join(sorted(known))
        raise ConsentError(f"'granted' came with {unknown[0]!r}; allowed are {allowed}.")
    answer = client.post(
        watched.consent.settings_url,
        json={"action": "accept" if granted == "all" else "save", "granted": ids, "method": "api"},
        headers={"origin": str(client.base_url), "accept": "application/json"},
    )
    if answer.status_code != 200:
        raise ConsentError(f"The decision was answered with {answer.status_code}: {answer.text[:200]}")
