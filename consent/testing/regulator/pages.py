"""A page and a standing as a visitor meets them; knows no site."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from consent.testing.regulator.markup import Contact, Form, Markup


class Page:
    """A page as a visitor has it; it is taken apart when somebody looks closer.

    ``fetches`` tells what the browser contacts for it. Where ``asks`` is said, something else than the
    markup shows or hides the banner. ``stored`` is what was on the device when the page had been opened.
    """

    def __init__(
        self,
        html: str,
        *,
        path: str,
        address: str,
        status: int,
        fetches: Callable[[Markup], Sequence[Contact]],
        asks: bool | None = None,
    ) -> None:
        self.path, self.address, self.status = path, address, status
        self.stored: frozenset[str] = frozenset()
        self._html, self._fetches, self._asks = html, fetches, asks

    @cached_property
    def markup(self) -> Markup:
        """What stands in it."""
        return Markup(self._html, self.address)

    @cached_property
    def contacts(self) -> Sequence[Contact]:
        """What the browser contacts for it."""
        return self._fetches(self.markup)

    @property
    def banner(self) -> Form | None:
        """The first layer, if it is shown."""
        found = next((form for form in self.markup.forms if form.layer == "banner"), None)
        is_shown = found is not None and (not found.hidden if self._asks is None else self._asks)
        return found if is_shown else None

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
