"""How figures, days and languages are said in English; knows no terminal and no page."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from babel import Locale, UnknownLocaleError

from consent.cli.times import Period

ACTIONS: Final[Mapping[str, str]] = {
    "accept": "Accept all",
    "reject": "Reject all",
    "save": "Own selection",
    "withdraw": "Withdraw",
}
"""What each action is called."""

HEADINGS: Final[Mapping[str, str]] = {
    "accept": "Accept",
    "reject": "Reject",
    "save": "Select",
    "withdraw": "Withdraw",
}
"""The same above narrow columns."""

METHODS: Final[Mapping[str, str]] = {
    "banner": "Banner",
    "dialog": "Dialog",
    "policy": "Policy page",
    "embed": "Embed",
    "api": "Script",
    "view": "View of the site",
}
"""What each place where a decision is made is called."""


def number(count: int) -> str:
    """``1,234``."""
    return f"{count:,}"


def percent(part: int, whole: int) -> str:
    """``12.3 %``; a hyphen where there is nothing to be a part of."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def counted(count: int, thing: str) -> str:
    """``1 record``, ``2,000 records``."""
    return f"{number(count)} {thing}{'' if count == 1 else 's'}"


def day(of: date) -> str:
    """``24 Nov 2026``."""
    return f"{of.day} {of:%b %Y}"


def stretch(start: date, step: str) -> str:
    """What a day, week, month or year that begins on ``start`` is called."""
    if step == "year":
        return f"{start:%Y}"
    if step == "month":
        return f"{start:%b %Y}"
    return f"Week of {day(start)}" if step == "week" else day(start)


def axis(start: date, step: str) -> str:
    """The same below a chart, where there is little room."""
    if step == "day":
        return f"{start.day} {start:%b}"
    return f"{start:%Y}" if step == "year" else f"{start:%b %Y}"


def cut(text: str, most: int = 28) -> str:
    """As much of ``text`` as one line of a chart holds on a telephone."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def span(days: Iterable[date], period: Period) -> str:
    """``1 Nov 2026 to 24 Nov 2026``: the period, and where it is open the first or the last of ``days``."""
    found = [*days]
    first = period.since.date() if period.since else min(found)
    last = (period.until - timedelta.resolution).date() if period.until else max(found)
    return day(first) if first == last else f"{day(first)} to {day(last)}"


def language(tag: str) -> str:
    """``German (de)``; the tag alone if nobody knows it."""
    try:
        name = Locale.parse(tag, sep="-").get_display_name("en")
    except (ValueError, UnknownLocaleError):
        return tag
    return f"{name} ({tag})" if name else tag
