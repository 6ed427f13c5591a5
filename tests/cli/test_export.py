"""`consent records export`: every record, in forms that others can read."""

import csv
import hashlib
import io
import json
import stat
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from rdflib import Graph

from consent.cli.exports import COLUMNS, Format, csv_lines
from consent.cli.reading import _counted, _exported
from consent.cli.times import Period
from consent.records.chain import GENESIS, canonical
from tests.cli.evidence import Site, append_together, consent
from tests.cli.test_stats import entry
from tests.sites import run


def export(site: Site, *options: object) -> str:
    found = consent("records", "export", "--records", site.path, *options)
    assert found.exit_code == 0, found.stderr
    return found.stdout


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_json_lines_hold_all_of_the_chain(site: Site) -> None:
    """Whoever has only the export can recompute every hash of what is left (R24, R27)."""
    consent("records", "purge", "--records", site.path, "--before", "2027-01-16", "--force", "--yes")
    exported, hashes = lines(export(site)), [GENESIS]
    for line in exported:
        chain = line.pop("chain")
        assert chain["previous"] == hashes[-1]
        if line:
            assert chain["payload"] == hashlib.sha256(canonical(line).encode()).hexdigest()
        hashes.append(hashlib.sha256(f"{chain['previous']}{chain['payload']}".encode()).hexdigest())
        assert chain["hash"] == hashes[-1]
    assert [line.get("action") for line in exported] == [
        None, "withdraw", None, "save", "accept", "save", "purge",
    ]  # fmt: skip


def test_a_period_of_json_lines_holds_what_was_made_in_it(site: Site) -> None:
    """Nobody knows when it was that something removed was made."""
    consent("records", "purge", "--records", site.path, "--before", "2027-01-16", "--force", "--yes")
    found = lines(export(site, "--since", "2027-01-15", "--until", "2027-01-17T10:00"))
    assert [line["chain"]["position"] for line in found] == [2, 4, 5]


def test_csv_is_flat(site: Site) -> None:
    """One row per decision, with a heading; lists stand in one cell (R27)."""
    rows = [*csv.DictReader(io.StringIO(export(site, "--format", "csv"), newline=""))]
    assert [row["action"] for row in rows] == ["accept", "withdraw", "reject", "save", "accept", "save"]
    assert tuple(rows[0]) == COLUMNS
    assert rows[3]["granted"] == "analytics counter heatmap login necessary"
    assert rows[1]["previous"] == rows[0]["id"]
    assert rows[0]["previous"] == ""


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(1)", "\tx", "\rx"])
def test_no_cell_becomes_a_formula(evil: str) -> None:
    """A spreadsheet that opens the file calculates nothing, whatever a record holds (OWASP, CSV injection)."""
    page = [entry(language=evil, policy_url=evil, granted=[evil, "x"])]
    [row] = csv.reader(csv_lines(page, Period()))
    assert row.count(f"'{evil}") == 2
    assert f"'{evil} x" in row
    assert not any(cell.startswith(tuple("=+-@\t\r")) for cell in row)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_dpv_lines_are_consent_records(site: Site) -> None:
    """Each line is one document of JSON-LD that a reader of RDF takes as it is (R27)."""
    found = lines(export(site, "--format", "dpv", "--since", "2027-01-17"))
    assert [line["@type"] for line in found] == ["dpv:ConsentRecord"] * 4
    graph = Graph().parse(data=json.dumps(found[0]), format="json-ld")
    assert len(graph) > 50


def test_a_file_is_complete_or_not_there(site: Site, folder: Path) -> None:
    """Only its owner may read it, and an export that fails leaves the one before as it was (R27)."""
    consent("records", "export", "--records", site.path, "--output", "x.jsonl")
    text = (folder / "x.jsonl").read_text()
    assert text == export(site)
    assert stat.S_IMODE((folder / "x.jsonl").stat().st_mode) == 0o600
    site.change("update consent_records set body = '{}' where position = 5")
    failed = consent("records", "export", "--records", site.path, "--format", "csv", "--output", "x.jsonl")
    assert failed.exit_code != 0
    assert (folder / "x.jsonl").read_text() == text
    assert [path.name for path in folder.glob(".x*")] == []


def test_how_much_was_written_is_told(site: Site) -> None:
    """To people on standard error, to programs as JSON."""
    said = consent("records", "export", "--records", site.path, "--output", "x")
    assert (said.stdout, said.stderr) == ("", "6 records written to x.\n")
    said = consent("records", "export", "--records", site.path, "--output", "x", "--json", "--format", "csv")
    assert json.loads(said.stdout) == {"file": "x", "lines": 6}


def test_memory_does_not_grow_with_the_records(site: Site, folder: Path) -> None:
    """Statistics and exports are made page by page: three times the records take no more room (R27)."""
    peaks = []
    for many in (2_000, 6_000):
        made = Site(folder / f"{many}.sqlite3")
        for number in range(many):
            made.visitor().decides("accept", day=number / many)
        run(append_together, made.path, made.made)
        peaks.append(peak(made.path, folder / "export.jsonl"))
        assert len((folder / "export.jsonl").read_text().splitlines()) == many
    assert peaks[1] < 1.3 * peaks[0]


def peak(path: Path, to: Path) -> int:
    async def work() -> None:
        await _counted(str(path), Period())
        await _exported(str(path), to, Period(), Format.JSONL, None)

    tracemalloc.start()
    try:
        run(work)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
