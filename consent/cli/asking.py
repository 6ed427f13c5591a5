"""Asks what a new site declares; whatever the command line has said already is not asked."""

from collections.abc import Sequence

from consent.cli.drafting import Answers
from consent.cli.terminal import ask, say
from consent.model import NECESSARY, STANDARD_CATEGORIES
from consent.services.files import ids, read

_MOST = 12
"""Services shown of those that are found."""


def answers(
    *,
    controller: str | None,
    policy_url: str | None,
    categories: Sequence[str],
    services: Sequence[str],
    languages: Sequence[str],
) -> Answers:
    """What was given, and what somebody answers to the rest."""
    while not controller:
        controller = ask("Who is responsible for the site (name and address)?")
    if policy_url is None:
        policy_url = ask("Address of your own cookie policy, such as /cookies (empty: ours)?")
    asked = [category for category in STANDARD_CATEGORIES if category != NECESSARY]
    wanted = categories or _listed(f"Categories to ask for ({', '.join(asked)})?", "analytics")
    return Answers(
        controller=controller,
        policy_url=policy_url,
        categories=wanted,
        services=services or _services(),
        languages=languages or _listed("Languages of the site?", "en"),
    )


def _listed(question: str, default: str) -> list[str]:
    return [part for part in ask(question, default).replace(",", " ").split() if part]


def _services() -> list[str]:
    """The ready-made services that somebody looks for and finds."""
    found: list[str] = []
    while wanted := ask("Search a service that the site uses, such as youtube (empty: no more)?"):
        matches = search(wanted)
        if len(matches) == 1 or wanted in matches:
            name = wanted if wanted in matches else matches[0]
            found.append(name)
            say(f"{read(name)['name']} is taken, as {read(name)['category']}.")
        else:
            told = ", ".join(matches[:_MOST]) + (" ..." if len(matches) > _MOST else "")
            say(f"Which of these? {told}" if matches else "There is none; declare it in the file.")
    return list(dict.fromkeys(found))


def search(text: str) -> list[str]:
    """The ids of services that have ``text`` in their id or name."""
    wanted = text.casefold()
    return [name for name in ids() if wanted in name or wanted in read(name)["name"].casefold()]
