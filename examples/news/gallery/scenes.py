"""One example as a visitor meets it: in a layout and a language, with what was decided before."""

from dataclasses import dataclass
from typing import Any, Final

from consent.catalogue import Catalogue
from consent.hearing import Hearing
from consent.signals import GPC
from consent.state import Answer, Consent, Said, Verdict
from consent.ui.rendering import Renderer
from examples.news.gallery.examples import Example, Layout, site

DECIDED: Final = 1_790_000_000
"""When the visitor of every specimen decided: a day in September 2026."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One example in one layout and language, under the local address ``path``."""

    example: Example
    layout: Layout
    language: str
    path: str

    @property
    def renderer(self) -> Renderer:
        """What shows it."""
        return site(self.example.name, self.layout).renderer

    @property
    def catalogue(self) -> Catalogue:
        """What is declared."""
        return site(self.example.name, self.layout).settings.catalogue

    @property
    def categories(self) -> tuple[str, ...]:
        """What is asked for."""
        return tuple(category.id for category in self.catalogue.asked)

    @property
    def words(self) -> dict[str, Any]:
        """What every method of the renderer is told."""
        return {"language": self.language, "base": "", "return_to": self.path}

    def standing(self, *granted: str, undecided: tuple[str, ...] = ()) -> Consent:
        """That of a visitor who allowed these categories and services, and was not asked for some."""
        said = {
            name: (fingerprint, Verdict.GRANTED if name in granted else Verdict.DENIED)
            for name, fingerprint in self.catalogue.fingerprints.items()
            if name not in undecided
        }
        return self.catalogue.standing(Answer(time=DECIDED, verdicts=said, services=frozenset(granted)))

    @property
    def nobody(self) -> Consent:
        """Somebody who has decided nothing."""
        return self.catalogue.standing(None)

    @property
    def some(self) -> Consent:
        """Somebody who allowed the first category, or of a single one only the first service."""
        first, *others = self.categories
        return self.standing(first if others else self._services(first)[0])

    @property
    def partly(self) -> Consent:
        """Somebody who allowed the first service, and was never asked for the last category."""
        first, *_, last = self.categories
        return self.standing(*self._services(first)[:1], undecided=(last,))

    @property
    def objecting(self) -> Consent:
        """Somebody who has decided nothing, and whose browser objects to the last category."""
        said = Said(name="gpc", denied=frozenset(self.categories[-1:]))
        return Hearing((GPC,), self.catalogue).lay_over(self.nobody, (said,))

    def _services(self, category: str) -> list[str]:
        return [service.id for found, service in self.catalogue.services if found.id == category]
