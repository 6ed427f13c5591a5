"""What readers send in, kept in SQLite: comments and newsletter addresses; knows no HTTP."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS comment (
    id INTEGER PRIMARY KEY, article TEXT NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS comment_article ON comment (article, id);
CREATE TABLE IF NOT EXISTS subscriber (email TEXT PRIMARY KEY, at TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One reader's comment, as it was written; templates escape it."""

    name: str
    text: str
    at: datetime


class Letters:
    """The letter box. Each call opens its own connection, so that any thread may make it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as database:
            database.executescript(_SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=5)) as database, database:
            yield database

    def comments(self, article: str) -> tuple[Comment, ...]:
        """The comments on an article, oldest first, 200 at most."""
        query = "SELECT name, text, at FROM comment WHERE article = ? ORDER BY id LIMIT 200"
        with self._open() as database:
            rows = database.execute(query, (article,)).fetchall()
        return tuple(Comment(name=name, text=text, at=datetime.fromisoformat(at)) for name, text, at in rows)

    def add_comment(self, article: str, name: str, text: str) -> None:
        """Keep a comment under an article's slug."""
        with self._open() as database:
            database.execute(
                "INSERT INTO comment (article, name, text, at) VALUES (?, ?, ?, ?)",
                (article, name, text, _now()),
            )

    def subscribe(self, email: str) -> None:
        """Note an address for the newsletter; one that is noted already stays noted."""
        with self._open() as database:
            database.execute("INSERT OR IGNORE INTO subscriber VALUES (?, ?)", (email, _now()))

    def subscribers(self) -> tuple[str, ...]:
        """The addresses noted so far, the first one first."""
        with self._open() as database:
            return tuple(email for (email,) in database.execute("SELECT email FROM subscriber ORDER BY at"))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
