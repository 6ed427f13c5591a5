"""What the owner reads in the log, each thing once; knows no request."""

import logging
from collections.abc import Sequence
from typing import Final

from consent.model import Category
from consent.pasting import to_paste

MAX_REPORTED: Final = 200
"""Undeclared names of either kind told to the log; visitors can make names up."""

_NAMELESS: Final = {
    "set": (logging.WARNING, "was withheld"),
    "sent": (logging.INFO, "came from the browser and was not shown to the app"),
}

_WANTED: Final = {"set": "let it out", "sent": "show it"}

_log = logging.getLogger("consent")


class Reports:
    """The log of one site, which declares ``categories``."""

    def __init__(self, categories: Sequence[Category]) -> None:
        self._categories = categories
        self._names: dict[str, set[str]] = {"set": set(), "sent": set()}
        self._rest = set[str]()

    def undeclared(self, name: str, what: str) -> None:
        """A cookie that nobody declared was withheld: ``what`` is ``set`` or ``sent``.

        An empty ``name`` stands for all cookies without one: what came is their value, which is never told.
        """
        names = self._names[what]
        if name in names or len(names) >= MAX_REPORTED:
            return
        names.add(name)
        if not name:
            level, done = _NAMELESS[what]
            _log.log(level, "A cookie without a name %s: it cannot be declared. Give it a name.", done)
            return
        line = to_paste(name, self._categories)
        line = f"To {_WANTED[what]}, add {line}" if line else "No declaration can hold this name."
        if what == "set":
            _log.warning("The cookie %r was withheld: no category declares it. %s", name, line)
        else:
            _log.info("The browser's cookie %r was not shown to the app. %s", name, line)

    def opened(self, coding: str) -> None:
        """A page came encoded and was opened for the banner, which costs time."""
        self._once(
            logging.WARNING,
            f"Pages come encoded with {coding!r} and are opened and closed again for the banner. "
            "Put the compressor outside ConsentMiddleware.",
        )

    def unreadable(self, what: str) -> None:
        """A page went out without the banner because its bytes cannot be read here."""
        self._once(
            logging.WARNING,
            f"Pages in {what} go out without a banner, although their cookies are withheld: they cannot be "
            "read. Put the compressor outside ConsentMiddleware, and serve pages as UTF-8 'text/html'.",
        )

    def ungated(self) -> None:
        """A page came encoded although nobody asked for that, so that its markup was not seen."""
        self._once(
            logging.WARNING,
            "Pages left without the markup gate: the app sends them encoded, whatever browsers accept. "
            "Put the compressor outside ConsentMiddleware.",
        )

    def personal(self) -> None:
        """A view depends on the visitor although pages are to be the same for all."""
        self._once(
            logging.WARNING,
            "A view asked for the visitor's consent although cache is 'shared': what it answers is private.",
        )

    def second(self, app: object, path: str) -> None:
        """A middleware found another one of us further out, which does all of the work."""
        named = app if hasattr(app, "__qualname__") else type(app)
        self._once(
            logging.WARNING,
            f"A second ConsentMiddleware stands further in, around {named.__module__}.{named.__qualname__}: "
            f"it does nothing, and its settings (path {path!r}) count for nothing. Remove it.",
        )

    def _once(self, level: int, line: str) -> None:
        if line not in self._rest and len(self._rest) < MAX_REPORTED:
            self._rest.add(line)
            _log.log(level, "%s", line)
