"""Counts decisions: by day, action, category, language and method; knows no store and no page."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from consent.decision import Action
from consent.model import NECESSARY
from consent.records.chain import Entry

STEPS: Final = ("day", "week", "month", "year")
"""How long the stretches of time can be that decisions are counted by."""

Counts = Mapping[str, int]
"""How many decisions there were by action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """After how many decisions a category was granted, and after how many it was not."""

    id: str
    name: str
    granted: int
    denied: int

    @property
    def share(self) -> float:
        """The part that granted it, from 0 to 1."""
        return self.granted / (self.granted + self.denied)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The decisions of one day, week, month or year, which begins on ``start``."""

    start: date
    counts: Counts

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())


@dataclass
class Statistics:
    """What has been counted so far; its size grows with days and languages, not with decisions."""

    days: dict[date, Counter[str]] = field(default_factory=dict)
    languages: dict[str, Counter[str]] = field(default_factory=dict)
    methods: dict[str, Counter[str]] = field(default_factory=dict)
    removed: int = 0
    """Records of any time that were purged or erased: nobody knows any more what they were."""
    controllers: set[str] = field(default_factory=set)
    _granted: Counter[str] = field(default_factory=Counter)
    _denied: Counter[str] = field(default_factory=Counter)
    _names: dict[str, str] = field(default_factory=dict)
    _services: set[str] = field(default_factory=set)

    def learn(self, notice: str) -> None:
        """Take the names of categories, and which ids are services, from what visitors were shown."""
        shown = _json(notice)
        if isinstance(shown.get("controller"), str):
            self.controllers.add(shown["controller"])
        for category in shown.get("categories", ()):
            if category["id"] not in self._names or shown["language"] == "en":
                self._names[category["id"]] = category["name"]
            self._services |= {service["id"] for service in category["services"]}

    def count(self, decisions: Iterable[Entry]) -> None:
        """Take these into account."""
        for entry in decisions:
            body = json.loads(entry.body or "{}")
            action = body["action"]
            day = datetime.fromisoformat(body["time"]).astimezone(UTC).date()
            self.days.setdefault(day, Counter())[action] += 1
            self.languages.setdefault(body["language"], Counter())[action] += 1
            self.methods.setdefault(body["method"], Counter())[action] += 1
            self._granted.update(body["granted"])
            self._denied.update(body["denied"])

    @property
    def actions(self) -> Counts:
        """How many of each action there were."""
        return {action.value: sum(day[action] for day in self.days.values()) for action in Action}

    @property
    def total(self) -> int:
        """How many decisions there were."""
        return sum(self.actions.values())

    @property
    def categories(self) -> Sequence[Share]:
        """Every category that was decided on, the most granted first."""
        ids = {*self._granted, *self._denied} - self._services - {NECESSARY}
        shares = [
            Share(
                id=name,
                name=self._names.get(name, name),
                granted=self._granted[name],
                denied=self._denied[name],
            )
            for name in sorted(ids)
        ]
        return sorted(shares, key=lambda share: -share.share)

    def stretches(self, most: int) -> tuple[str, Sequence[Stretch]]:
        """The whole time from the first day to the last, in at most ``most`` steps or in years; and which."""
        for step in STEPS[:-1]:
            found = self._by(step)
            if len(found) <= most:
                return step, found
        return STEPS[-1], self._by(STEPS[-1])

    def _by(self, step: str) -> Sequence[Stretch]:
        if not self.days:
            return []
        counts: dict[date, Counter[str]] = {
            start: Counter() for start in _starts(min(self.days), max(self.days), step)
        }
        for day, counted in self.days.items():
            counts[_start(day, step)] += counted
        return [Stretch(start=start, counts=_whole(counted)) for start, counted in counts.items()]

    def as_dict(self) -> Mapping[str, Any]:
        """All of it as JSON values; days without a decision are among the days."""
        _, days = "day", self._by("day")
        return {
            "decisions": self.total,
            "removed": self.removed,
            "actions": self.actions,
            "days": [{"day": day.start.isoformat(), **day.counts} for day in days],
            "categories": [
                {
                    "category": one.id,
                    "granted": one.granted,
                    "denied": one.denied,
                    "share": round(one.share, 4),
                }
                for one in self.categories
            ],
            "languages": [{"language": name, **counts} for name, counts in ranked(self.languages)],
            "methods": [{"method": name, **counts} for name, counts in ranked(self.methods)],
        }


def ranked(groups: Mapping[str, Counter[str]]) -> Sequence[tuple[str, Counts]]:
    """Each group with its counts, the largest first."""
    found = sorted(groups.items(), key=lambda item: (-item[1].total(), item[0]))
    return [(name, _whole(counts)) for name, counts in found]


def _whole(counts: Counter[str]) -> Counts:
    return {action.value: counts[action] for action in Action}


def _starts(first: date, last: date, step: str) -> Iterator[date]:
    start = _start(first, step)
    while start <= last:
        yield start
        start = _start(start + timedelta(days={"day": 1, "week": 7, "month": 31, "year": 366}[step]), step)


def _start(day: date, step: str) -> date:
    """The first day of the week (a Monday), month or year that ``day`` is in."""
    if step == "week":
        return day - timedelta(days=day.weekday())
    if step == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if step == "year" else day


def _json(text: str) -> Mapping[str, Any]:
    """What a notice holds; nothing if it is not one of ours."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
