"""What the command line hands out as receipts and consent records; knows no terminal."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from consent.cli.times import Period
from consent.records.chain import Entry
from consent.records.receipt import Disclosure, consent_receipt, consent_record
from consent.records.record import Record, RecordsArchive
from consent.settings import ConsentSettings

JURISDICTIONS: Final = ("EU",)
"""Whose law a site asks for consent under."""


class Receipts:
    """Makes receipts of an archive's records by the declarations that are in force now."""

    def __init__(self, settings: ConsentSettings, archive: RecordsArchive) -> None:
        self._archive = archive
        self._always = settings.catalogue.standing(None).granted
        self._disclosure = Disclosure(
            controller=settings.controller,
            categories=settings.categories,
            lifetime=settings.lifetime,
            jurisdictions=JURISDICTIONS,
            policy=settings.policy_address,
            control=settings.path,
        )

    async def receipt(self, entry: Entry, now: float) -> dict[str, Any]:
        """What the visitor is handed, made at ``now`` (Unix seconds)."""
        record, context = await self._context(entry)
        return consent_receipt(record, self._disclosure, now=now, **context)

    async def lines(self, page: Sequence[Entry], period: Period) -> AsyncIterator[str]:
        """The consent record of each decision of the period, one on a line."""
        for entry in period.decisions(page):
            record, context = await self._context(entry)
            node = consent_record(record, self._disclosure, **context)
            yield json.dumps(node, ensure_ascii=False, separators=(",", ":")) + "\n"

    async def _context(self, entry: Entry) -> tuple[Record, dict[str, Any]]:
        record = _record(entry)
        before = await self._archive.find(record.previous) if record.previous else None
        return record, {
            "language": record.language,
            # Who grants nothing is handed no identifier.
            "identifier": record.id if {*record.granted} - self._always else None,
            "previous": None if before is None else _record(before),
        }


def _record(entry: Entry) -> Record:
    return Record.from_dict(json.loads(entry.body or "{}"))


def with_text(receipt: dict[str, Any], text: str) -> dict[str, Any]:
    """The receipt with what the visitor saw in it, word for word."""
    record = receipt["dpv:hasRecordOfActivity"]
    seen, *others = record["dpv:hasNotice"]
    shown = [{**seen, "schema:text": text}, *others]
    return {**receipt, "dpv:hasRecordOfActivity": {**record, "dpv:hasNotice": shown}}
