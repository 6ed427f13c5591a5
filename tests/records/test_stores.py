"""What is SQLite's own among the stores, and the log."""

import json
import logging
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from consent import SQLiteRecords
from consent.errors import RecordsError
from consent.records.log import LogRecords
from consent.records.record import ConsentRecords, Record, new_id
from tests.records.test_record import RECORD
from tests.sites import NOW, run


def another(second: int) -> Record:
    return replace(RECORD, id=new_id(NOW + second))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteRecords]:
    records = SQLiteRecords(tmp_path / "consent.sqlite3")
    yield records
    records.close()


def test_a_record_is_on_the_disk_when_it_is_acknowledged(store: SQLiteRecords, tmp_path: Path) -> None:
    """The journal is written ahead and synced at every commit, and only the owner may read (R25)."""
    run(store.append, RECORD, "seen")
    path = tmp_path / "consent.sqlite3"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with sqlite3.connect(path) as other:
        assert other.execute("pragma journal_mode").fetchone() == ("wal",)
        assert other.execute("select count(*) from consent_records").fetchone() == (1,)
    other.close()


def test_an_empty_store_is_a_store(store: SQLiteRecords) -> None:
    """A store without records is not mistaken for none."""
    assert bool(store)


def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """A missing folder or a file that is no database is one error, with the path in it (R25)."""
    broken = tmp_path / "broken.sqlite3"
    broken.write_text("this is no database, and long enough to be read as one that is broken" * 20)
    for path in (tmp_path / "missing" / "x.sqlite3", broken):
        with pytest.raises(RecordsError, match=str(path)):
            run(SQLiteRecords(path).append, RECORD, "seen")
        with pytest.raises(RecordsError, match=str(path)):
            run(SQLiteRecords(path).find, RECORD.id)


def test_without_a_store_each_decision_is_a_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Evidence is never dropped in silence: one JSON line each, the notice's text before the first (R23)."""
    log: ConsentRecords = LogRecords()
    with caplog.at_level(logging.INFO, "consent.records"):
        run(log.append, RECORD, "what was seen")
        run(log.append, another(1), "what was seen")
        run(log.append, replace(another(2), notice="old"), None)
    lines = [json.loads(record.getMessage()) for record in caplog.records]
    assert lines[0] == {"notice": "n1", "text": "what was seen"}
    assert lines[1] == {"decision": RECORD.as_dict()}
    assert [list(line) for line in lines[2:]] == [["decision"], ["decision"]]


def test_a_logger_that_nobody_set_up_writes_to_standard_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A site without any logging configuration keeps its evidence all the same."""
    logger = logging.getLogger("consent.records")
    monkeypatch.setattr(logger, "handlers", [])
    monkeypatch.setattr(logger, "propagate", False)
    monkeypatch.setattr(logger, "level", logging.NOTSET)
    log = LogRecords()
    run(log.append, RECORD, None)
    assert json.loads(capsys.readouterr().err) == {"decision": RECORD.as_dict()}
