"""The site under test and the visitors that open it: what both ways of looking have in common."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from consent.testing.regulator.cases import Way
from consent.testing.regulator.declared import Declared
from consent.testing.regulator.markup import Button, Contact, Form, Markup


class Breach(AssertionError):  # noqa: N818  # it is what a regulator calls it
    """A site was caught: one sentence on what came."""


class Unjudged(Exception):  # noqa: N818  # nothing went wrong
    """A case that this site gives no occasion for: one sentence why."""


class NotGuardedError(Exception):
    """A site that does not run our middleware, or cannot be looked at: one sentence why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page as a visitor has it."""

    path: str
    address: str
    status: int
    markup: Markup
    contacts: Sequence[Contact]
    stored: frozenset[str] = frozenset()

    @property
    def banner(self) -> Form | None:
        """The first layer, if it is shown."""
        return next((form for form in self.markup.forms if form.layer == "banner" and not form.hidden), None)

    @property
    def choices(self) -> Form | None:
        """The second layer, if it stands in this page."""
        return next((form for form in self.markup.forms if form.boxes and form.button("save")), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the site says of a visitor's consent."""

    granted: frozenset[str]
    denied: frozenset[str]
    undecided: frozenset[str]


class Visitor(ABC):
    """A fresh visitor of the site, with a device of their own."""

    def __init__(self, site: "Site") -> None:
        self.site = site

    @abstractmethod
    def open(self, path: str) -> Page:
        """Go to an address of the site."""

    @abstractmethod
    def press(self, form: Form, button: Button) -> None:
        """Press a button of the page that is open."""

    @abstractmethod
    def tick(self, form: Form, value: str) -> None:
        """Tick a box of the page that is open."""

    @abstractmethod
    def choose(self) -> Page:
        """Open the second layer from the page that is open."""

    @abstractmethod
    def plant(self, name: str, path: str = "/", domain: str | None = None) -> None:
        """Put a cookie on the device, as an earlier visit would have left it."""

    @abstractmethod
    def read(self, path: str) -> tuple[int, str]:
        """The status and the text of an address, asked for by a script."""

    @property
    @abstractmethod
    def cookies(self) -> set[str]:
        """Names of the cookies that this site's host can read."""

    @abstractmethod
    def unconsented(self) -> set[str]:
        """What is on the device and not declared necessary: cookies of all hosts, storage of scripts."""

    @abstractmethod
    def kept_for(self, name: str) -> float | None:
        """For how many days a cookie is kept, as far as that can be seen."""

    @abstractmethod
    def withheld(self, path: str) -> set[str]:
        """Opens an address; the names of the cookies that the app was not shown."""

    @abstractmethod
    def untold(self, services: frozenset[str]) -> set[str]:
        """Which of the services that lost consent no script in the page was told of."""

    @abstractmethod
    def looks(self) -> dict[str, dict[str, str]]:
        """How the browser computes the buttons of the first layer, by what they decide."""

    @abstractmethod
    def close(self) -> None:
        """Throw the device away."""

    # --- what visitors do, whichever way they are looked at ----------------------------------------

    def standing(self) -> Standing:
        """What the site says of this visitor."""
        status, text = self.read(f"{self.site.path}/state")
        if status != 200:
            raise Breach(f"{self.site.path}/state answered {status}; expected is the visitor's standing.")
        said: dict[str, Any] = json.loads(text)
        known = {name: frozenset(said[name]) for name in ("granted", "denied", "undecided")}
        return Standing(**known)

    def accept(self) -> None:
        """Press accept on the first layer of the page that is open, else on the second."""
        self._decide("accept")

    def refuse(self) -> None:
        """Press reject on the first layer, else on the second, else save an empty choice."""
        self._decide("reject", "save")

    def withdraw(self) -> None:
        """Withdraw everything, at the layer's own address."""
        page = self.open(self.site.path)
        for form in page.markup.forms:
            if button := form.button("withdraw"):
                self.press(form, button)
                return
        raise Breach(f"{self.site.path} has no button to withdraw consent for who has given it.")

    def _decide(self, *actions: str) -> None:
        page = self.page
        banner = page.banner
        if banner and (button := banner.button(actions[0])):
            self.press(banner, button)
            return
        choices = self.choose().choices
        for action in actions:
            if choices and (button := choices.button(action)):
                self.press(choices, button)
                return
        raise Breach(f"{page.path} shows no button {actions[0]!r}, and neither does the second layer.")

    @property
    @abstractmethod
    def page(self) -> Page:
        """The page that is open."""


class Site(ABC):
    """The site under test; each of its pages is opened once for each kind of visitor."""

    way: Way

    def __init__(self, *, name: str, host: str, paths: Sequence[str], path: str, declared: Declared) -> None:
        self.name, self.host, self.paths, self.path = name, host, tuple(paths), path
        self.declared = declared
        self._visitors: list[Visitor] = []
        self._walkers: dict[str, Visitor] = {}
        self._pages: dict[tuple[str, str], Page] = {}

    @abstractmethod
    def _make(self, headers: Mapping[str, str]) -> Visitor:
        """A visitor with a device of their own."""

    def visitor(self, **headers: str) -> Visitor:
        """A new visitor, whose browser says ``headers`` with every request."""
        visitor = self._make({name.replace("_", "-"): value for name, value in headers.items()})
        self._visitors.append(visitor)
        return visitor

    def fresh(self, path: str) -> Page:
        """The page as who has never been here sees it first."""
        if ("fresh", path) not in self._pages:
            visitor = self.visitor()
            visitor.open(path)
            self._pages["fresh", path] = replace(visitor.page, stored=frozenset(visitor.unconsented()))
        return self._pages["fresh", path]

    def choices(self) -> Page:
        """The second layer as who has never been here sees it."""
        if ("choices", "") not in self._pages:
            visitor = self.visitor()
            visitor.open(self.paths[0])
            self._pages["choices", ""] = visitor.choose()
        return self._pages["choices", ""]

    def after(self, said: str, path: str) -> Page:
        """The page as who has said ``refuse``, ``accept`` or ``withdraw`` before sees it."""
        if (said, path) not in self._pages:
            self._pages[said, path] = self.walker(said).open(path)
        return self._pages[said, path]

    def walker(self, said: str) -> Visitor:
        """The visitor who has said that, and goes on reading."""
        if said not in self._walkers:
            visitor = self._make({})
            visitor.open(self.paths[0])
            for action in {"withdraw": ("accept", "withdraw")}.get(said, (said,)):
                getattr(visitor, action)()
            self._walkers[said] = visitor
        return self._walkers[said]

    def round(self, number: int) -> list[str]:
        """So many pages to open, one after the other."""
        return [self.paths[index % len(self.paths)] for index in range(number)]

    def perform(self, probe: Callable[["Site", str], None], path: str) -> None:
        """Try a case; the devices of the visitors that it made are thrown away."""
        try:
            probe(self, path)
        finally:
            for visitor in self._visitors:
                visitor.close()
            self._visitors.clear()

    def close(self) -> None:
        """Leave the site."""
        for visitor in self._walkers.values():
            visitor.close()

    def strangers(self, contacts: Iterable[Contact]) -> dict[str, str]:
        """The hosts of others among the contacts, each with what contacts it."""
        found: dict[str, str] = {}
        for contact in contacts:
            host = urlsplit(contact.address).hostname
            if host and host != self.host:
                found.setdefault(host, contact.by)
        return found
