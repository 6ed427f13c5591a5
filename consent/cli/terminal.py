"""What the command line says and asks: results on standard output, all else on standard error."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.prompt import Confirm, Prompt

from consent.errors import ConfigurationError
from consent.printing import visible


def output() -> Console:
    """Standard output, where no text is taken for markup."""
    return Console(markup=False, highlight=False, emoji=False)


def _errors() -> Console:
    return Console(stderr=True, markup=False, highlight=False, emoji=False)


def say(sentence: str) -> None:
    """Tell people something, on a line that a program need not read."""
    _errors().print(visible(sentence), soft_wrap=True)


def write(line: str) -> None:
    """One line of the result."""
    sys.stdout.write(f"{line}\n")


def write_json(value: Any, *, compact: bool) -> None:
    """A result as JSON, on one line if ``compact``."""
    write(json.dumps(value, ensure_ascii=False, indent=None if compact else 2))


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar while something long is under way, if somebody looks on; it is told how far it has come."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = _errors()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda completed: bar.update(task, completed=completed)


def is_attended() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


def confirm(question: str, *, yes: bool) -> bool:
    """Whether it shall be done; `ConfigurationError` if there is nobody to ask."""
    if yes:
        return True
    if not is_attended():
        raise ConfigurationError(
            "--yes", "is missing; without a terminal nobody can be asked whether to go on."
        )
    return Confirm.ask(question, console=_errors(), default=False)


def ask(question: str, default: str = "") -> str:
    """What somebody answers; ``default`` if nothing."""
    return Prompt.ask(question, console=_errors(), default=default, show_default=bool(default)).strip()
