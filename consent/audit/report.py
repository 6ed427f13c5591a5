"""An audit as people and programs read it: JSON, and one page of HTML that needs nothing else."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any, Final

from consent.audit.comparing import FAULTS, Comparison, Fault, Finding
from consent.audit.sightings import Observations, Phase
from consent.ui.templating import printed

HEADINGS: Final[Mapping[Fault, str]] = {
    "early": "Before or without consent",
    "surviving": "Left after withdrawal",
    "undeclared": "Declared nowhere",
    "mislabelled": "Declared necessary, but known to track",
    "asking": "How the site asks",
}
"""What each kind of fault is called."""

ADVICE: Final[Mapping[Fault, str]] = {
    "early": "These are declared, but were there before anybody agreed to them. Mark the script or the "
    "picture with data-consent, ask in the view, or set gate_markup; what stands outside of "
    "ConsentMiddleware has to ask as well.",
    "surviving": "These were there after consent had been withdrawn. The declaration has to name the domain "
    "and the path that a cookie is set with, and nothing outside of ConsentMiddleware may hold a deletion "
    "back.",
    "undeclared": "Nobody was asked about these, and the policy does not name them. Declare them, or remove "
    "what sets or contacts them.",
    "mislabelled": "A cookie by which well-known services recognise visitors is not necessary for what "
    "visitors ask for, whatever it is declared as. Move the service to a category that is asked about.",
    "asking": "Rejecting has to be as easy as accepting, on the same layer and alike, and nothing may be "
    "ticked before the visitor ticks it.",
}
"""What can be done about it."""

KINDS: Final = {
    "cookie": "Cookie",
    "local": "localStorage",
    "session": "sessionStorage",
    "indexeddb": "IndexedDB",
    "cache": "Cache storage",
    "pixel": "Pixel",
    "host": "Host",
}
"""What each kind of thing is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One audit, judged: ``known`` are the findings that a baseline holds."""

    observed: Observations
    comparison: Comparison
    proposal: str
    known: frozenset[tuple[str, str, str, str]]
    made: datetime

    @property
    def new(self) -> tuple[Finding, ...]:
        """The findings that nobody knew of."""
        return tuple(one for one in self.comparison.findings if one.key not in self.known)

    @property
    def groups(self) -> Mapping[Fault, Sequence[Finding]]:
        """The findings by their kind, the worst first; kinds without any are left out."""
        found = {fault: [one for one in self.comparison.findings if one.fault == fault] for fault in FAULTS}
        return {fault: ones for fault, ones in found.items() if ones}


def told(report: Report) -> str:
    """The report as JSON."""
    observed = report.observed
    return json.dumps(
        {
            "site": observed.site,
            "made": report.made.isoformat(timespec="seconds"),
            "phases": list(observed.phases),
            "pages": list(observed.pages),
            "not_visited": dict(observed.failed),
            "findings": [_finding(one, report) for one in report.comparison.findings],
            "unseen": [
                {"what": item.kind, "name": item.name, "host": item.domain, "service": item.service}
                for item in report.comparison.unseen
            ],
            "proposal": report.proposal,
        },
        ensure_ascii=False,
        indent=2,
    )


def _finding(one: Finding, report: Report) -> Mapping[str, Any]:
    return {
        "fault": one.fault,
        "what": one.what,
        "name": one.name,
        "host": one.host,
        "services": list(one.services),
        "seen": {phase: list(pages) for phase, pages in one.seen.items()},
        "because": one.because,
        "known": one.key in report.known,
    }


def what(one: Finding) -> str:
    """The kind of thing, for people; of the asking, which layer."""
    return KINDS.get(one.what, one.what.capitalize())


def named(one: Finding) -> str:
    """Its name, for people."""
    return one.name or "(without a name)"


def shortened(pages: Sequence[str], most: int = 3) -> str:
    """The first pages, and how many more there are."""
    more = len(pages) - most
    return ", ".join(pages[:most]) + (f" and {more} more" if more > 0 else "")


def summary(report: Report) -> str:
    """One sentence on all of it."""
    observed = report.observed
    found, known = len(report.comparison.findings), len(report.comparison.findings) - len(report.new)
    where = f"on {_many(len(observed.pages), 'page')} of {observed.site}"
    if not found:
        return f"Nothing found {where}."
    told_known = f", {known} of them known," if known else ""
    return f"{_many(found, 'finding')}{told_known} {where}."


def _many(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def page(report: Report) -> str:
    """The report as a document."""
    return printed(
        (files("consent.audit") / "report.html").read_text("utf-8"),
        report=report,
        observed=report.observed,
        summary=summary(report),
        made=f"{report.made:%-d %B %Y, %H:%M} UTC",
        headings=HEADINGS,
        advice=ADVICE,
        kinds=KINDS,
        what=what,
        named=named,
        phases=[phase for phase in Phase if phase in report.observed.phases],
    )
