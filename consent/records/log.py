"""Records as structured log lines: what a site has that configured no store."""

import json
import logging

from consent.records.record import Record

_log = logging.getLogger("consent.records")


class LogRecords:
    """One JSON line per decision on the logger ``consent.records``, notice texts once per process.

    Evidence is never dropped in silence: a logger that nobody set up writes to standard error.
    """

    def __init__(self) -> None:
        self._notices = set[str]()
        if _log.level == logging.NOTSET:
            _log.setLevel(logging.INFO)

    async def append(self, record: Record, notice: str | None) -> None:
        """Write ``record``, and before it the text of a notice not written yet."""
        if not _log.hasHandlers():
            _log.addHandler(logging.StreamHandler())
        if notice is not None and record.notice not in self._notices:
            self._notices.add(record.notice)
            _log.info("%s", _line(notice=record.notice, text=notice))
        _log.info("%s", _line(decision=record.as_dict()))


def _line(**values: object) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
