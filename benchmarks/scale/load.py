"""How many visitors, decisions and records so many page views come to; knows no store."""

import math
from dataclasses import dataclass, field
from typing import Any

from benchmarks.scale.measured import Measured

DAY = 86_400
YEAR = 365


def _said(value: float, said: str, why: str) -> Any:
    return field(default=value, metadata={"said": said, "why": why})


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What was not measured. Each says why; change any on the command line."""

    views_per_visitor: float = _said(
        4, "page views of a visitor on a day", "fewer make more visitors and so more decisions"
    )
    new_share: float = _said(
        0.25,
        "part of a day's visitors without an answer",
        "answers last half a year; some browsers delete cookies sooner",
    )
    decides: float = _said(
        0.8, "part of those asked who decide on their first page", "most studies see fewer; more cost more"
    )
    diurnal: float = _said(1.8, "the busiest hour to the mean", "one time zone, as a sine with a quiet night")
    news: float = _said(3, "a news peak to the busiest hour", "a headline that everybody opens at once")
    page: float = _said(5, "milliseconds of CPU of the site's own page", "a template and a few queries")
    busy: float = _said(
        0.6, "part of its time that a process works at the peak", "room for what comes in bursts"
    )
    hits: float = _said(0.95, "part of page views that a CDN answers", 'with `cache="shared"`; else none')


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A day of ``views`` page views. ``asked_again`` is one on which nobody's answer counts any more."""

    views: float
    asked_again: bool = False
    assumed: Assumptions = field(default_factory=Assumptions)

    @property
    def visitors(self) -> float:
        """In a day."""
        return self.views / self.assumed.views_per_visitor

    @property
    def asked(self) -> float:
        """Visitors without an answer, in a day."""
        return self.visitors * (1.0 if self.asked_again else self.assumed.new_share)

    @property
    def decisions(self) -> float:
        """In a day; each is one record."""
        return self.asked * self.assumed.decides

    @property
    def undecided_views(self) -> float:
        """Page views with a banner: one of each who decides, all of each who does not."""
        return self.decisions + (self.asked - self.decisions) * self.assumed.views_per_visitor

    @property
    def peak(self) -> float:
        """The peak to the mean."""
        return self.assumed.diurnal * self.assumed.news

    @property
    def peak_views(self) -> float:
        """Page views a second at the peak."""
        return self.views / DAY * self.peak

    @property
    def peak_decisions(self) -> float:
        """Records a second at the peak."""
        return self.decisions / DAY * self.peak

    def bytes_a_year(self, record: float) -> float:
        """Of evidence, before anything is purged."""
        return self.decisions * YEAR * record

    def layer(self, measured: Measured) -> float:
        """Seconds of CPU that a page view costs above the bare app, on average."""
        undecided = self.undecided_views / self.views
        with_layer = undecided * measured.undecided + (1 - undecided) * measured.decided
        return with_layer - measured.bare

    def page(self, measured: Measured) -> float:
        """Seconds of CPU of a page view, with the layer."""
        return self.assumed.page / 1000 + measured.bare + self.layer(measured)

    def share(self, measured: Measured) -> float:
        """The layer's part of a page's CPU."""
        return self.layer(measured) / self.page(measured)

    def processes(self, measured: Measured, *, cached: bool = False) -> int:
        """Of the app, for the peak; ``cached`` behind a CDN."""
        asked = self.peak_views * (1 - self.assumed.hits if cached else 1)
        return max(1, math.ceil(asked * self.page(measured) / self.assumed.busy))
