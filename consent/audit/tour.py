"""The order of an audit: who visits which pages, and what they press; knows no browser's interface."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from consent.audit.asking import judged, silent
from consent.audit.browser import Chromium, Patience, Visitor
from consent.audit.declared import read_policy
from consent.audit.links import Frontier, Limits, own_path, page_of
from consent.audit.sightings import Asking, Notebook, Observations, Phase
from consent.catalogue import Catalogue
from consent.errors import ConsentError

DEFAULT_PATH: Final = "/consent"
"""Where the layer answers if its pages do not say otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be visited: the address where it begins, more pages, and how much of the rest."""

    start: str
    paths: Sequence[str] = ()
    limits: Limits = field(default_factory=Limits)
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was seen, and the declarations to compare it with."""

    observed: Observations
    catalogue: Catalogue


def audit(
    browser: Chromium,
    plan: Plan,
    catalogue: Catalogue | None = None,
    tell: Callable[[float], None] = lambda _: None,
) -> Found:
    """Visit a site with fresh profiles: before a choice, after rejecting, accepting, withdrawing, with GPC.

    Without a ``catalogue`` the site is asked for its own. ``tell`` hears which part is done, from 0 to 1.
    Raises `ConsentError` if the site cannot be reached, or a choice cannot be made.
    """
    return _Tour(browser, plan, tell).made(catalogue)


class _Tour:
    def __init__(self, browser: Chromium, plan: Plan, tell: Callable[[float], None]) -> None:
        self._browser = browser
        self._plan = plan
        self._tell = tell
        self._notes = Notebook()
        self._failed: dict[str, str] = {}
        self._pages: tuple[str, ...] = ()
        self._asking: dict[Asking, None] = {}
        self._at = DEFAULT_PATH
        parts = urlsplit(plan.start)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._start = page_of(plan.start, self._origin) or "/"
        self._done = 0

    def made(self, catalogue: Catalogue | None) -> Found:
        told, honours_gpc = self._scouted()
        declared = read_policy(told) if catalogue is None else catalogue
        self._before(asks=bool(declared.asked))
        phases = [Phase.BEFORE]
        if declared.asked:
            self._rejecting()
            self._accepting()
            phases += [Phase.REJECTED, Phase.ACCEPTED, Phase.WITHDRAWN]
        if declared.asked and honours_gpc:
            self._signalling()
            phases.append(Phase.GPC)
        observed = Observations(
            site=self._origin,
            host=urlsplit(self._origin).hostname or "",
            sightings=self._notes.sightings,
            asking=tuple(self._asking),
            phases=tuple(phases),
            pages=self._pages,
            failed=self._failed,
        )
        return Found(observed=observed, catalogue=declared)

    def _visitor(self, *, gpc: bool = False) -> Visitor:
        return Visitor(self._browser, self._origin, self._notes, self._plan.patience, gpc=gpc)

    def _scouted(self) -> tuple[Any, bool]:
        """Where the site really is, where the layer answers, what it tells; this visit is not noted."""
        with Visitor(self._browser, self._origin, Notebook(), self._plan.patience) as visitor:
            failed = visitor.opens(self._start)
            if failed is not None:
                raise ConsentError(f"{self._plan.start} cannot be opened: {failed}.")
            parts = urlsplit(visitor.address)
            self._origin = f"{parts.scheme}://{parts.netloc}"
            self._start = page_of(visitor.address, self._origin) or "/"
            self._at = own_path(visitor.asked()["at"]) or DEFAULT_PATH
            base = self._at.removesuffix(DEFAULT_PATH)
            support = visitor.reads_json(f"{base}/.well-known/gpc.json")
            return visitor.reads_json(f"{self._at}/policy.json"), isinstance(support, dict) and support.get(
                "gpc"
            ) is True

    def _before(self, *, asks: bool) -> None:
        """Finds the pages; looks at the asking where it begins."""
        frontier = Frontier([self._start, *self._plan.paths], self._plan.limits, self._origin, self._at)
        with self._visitor() as visitor:
            visited = []
            while (page := frontier.next()) is not None:
                if self._opens(visitor, page):
                    visited.append(page)
                    frontier.found(page, visitor.links())
            self._pages = tuple(visited)
            if asks:
                self._examine(visitor)

    def _examine(self, visitor: Visitor) -> None:
        if visitor.watch.page != self._start:
            visitor.opens(self._start)
        shown = visitor.asked()["layers"]
        self._note(judged(shown, self._start) if shown else [silent(self._start)])
        if visitor.opens_choices():
            self._note(judged(visitor.asked()["layers"], self._start))
        visitor.opens(self._at)
        self._note(judged(visitor.asked()["layers"], self._at))

    def _note(self, found: Iterable[Asking]) -> None:
        self._asking |= dict.fromkeys(found)

    def _rejecting(self) -> None:
        with self._visitor() as visitor:
            self._opens(visitor, self._start)
            visitor.watch.phase = Phase.REJECTED
            self._press(visitor, "reject")
            self._visit(visitor)

    def _accepting(self) -> None:
        """One profile accepts and then withdraws: there has to be something to withdraw."""
        with self._visitor() as visitor:
            self._opens(visitor, self._start)
            visitor.watch.phase = Phase.ACCEPTED
            self._press(visitor, "accept")
            self._visit(visitor)
            self._press(visitor, "withdraw")
            visitor.watch.phase = Phase.WITHDRAWN
            self._visit(visitor)
            visitor.looks()

    def _signalling(self) -> None:
        """Accepts on the first layer if it asks at all: what the signal denies is no part of that."""
        with self._visitor(gpc=True) as visitor:
            self._opens(visitor, self._start)
            visitor.watch.phase = Phase.GPC
            if "first layer" in visitor.asked()["layers"]:
                self._press(visitor, "accept")
            self._visit(visitor)

    def _press(self, visitor: Visitor, action: str) -> None:
        if not visitor.presses(action, self._at):
            raise ConsentError(
                f"{self._origin}{self._at}: there is no button to {action} that could be pressed there, "
                f"nor on {self._start}."
            )

    def _visit(self, visitor: Visitor) -> None:
        for page in self._pages:
            self._opens(visitor, page)

    def _opens(self, visitor: Visitor, page: str) -> bool:
        failed = visitor.opens(page)
        self._done += 1
        expected = 5 * (len(self._pages or range(self._plan.limits.pages)) + 1)
        self._tell(min(1.0, self._done / expected))
        if failed is not None:
            self._failed.setdefault(page, failed)
        return failed is None
