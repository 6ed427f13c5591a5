"""What is wrong with settings or could be better, and why: knows no file, no terminal and no visitor.

`findings` goes through settings that can be used; `faults` finds everything for which some cannot.
"""

from collections.abc import Iterator
from datetime import date

from consent.checking.choices import check_choices
from consent.checking.finding import Finding as Finding
from consent.checking.items import check_items
from consent.checking.services import check_services
from consent.checking.wording import check_wording
from consent.settings import ConsentSettings


def findings(settings: ConsentSettings, *, today: date) -> Iterator[Finding]:
    """Warnings and hints about settings that can be used, each with its place."""
    yield from check_choices(settings, today=today)
    yield from check_wording(settings)
    yield from check_services(settings)
    yield from check_items(settings)
