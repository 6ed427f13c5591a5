"""Asks what a new site declares; whatever the command line has said already is not asked."""

from collections.abc import Sequence

from consent.cli.drafting import Answers
from consent.cli.terminal import ask, say
from consent.errors import ConfigurationError
from consent.model import NECESSARY, STANDARD_CATEGORIES
from consent.services.files import ids, read


def answers(
    *,
    controller: str | None,
    policy_url: str | None,
    categories: Sequence[str],
    session: str | None,
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
    login = _session() if session is None else session
    return Answers(
        controller=controller,
        policy_url=policy_url,
        categories=wanted,
        services=list(dict.fromkeys([*filter(None, [login]), *(services or _services())])),
        languages=languages or _listed("Languages of the site?", "en"),
    )


def _listed(question: str, default: str) -> list[str]:
    return [part for part in ask(question, default).replace(",", " ").split() if part]


def sessions() -> list[str]:
    """The ready-made services that keep a framework's session."""
    return [name for name in ids() if name.endswith("-session") and read(name)["category"] == NECESSARY]


def check_session(name: str) -> None:
    """Refuse what is no ready-made service, or needs consent."""
    if read(name, "--session")["category"] != NECESSARY:
        problem = f"came as {name!r}, which needs consent; allowed are {', '.join(sessions())} and the like."
        raise ConfigurationError("--session", problem)


def _session() -> str:
    offered = sessions()
    say("Does the site have a login or a session? Whose (FastAPI has Starlette's)?")
    _offer(offered)
    while wanted := ask("Number or name (empty: none)?"):
        chosen = _picked(wanted, offered) or [name for name in offered if wanted.casefold() in name]
        if len(chosen) == 1:
            return _taken(chosen[0])
        say("There is none; choose another, or none and declare it in the file.")
    return ""


def _services() -> list[str]:
    """The ready-made services that somebody looks for and finds."""
    found: list[str] = []
    offered: list[str] = []
    while wanted := ask("Search a service that the site uses, such as youtube (empty: no more)?"):
        matches = _picked(wanted, offered) or search(wanted)
        if len(matches) == 1 or wanted in matches:
            found.append(_taken(wanted if wanted in matches else matches[0]))
        else:
            offered = matches
            say("Which of these (number or name)?" if matches else "There is none; declare it in the file.")
            _offer(matches)
    return list(dict.fromkeys(found))


def _offer(names: Sequence[str]) -> None:
    for number, name in enumerate(names, 1):
        say(f"{number:4} {name}: {read(name)['name']}")


def _picked(answer: str, offered: Sequence[str]) -> list[str]:
    """What was offered under this number."""
    return [name for number, name in enumerate(offered, 1) if answer == str(number)]


def _taken(name: str) -> str:
    say(f"{read(name)['name']} is taken, as {read(name)['category']}.")
    return name


def search(text: str) -> list[str]:
    """The ids of services that have ``text`` in their id or name."""
    wanted = text.casefold()
    return [name for name in ids() if wanted in name or wanted in read(name)["name"].casefold()]
