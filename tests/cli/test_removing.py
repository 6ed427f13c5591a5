"""`purge` and `erase`: what is removed, what stays, and who is asked."""

import json
from typing import Any

import pytest

from consent.cli import terminal
from consent.records.record import timestamp
from tests.cli.evidence import DAY, Site, consent
from tests.sites import NOW


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """A year after the last decision of `site`."""
    monkeypatch.setattr("consent.cli.removing.timestamp", lambda _: timestamp(NOW + 365 * DAY))


def actions(site: Site) -> list[Any]:
    exported = consent("records", "export", "--records", site.path).stdout.splitlines()
    return [json.loads(line).get("action") for line in exported]


def purge(site: Site, *options: object, answer: str | None = None, **environ: str) -> Any:
    return consent("records", "purge", "--records", site.path, *options, answer=answer, **environ)


def test_old_records_go_and_the_chain_holds(site: Site) -> None:
    """After a purge the bodies are gone from the file, one entry says so, and the chain verifies (R24, R26)."""
    found = purge(site, "--older-than", "364 days", "--yes")
    assert (found.exit_code, found.stdout) == (
        0,
        "2 records removed, from before 2027-01-16T08:00:00.000Z.\n",
    )
    assert actions(site) == [None, "withdraw", None, "save", "accept", "save", "purge"]
    verified = consent("records", "verify", "--records", site.path, "--json")
    assert json.loads(verified.stdout)["removed"] == 2
    assert verified.exit_code == 0


@pytest.mark.parametrize(
    ("options", "removed"),
    [(["--before", "2027-01-17"], 2), (["--before", "2027-01-17T09:00"], 5), (["--older-than", "1 year"], 0),
     (["--older-than", "99999 years"], 0)],
)  # fmt: skip
def test_a_dry_run_counts_and_removes_nothing(site: Site, options: list[str], removed: int) -> None:
    """It says how many records would go (R26)."""
    found = json.loads(purge(site, *options, "--dry-run", "--json").stdout)
    assert (found["removed"], found["dry_run"]) == (removed, True)
    assert None not in actions(site)


def test_nothing_to_remove_asks_nobody(site: Site) -> None:
    """No question, and no entry in the chain."""
    assert purge(site, "--older-than", "10 years").stdout.startswith(
        "0 records removed, from before 2018-01-14"
    )
    assert len(actions(site)) == 6


@pytest.mark.parametrize("options", [["--older-than", "199 days"], ["--before", "2027-07-30"]])
def test_evidence_of_a_consent_that_counts_stays(site: Site, options: list[str]) -> None:
    """An age below the lifetime of consent is refused, unless it is forced (R26)."""
    found = purge(site, *options, "--yes")
    assert found.exit_code == 2
    assert "within the 200 days for which a consent counts on this site; see --force." in found.stderr
    assert None not in actions(site)
    assert purge(site, *options, "--yes", "--force").exit_code == 0
    assert actions(site) == [None] * 6 + ["purge"]


def test_without_settings_the_longest_lifetime_is_kept(site: Site) -> None:
    """Nobody knows here how long consent counts on the site (R26)."""
    (site.path.parent / "consent.toml").unlink()
    assert "within the 400 days" in purge(site, "--older-than", "399 days", "--yes").stderr
    assert purge(site, "--older-than", "400 days", "--yes").exit_code == 0


@pytest.mark.parametrize(
    ("answer", "removed", "said"), [("y\n", 2, "2 records removed"), ("n\n", 0, "Nothing was removed")]
)
def test_on_a_terminal_somebody_is_asked(
    site: Site, monkeypatch: pytest.MonkeyPatch, answer: str, removed: int, said: str
) -> None:
    """What is removed for good is removed only after a yes (R26)."""
    monkeypatch.setattr(terminal, "is_attended", lambda: True)
    found = purge(site, "--before", "2027-01-17", answer=answer)
    assert "Remove 2 records from before 2027-01-17T00:00:00.000Z for good? [y/n] (n)" in found.stderr
    assert said in found.stdout
    assert actions(site).count(None) == removed


@pytest.mark.parametrize("command", [["purge", "--before", "2027-01-17"], ["erase"]])
def test_where_nobody_can_be_asked_nothing_is_removed(site: Site, command: list[str]) -> None:
    """A script says `--yes`, or the command refuses (R26)."""
    if command == ["erase"]:
        command = [
            "erase",
            json.loads(consent("records", "export", "--records", site.path).stdout.splitlines()[0])["id"],
        ]
    found = consent("records", *command, "--records", site.path)
    assert found.exit_code == 2
    assert (
        found.stderr
        == "consent: --yes: is missing; without a terminal nobody can be asked whether to go on.\n"
    )
    assert None not in actions(site)


@pytest.mark.parametrize(
    "options",
    [[], ["--older-than", "1 year", "--before", "2026-01-01"], ["--older-than", "session"], ["--older-than", "5y"],
     ["--before", "soon"], ["--before", "1969-12-31"]],
)  # fmt: skip
def test_an_age_is_one_that_can_be_understood(site: Site, options: list[str]) -> None:
    """Anything else is one sentence, and nothing is removed."""
    found = purge(site, *options, "--yes", "--force")
    assert (found.exit_code, len(found.stderr.splitlines())) == (2, 1)
    assert None not in actions(site)


# --- one visitor's records ------------------------------------------------------------------------


def erase(site: Site, identifier: str, *options: object, answer: str | None = None) -> Any:
    return consent("records", "erase", identifier, "--records", site.path, *options, answer=answer)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_all_of_a_visitors_records_are_erased(site: Site, which: int) -> None:
    """Whichever of them is named, those that are linked to it go too, and the chain holds (R24, R26)."""
    visitor = site.visitor().decides("accept", day=3)
    site.keep()
    site.visitor().decides("reject", day=3.5)
    visitor.decides("save", "ads", day=4).decides("withdraw", day=5)
    site.keep()
    before = actions(site)
    found = erase(site, visitor.ids[which], "--yes")
    assert (found.exit_code, found.stdout.split(), found.stderr) == (0, visitor.ids, "3 records erased.\n")
    assert actions(site) == [*before[:6], None, "reject", None, None, "erase"]
    assert consent("records", "verify", "--records", site.path).exit_code == 0
    assert visitor.ids[0].encode() not in site.path.read_bytes()


def test_an_erasure_can_be_tried_first(site: Site) -> None:
    """A dry run names the records and leaves them (R26)."""
    visitor = site.visitor().decides("accept", day=3).decides("withdraw", day=4)
    site.keep()
    found = erase(site, visitor.ids[1], "--dry-run")
    assert (found.stdout.split(), found.stderr) == (visitor.ids, "2 records to erase.\n")
    told = json.loads(erase(site, visitor.ids[1], "--dry-run", "--json").stdout)
    assert told == {"records": visitor.ids, "dry_run": True, "removed": 0}
    assert None not in actions(site)


def test_an_erasure_is_asked_for_on_a_terminal(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is erased for good is erased only after a yes (R26)."""
    monkeypatch.setattr(terminal, "is_attended", lambda: True)
    visitor = site.visitor().decides("accept", day=3)
    site.keep()
    found = erase(site, visitor.ids[0], answer="n\n")
    assert "Erase 1 record for good?" in found.stderr
    assert found.stderr.endswith("Nothing was erased.\n")
    assert None not in actions(site)


def test_an_unknown_record_is_told_of(site: Site) -> None:
    """Exit 1 and one sentence; nothing is removed."""
    found = erase(site, "unknown", "--yes")
    assert (found.exit_code, found.stderr) == (1, "There is no record unknown (any more).\n")
