"""Records of a small site as its visitors make them, and the command line that reads them."""

import sqlite3
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from typer.testing import CliRunner, Result

from consent import Consent, Record, SQLiteRecords
from consent.cli.app import app
from consent.decision import Action, Decision
from consent.gatekeeper import Gatekeeper
from tests.sites import NOW, SECRET, run, settings

DAY = 86_400
TOML = """controller = "The Example Post, 1 Mill Lane, Exampleton"
lifetime = 200

[[category]]
id = "necessary"

[[category]]
id = "analytics"
"""


@dataclass
class Visitor:
    """Somebody who decides, once or more often; the records go to ``site`` in that order."""

    site: "Site"
    language: str = "en"
    consent: Consent | None = None
    ids: list[str] = field(default_factory=list)

    def decides(self, action: str, *granted: str, day: float = 0, method: str = "banner") -> "Visitor":
        gatekeeper = self.site.gatekeeper
        decision = Decision(action=Action(action), method=method, granted=frozenset(granted))
        before = self.consent or gatekeeper.undecided
        outcome = gatekeeper.outcome(decision, before, language=self.language, now=NOW + day * DAY)
        self.site.made.append((outcome.record, outcome.notice))
        self.ids.append(outcome.record.id)
        self.consent = outcome.consent
        return self


class Site:
    """The site of the tests; `keep` writes what its visitors have decided into a real file."""

    def __init__(self, path: Path, **values: Any) -> None:
        self.path = path
        self.settings = settings(**values)
        self.gatekeeper = Gatekeeper(self.settings)
        self.made: list[tuple[Record, str | None]] = []

    def visitor(self, language: str = "en") -> Visitor:
        return Visitor(self, language)

    def keep(self) -> "Site":
        made, self.made = self.made, []
        run(_append, self.path, made)
        return self

    def change(self, statement: str, *values: object) -> None:
        """What somebody does who has the file."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(statement, values)


async def _append(path: Path, made: Iterable[tuple[Record, str | None]]) -> None:
    store = SQLiteRecords(path)
    for record, notice in made:
        await store.append(record, notice)
    await store.aclose()


async def append_together(path: Path, made: Iterable[tuple[Record, str | None]]) -> None:
    """The same for many: they share commits."""
    store = SQLiteRecords(path)
    async with anyio.create_task_group() as group:
        for record, notice in made:
            group.start_soon(store.append, record, notice)
    await store.aclose()


def seen(sentence: str) -> str:
    """The sentence, with the working directory in place of ``{here}``."""
    return sentence.replace("{here}", str(Path.cwd()))


def consent(*arguments: object, answer: str | None = None, **environ: str | None) -> Result:
    """Run the command line; in a thread, as a browser's loop may be running in this one."""
    variables: dict[str, str | None] = {
        "CONSENT_RECORDS": None,
        "CONSENT_SETTINGS": None,
        "CONSENT_SECRET_KEYS": SECRET,
        "COLUMNS": "120",
        "TERMINAL_WIDTH": "120",
        **environ,
    }
    with ThreadPoolExecutor(1) as thread:
        work = thread.submit(CliRunner().invoke, app, [*map(str, arguments)], input=answer, env=variables)
        return work.result()
