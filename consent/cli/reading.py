"""The commands that read many records: `stats`, `export`."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import anyio
import typer

from consent.cli import options, plots, report, sites, stores, words
from consent.cli.exports import Format, csv_heading, csv_lines, json_lines
from consent.cli.files import target
from consent.cli.receipts import Receipts
from consent.cli.stats import Statistics
from consent.cli.terminal import output, progress, say, write_json
from consent.cli.times import Period
from consent.records.chain import Entry
from consent.records.record import timestamp
from consent.settings import ConsentSettings


def stats(
    records: options.Records = None,
    since: options.Since = None,
    until: options.Until = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a report with charts to FILE as well."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Count decisions: by day, action, category, language and method."""
    period = Period.parse(since, until)
    statistics = anyio.run(_counted, records, period)
    if html is not None:
        with target(html) as file:
            file.write(report.page(statistics, period, now=timestamp(time.time())))
        say(f"The report is in {html}.")
    if as_json:
        write_json({"since": since, "until": until, **statistics.as_dict()}, compact=True)
    else:
        plots.show(output(), statistics, period)


async def _counted(records: str | None, period: Period) -> Statistics:
    statistics = Statistics()
    async with stores.opened(records) as archive:
        async for _, text in archive.notices():
            statistics.learn(text)
        with progress("Counting", (await archive.head()).position) as seen:
            async for page in archive.entries():
                statistics.count(period.decisions(page))
                statistics.removed += sum(entry.body is None for entry in page)
                seen(page[-1].position)
    return statistics


def export(
    records: options.Records = None,
    settings: options.Settings = None,
    format_: Annotated[
        Format, typer.Option("--format", help="jsonl: all there is; csv: for spreadsheets; dpv: JSON-LD.")
    ] = Format.JSONL,
    to: options.Output = None,
    since: options.Since = None,
    until: options.Until = None,
    as_json: options.Json = False,
) -> None:
    """Write records as lines: of JSON, of CSV, or consent records in W3C's vocabulary (DPV)."""
    site = sites.needed(settings) if format_ is Format.DPV else None
    written = anyio.run(_exported, records, to, Period.parse(since, until), format_, site)
    if to is not None and as_json:
        write_json({"file": str(to), "lines": written}, compact=True)
    elif to is not None:
        say(f"{words.counted(written, 'record')} written to {to}.")


async def _exported(
    records: str | None, to: Path | None, period: Period, format_: Format, site: ConsentSettings | None
) -> int:
    written = 0
    async with stores.opened(records) as archive:
        receipts = Receipts(site, archive) if site else None
        with progress("Exporting", (await archive.head()).position) as seen, target(to) as file:
            if format_ is Format.CSV:
                file.write(csv_heading())
            async for page in archive.entries():
                lines = await _lines(page, period, format_, receipts)
                file.writelines(lines)
                written += len(lines)
                seen(page[-1].position)
    return written


async def _lines(
    page: Sequence[Entry], period: Period, format_: Format, receipts: Receipts | None
) -> list[str]:
    if receipts is not None:
        return [line async for line in receipts.lines(page, period)]
    return [*(csv_lines if format_ is Format.CSV else json_lines)(page, period)]
