"""What a response did with cookies and whether it asks, as assertions that say what came and what to do."""

import time
from collections.abc import Iterable
from typing import Protocol

from consent.gates.cookies import cookie_name, is_deletion
from consent.testing.regulator.markup import Markup


class Fields(Protocol):
    """The headers of a response."""

    def get_list(self, key: str, /) -> list[str]:
        """Every value of one name."""


class Response(Protocol):
    """A response, as the clients of Starlette, FastAPI, Litestar and httpx give it."""

    @property
    def headers(self) -> Fields:
        """Its headers."""

    @property
    def text(self) -> str:
        """Its body."""


def assert_left(response: Response, *names: str) -> None:
    """The response sets each of these cookies."""
    left, _ = _cookies(response)
    for name in names:
        hint = "grant what it is declared for (consent_client(app, granted=...)), or declare it"
        assert name in left, f"{name!r} did not leave: the response sets {_listed(left)}; {hint}."


def assert_withheld(response: Response, *names: str) -> None:
    """The response sets none of these cookies; deleting one is no setting."""
    left, _ = _cookies(response)
    for name in names:
        hint = "declare it in a category that needs consent, and set it inside ConsentMiddleware"
        assert name not in left, f"{name!r} left: the response sets {_listed(left)}; {hint}."


def assert_expired(response: Response, *names: str) -> None:
    """The response deletes each of these cookies."""
    _, gone = _cookies(response)
    for name in names:
        hint = "send the cookie with the request, and declare it with its domain and path"
        assert name in gone, f"{name!r} was not deleted: the response deletes {_listed(gone)}; {hint}."


def assert_asks(page: Response) -> None:
    """The page asks for consent, in one place."""
    asking = _asking(page)
    hint = "ask for it as a browser does (consent_client), as a page with a <body> that is not excluded"
    assert asking, f"The page does not ask: it has no form that accepts; {hint}."
    assert asking == 1, f"The page asks in {asking} places; leave the banner out beside render_policy."


def assert_silent(page: Response) -> None:
    """The page does not ask for consent."""
    asking = _asking(page)
    hint = "decide first (consent_client(app, granted=())), or exclude its path"
    assert not asking, f"The page asks in {asking} places; {hint}."


def _asking(page: Response) -> int:
    forms = Markup(page.text, "").forms
    return sum(form.button("accept") is not None and not form.hidden for form in forms)


def _cookies(response: Response) -> tuple[set[str], set[str]]:
    """The names that are set, and those that are deleted."""
    now = time.time()
    left, gone = set[str](), set[str]()
    for value in response.headers.get_list("set-cookie"):
        header = value.encode("latin-1", "replace")
        (gone if is_deletion(header, now) else left).add(cookie_name(header))
    return left, gone


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in sorted(names)) or "none"
