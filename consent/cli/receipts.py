"""What the command line hands out as receipts and consent records; knows no terminal."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from consent.cli.times import Period
from consent.records.chain import Entry
from consent.records.receipt import Disclosure, consent_receipt, consent_record
from consent.records.record import Record, RecordsArchive
from consent.settings import ConsentSettings


class Receipts:
    """Makes receipts of an archive's records by the declarations that are in force now."""

    def __init__(self, settings: ConsentSettings, archive: RecordsArchive) -> None:
        self._archive = archive
        self._today = settings.catalogue.expanded(frozenset(settings.catalogue.fingerprints))
        self._known: dict[str, frozenset[str]] = {}
        self._disclosure = Disclosure(
            controller=settings.controller,
            categories=settings.catalogue.categories,
            lifetime=settings.lifetime,
            jurisdictions=settings.jurisdictions,
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
        # Who grants nothing is handed no identifier.
        is_named = not (await self._asked(record.notice)).isdisjoint(record.granted)
        return record, {
            "language": record.language,
            "identifier": record.id if is_named else None,
            "previous": None if before is None else _record(before),
        }

    async def _asked(self, notice: str) -> frozenset[str]:
        """The ids that visitors decide on who see this notice; by today's declarations if it is not kept."""
        if notice not in self._known:
            text = await self._archive.notice(notice)
            self._known[notice] = self._today if text is None else _asked(text)
        return self._known[notice]


def _asked(text: str) -> frozenset[str]:
    """The categories and services in a notice that are asked for."""
    asked = [category for category in json.loads(text)["categories"] if category["asked"]]
    return frozenset(one["id"] for category in asked for one in (category, *category["services"]))


def _record(entry: Entry) -> Record:
    return Record.from_json(entry.body or "{}")


def with_text(receipt: dict[str, Any], text: str) -> dict[str, Any]:
    """The receipt with what the visitor saw in it, word for word."""
    record = receipt["dpv:hasRecordOfActivity"]
    seen, *others = record["dpv:hasNotice"]
    shown = [{**seen, "schema:text": text}, *others]
    return {**receipt, "dpv:hasRecordOfActivity": {**record, "dpv:hasNotice": shown}}
