"""The commands that remove records: `purge` what is old, `erase` what is one visitor's."""

import time
from datetime import datetime, timedelta
from typing import Annotated

import anyio
import typer

from consent.cli import options, sites, stores, times, words
from consent.cli.terminal import confirm, progress, say, write, write_json
from consent.cli.times import Period
from consent.errors import ConfigurationError
from consent.records.erasure import history
from consent.records.record import RecordsArchive, rfc3339, timestamp
from consent.settings import MAX_LIFETIME, ConsentSettings


def purge(
    records: options.Records = None,
    settings: options.Settings = None,
    older_than: Annotated[
        str | None, typer.Option(metavar="AGE", help="Remove what is older than this, such as '5 years'.")
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Remove what was decided before this day or moment (UTC)."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Remove records too whose consent may still count.")
    ] = False,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Remove records by age. Their hashes stay, so that `verify` still holds, and one entry tells of it."""
    now = timestamp(time.time())
    end = _end(older_than, before, now)
    if not force:
        _check_age(end, now, sites.found(settings))
    removed = anyio.run(_purge, records, end, now, yes, dry_run)
    if as_json:
        write_json({"before": rfc3339(end), "dry_run": dry_run, "removed": removed}, compact=True)
    elif removed is None:
        write("Nothing was removed.")
    else:
        verb = "to remove" if dry_run else "removed"
        write(f"{words.counted(removed, 'record')} {verb}, from before {rfc3339(end)}.")


def _end(older_than: str | None, before: str | None, now: datetime) -> datetime:
    """Up to when records are to go: one of the two options tells."""
    if older_than is not None and before is None:
        return times.ago("--older-than", older_than, now)
    if before is not None and older_than is None:
        return times.moment("--before", before)
    raise ConfigurationError("--older-than, --before", "one of the two is needed, and not both.")


def _check_age(end: datetime, now: datetime, site: ConsentSettings | None) -> None:
    """Who has to prove a consent needs its record for as long as it counts [GDPR 7(1)]."""
    days = MAX_LIFETIME if site is None else site.lifetime
    if end > now - timedelta(days=days):
        whose = "can count (there are no settings)" if site is None else "counts on this site"
        problem = f"{rfc3339(end)} is within the {days} days for which a consent {whose}; see --force."
        raise ConfigurationError("--older-than, --before", problem)


async def _purge(records: str | None, end: datetime, now: datetime, yes: bool, dry_run: bool) -> int | None:
    """How many were removed (or would be); ``None`` if that was not wanted."""
    async with stores.opened(records) as archive:
        if yes and not dry_run:
            return await archive.purge(end, now=now)
        count = await _count(archive, Period(until=end))
        if dry_run or not count:
            return count
        question = f"Remove {words.counted(count, 'record')} from before {rfc3339(end)} for good?"
        return await archive.purge(end, now=now) if confirm(question, yes=yes) else None


async def _count(archive: RecordsArchive, period: Period) -> int:
    count = 0
    with progress("Counting", (await archive.head()).position) as seen:
        async for page in archive.entries():
            count += sum(1 for _ in period.decisions(page))
            seen(page[-1].position)
    return count


def erase(
    identifier: options.Identifier,
    records: options.Records = None,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Remove a visitor's records: the one named and all that are linked to it. Their hashes stay."""
    ids, erased = anyio.run(_erase, records, identifier, yes, dry_run)
    if as_json:
        write_json({"records": ids, "dry_run": dry_run, "removed": erased}, compact=True)
    else:
        for line in ids:
            write(line)
        say(_told(ids, erased, dry_run=dry_run, identifier=identifier))
    if not ids:
        raise typer.Exit(1)


def _told(ids: list[str], erased: int, *, dry_run: bool, identifier: str) -> str:
    if not ids:
        return f"There is no record {identifier} (any more)."
    if dry_run:
        return f"{words.counted(len(ids), 'record')} to erase."
    return f"{words.counted(erased, 'record')} erased." if erased else "Nothing was erased."


async def _erase(records: str | None, identifier: str, yes: bool, dry_run: bool) -> tuple[list[str], int]:
    """The visitor's records, and how many of them were erased."""
    async with stores.opened(records) as archive:
        ids = await history(archive, identifier)
        if not ids or dry_run or not confirm(f"Erase {words.counted(len(ids), 'record')} for good?", yes=yes):
            return ids, 0
        return ids, await archive.erase(ids, now=timestamp(time.time()))
