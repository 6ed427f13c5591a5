"""The commands for a new site: `init` writes its settings and a key, `new-key` prints one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from consent.cli import asking, sites, terminal
from consent.cli.drafting import SCHEMA, Answers, draft
from consent.cli.findings import Located, check_address
from consent.cli.secrecy import keep_key, keep_out, new_secret, read_file, write_file
from consent.cli.terminal import say, write
from consent.errors import ConfigurationError
from consent.model import STANDARD_CATEGORIES
from consent.services.files import ids, read
from consent.settings import ConsentSettings
from consent.ui.texts import Languages


def new_key() -> None:
    """Print a fresh secret key.

    To rotate keys, append it: CONSENT_SECRET_KEYS=old,new. The new one signs from then on, and what the old
    one has signed still counts. Take the old one out after the `lifetime` in the settings (182 days).
    """
    write(new_secret())


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
    session: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="The ready-made service of the site's login or session; empty: none."
        ),
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
    gitignore: Annotated[
        bool | None,
        typer.Option(
            "--gitignore/--no-gitignore",
            help="Append .env to .gitignore. [default: in a git repository that does not ignore it]",
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite settings that are there.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: take the defaults.")] = False,
) -> None:
    """Ask a few questions and write commented settings, and a fresh secret key into .env."""
    schema, env = output.parent / SCHEMA, output.parent / ".env"
    words = (files("consent") / SCHEMA).read_text("utf-8")
    _check_free(output, force=force)
    _check_free(schema, words, force=force)
    for path in (env, *([] if gitignore is False else [output.parent / ".gitignore"])):
        read_file(path)  # while nothing is written
    given: tuple[Sequence[str], ...] = (category or [], service or [], language or [])
    answers = _answers(controller, policy_url, session, *given, yes=yes)
    _checked(answers)
    today = datetime.now(UTC).date()
    write_file(output, draft(answers, name=output.name, day=today, ready_made=len(ids())))
    write_file(schema, words)
    keep_key(env)
    keep_out(env, wanted=gitignore)
    say(f"Start your site so that it reads the key: uvicorn main:app --env-file {env}")
    _tell(output, check_address(str(output), environ={}, today=today))


def _tell(output: Path, found: Sequence[Located]) -> None:
    say(f"{output} is written{f'; `consent check {output}` says:' if found else '.'}")
    for one in found:
        say(f"  {one.where}: {one.finding.kind.severity} [{one.finding.kind.code}] {one.finding.what}")


def _answers(
    controller: str | None,
    policy_url: str | None,
    session: str | None,
    categories: Sequence[str],
    services: Sequence[str],
    languages: Sequence[str],
    *,
    yes: bool,
) -> Answers:
    if session:
        asking.check_session(session)
    if yes:
        if not controller:
            raise ConfigurationError("--controller", "is missing; nobody else knows who is responsible.")
        return Answers(
            controller=controller,
            policy_url=policy_url or "",
            categories=categories,
            services=[*filter(None, [session]), *services],
            languages=languages or ["en"],
        )
    if not terminal.is_attended():
        raise ConfigurationError("--yes", "is missing; without a terminal nobody can be asked.")
    return asking.answers(
        controller=controller,
        policy_url=policy_url,
        categories=categories,
        session=session,
        services=services,
        languages=languages,
    )


def _checked(answers: Answers) -> None:
    """Refuse what the settings would refuse, before anything is written."""
    try:
        ConsentSettings(
            controller=answers.controller, policy_url=answers.policy_url or None, secret_keys=[new_secret()]
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
