"""The commands that prove something: `verify`, `receipt`, `checkpoint`, `manifest`."""

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import anyio
import typer

from consent import manifest as manifests
from consent.cli import checkpoints, options, sites, stores, words
from consent.cli.checkpoints import Checkpoint
from consent.cli.files import target
from consent.cli.receipts import Receipts, with_text
from consent.cli.terminal import progress, say, write, write_json
from consent.records import verification
from consent.records.chain import Link
from consent.records.verification import Verification
from consent.settings import ConsentSettings
from consent.ui.rendering import Renderer


def verify(
    records: options.Records = None,
    settings: options.Settings = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="A checkpoint that was kept elsewhere; can be given several times."
        ),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY", help="A public key (did:key:...) that may sign checkpoints, beside the site's."
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Check every record, every link of the chain and every notice; exits with 1 if something is wrong."""
    noted = [checkpoints.read(path) for path in checkpoint or ()]
    trusted = {checkpoints.key_named(text) for text in key or ()}
    if noted and (site := sites.found(settings)) is not None:
        trusted |= checkpoints.keys_of(site)
    result = anyio.run(_verified, records, [one.link for one in noted])
    faults = [fault for one in noted if (fault := one.fault(trusted))]
    if result.problem is not None:
        faults.insert(0, result.problem.sentence)
    if as_json:
        write_json(_verdict(result, faults), compact=True)
    else:
        _tell(result, noted, faults, known=bool(trusted))
    if faults:
        raise typer.Exit(1)


async def _verified(records: str | None, links: list[Link]) -> Verification:
    async with stores.opened(records) as archive:
        with progress("Verifying", (await archive.head()).position) as seen:
            return await verification.verify(archive, links, seen)


def _verdict(result: Verification, faults: list[str]) -> dict[str, Any]:
    return {
        "ok": not faults,
        "position": result.head.position,
        "hash": result.head.hash,
        "decisions": result.decisions,
        "removed": result.removed,
        "problem": None if result.problem is None else asdict(result.problem),
        "faults": faults,
    }


def _tell(result: Verification, noted: list[Checkpoint], faults: list[str], *, known: bool) -> None:
    for fault in faults:
        write(fault)
    if not faults:
        counted = f"{words.counted(result.decisions, 'decision')}, {words.number(result.removed)} removed"
        write(f"The chain of {words.number(result.head.position)} holds ({counted}).")
        write(f"It ends with {result.head.hash}.")
    if not noted:
        say("Without a checkpoint nobody can tell whether the chain was cut off or written anew.")
    elif not known:
        keys = ", ".join(sorted({f"did:key:{one.key}" for one in noted if one.key}))
        say(f"Nobody knows here whose key signed the checkpoints; name it by --key if it is yours: {keys}")


def receipt(
    identifier: options.Identifier,
    records: options.Records = None,
    settings: options.Settings = None,
    with_notice: Annotated[
        bool, typer.Option("--with-notice", help="Add the text that the visitor saw, before it is signed.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Print the signed receipt of one record: JSON-LD in W3C's vocabulary, which anybody can check."""
    now, site = time.time(), sites.needed(settings)
    document = anyio.run(_receipt, records, identifier, site, with_notice, now)
    if document is None:
        say(f"There is no record {identifier} (any more).")
        raise typer.Exit(1)
    write_json(checkpoints.signed(document, site, now), compact=as_json)


async def _receipt(
    records: str | None, identifier: str, site: ConsentSettings, with_notice: bool, now: float
) -> dict[str, Any] | None:
    async with stores.opened(records) as archive:
        entry = await archive.find(identifier)
        if entry is None or entry.notice is None:
            return None
        document = await Receipts(site, archive).receipt(entry, now)
        text = await archive.notice(entry.notice) if with_notice else None
        return document if text is None else with_text(document, text)


def checkpoint(
    records: options.Records = None,
    settings: options.Settings = None,
    to: options.Output = None,
    as_json: options.Json = False,
) -> None:
    """Sign where the chain ends now. Keep it elsewhere: `verify` then sees if anything before was changed."""
    now, site = time.time(), sites.needed(settings)
    link = anyio.run(_head, records)
    _hand_out(checkpoints.document(link, site, now), site, now, to, compact=as_json)


async def _head(records: str | None) -> Link:
    async with stores.opened(records) as archive:
        return await archive.head()


def manifest(
    settings: options.Settings = None, to: options.Output = None, as_json: options.Json = False
) -> None:
    """Sign what is in force: declarations, notices and files of the layer, by their hashes."""
    now, site = time.time(), sites.needed(settings)
    document = manifests.manifest(site, Renderer(site, site.catalogue), now)
    _hand_out(document, site, now, to, compact=as_json)


def _hand_out(
    document: dict[str, Any], site: ConsentSettings, now: float, to: Path | None, *, compact: bool
) -> None:
    document = checkpoints.signed(document, site, now)
    with target(to) as file:
        file.write(json.dumps(document, ensure_ascii=False, indent=None if compact else 2) + "\n")
