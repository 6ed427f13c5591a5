"""The commands for a new site: `init` writes its settings and a key, `new-key` prints one."""

import os
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

import typer

from consent.cli import asking, sites, terminal
from consent.cli.drafting import SCHEMA, Answers, draft
from consent.cli.findings import check_address
from consent.cli.terminal import say, write
from consent.errors import ConfigurationError
from consent.model import STANDARD_CATEGORIES
from consent.services.files import ids, read
from consent.settings import ConsentSettings
from consent.ui.texts import Languages

_VARIABLE: Final = "CONSENT_SECRET_KEYS"
_SETS_IT: Final = re.compile(rf"^\s*(export\s+)?{_VARIABLE}\s*=", re.MULTILINE)


def new_key() -> None:
    """Print a fresh secret key.

    To rotate keys, append it: CONSENT_SECRET_KEYS=old,new. The new one signs from then on, and what the old
    one has signed still counts. Take the old one out after the `lifetime` in the settings (182 days).
    """
    write(_new_key())


def _new_key() -> str:
    return secrets.token_urlsafe(32)


def init(  # noqa: PLR0913, PLR0917  # each is a question
    controller: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Who is responsible: name and address.")
    ] = None,
    policy_url: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Your own cookie policy, such as /cookies.")
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(help="A category to ask for: preferences, analytics, marketing; several."),
    ] = None,
    service: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="A ready-made service that the site uses; several.")
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(metavar="TAG", help="A language of the site, the first by default; several."),
    ] = None,
    output: Annotated[
        Path,
        typer.Option(metavar="FILE", help="The settings to write; .env and the schema stand beside them."),
    ] = Path(sites.DEFAULT),
    gitignore: Annotated[bool, typer.Option("--gitignore", help="Append .env to .gitignore.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite settings that are there.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: take the defaults.")] = False,
) -> None:
    """Ask a few questions and write commented settings, and a fresh secret key into .env."""
    schema, env, ignored = (output.parent / name for name in (SCHEMA, ".env", ".gitignore"))
    words = (files("consent") / SCHEMA).read_text("utf-8")
    _check_free(output, force=force)
    _check_free(schema, words, force=force)
    for path in (env, *([ignored] if gitignore else [])):
        _read(path)  # while nothing is written
    given: tuple[Sequence[str], ...] = (category or [], service or [], language or [])
    answers = _answers(controller, policy_url, *given, yes=yes)
    _checked(answers)
    today = datetime.now(UTC).date()
    _write(output, draft(answers, name=output.name, day=today, ready_made=len(ids())))
    _write(schema, words)
    _keep_key(env)
    if gitignore:
        _append(ignored, ".env")
    found = check_address(str(output), environ={}, today=today)
    told = f"; `consent check {output}` has something to say" if found else ""
    say(f"{output} is written{told}.")


def _answers(
    controller: str | None,
    policy_url: str | None,
    categories: Sequence[str],
    services: Sequence[str],
    languages: Sequence[str],
    *,
    yes: bool,
) -> Answers:
    if yes:
        if not controller:
            raise ConfigurationError("--controller", "is missing; nobody else knows who is responsible.")
        return Answers(
            controller=controller,
            policy_url=policy_url or "",
            categories=categories,
            services=services,
            languages=languages or ["en"],
        )
    if not terminal.is_attended():
        raise ConfigurationError("--yes", "is missing; without a terminal nobody can be asked.")
    return asking.answers(
        controller=controller,
        policy_url=policy_url,
        categories=categories,
        services=services,
        languages=languages,
    )


def _checked(answers: Answers) -> None:
    """Refuse what the settings would refuse, before anything is written."""
    try:
        ConsentSettings(
            controller=answers.controller, policy_url=answers.policy_url or None, secret_keys=[_new_key()]
        )
    except ConfigurationError as error:
        raise ConfigurationError(f"--{error.place.replace('_', '-')}", error.problem) from None
    for name in answers.categories:
        if name not in STANDARD_CATEGORIES:
            allowed = ", ".join(STANDARD_CATEGORIES)
            raise ConfigurationError("--category", f"came as {name!r}; allowed are {allowed}.")
    for name in answers.services:
        read(name, "--service")
    tags = Languages({}, default="en").tags
    for name in answers.languages:
        if name not in tags:
            raise ConfigurationError("--language", f"came as {name!r}; allowed are {', '.join(tags)}.")


def _check_free(path: Path, text: str | None = None, *, force: bool) -> None:
    """Refuse to overwrite what is there, unless it holds ``text`` anyway."""
    if path.exists() and not force and (text is None or path.read_bytes() != text.encode()):
        raise ConfigurationError(str(path), "is there already; --force overwrites it.")


def _read(path: Path) -> str:
    """What a file holds; nothing if it is not there."""
    try:
        return path.read_text("utf-8") if path.exists() else ""
    except UnicodeDecodeError:
        raise ConfigurationError(str(path), "the file cannot be read: it is not UTF-8.") from None
    except OSError as error:
        raise ConfigurationError(str(path), f"the file cannot be read: {error.strerror}.") from None


def _write(path: Path, text: str) -> None:
    """Write it there, and nowhere that a link leads to."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    try:
        with open(os.open(path, flags, 0o666), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigurationError(str(path), f"the file cannot be written: {error.strerror}.") from None


def _keep_key(path: Path) -> None:
    """A fresh key, in a file that only its owner may read; one that is there stays: answers depend on it."""
    there = _read(path)
    if _SETS_IT.search(there):
        say(f"{path} has a key already, which stays.")
        return
    break_ = "" if not there or there.endswith("\n") else "\n"
    with open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)  # a mode counts only for new files
        file.write(f"{break_}{_VARIABLE}={_new_key()}\n")
    say(f"A fresh key is in {path}: keep that file out of version control.")


def _append(path: Path, line: str) -> None:
    there = _read(path)
    if line not in there.splitlines():
        break_ = "" if not there or there.endswith("\n") else "\n"
        _write(path, f"{there}{break_}{line}\n")
