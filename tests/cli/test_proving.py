"""`verify`, `receipt`, `checkpoint` and `manifest`: what can be proved to others."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from consent.manifest import manifest
from consent.records import signature
from consent.records.signature import SigningKey
from consent.ui.assets import Assets
from consent.ui.rendering import Renderer
from tests.cli.evidence import Site, consent
from tests.sites import NOW, SECRET, settings

OTHER = "another key of the same site that was used before"
KEY = f"did:key:{SigningKey.derive(SECRET).public}"


def verify(site: Site, *options: object, **environ: str) -> tuple[int, Any, str]:
    found = consent("records", "verify", "--records", site.path, "--json", *options, **environ)
    return found.exit_code, json.loads(found.stdout or "null"), found.stderr


def checkpoint(site: Site, name: str, **environ: str) -> dict[str, Any]:
    made = consent("records", "checkpoint", "--records", site.path, "--output", name, **environ)
    assert (made.exit_code, made.stdout) == (0, "")
    document: dict[str, Any] = json.loads(Path(name).read_text())
    return document


def test_a_whole_chain_verifies(site: Site) -> None:
    """Every hash is right: exit 0, with the end of the chain to note down (R24)."""
    code, found, said = verify(site)
    assert (code, found["ok"], found["problem"], found["faults"]) == (0, True, None, [])
    assert (found["position"], found["decisions"], found["removed"]) == (6, 6, 0)
    assert said == ""
    shown = consent("records", "verify", "--records", site.path)
    assert shown.stdout == (
        f"The chain of 6 holds (6 decisions, 0 removed).\nIt ends with {found['hash']}.\n"
    )
    assert shown.stderr.startswith("Without a checkpoint nobody can tell")


@pytest.mark.parametrize(
    ("statement", "fault", "position"),
    [
        (
            "update consent_records set body = replace(body, 'reject', 'accept') where position = 3",
            "changed",
            3,
        ),
        ("delete from consent_records where position = 2", "missing", 2),
        (
            "update consent_records set body = null, id = null, notice = null where position = 4",
            "unaccounted",
            4,
        ),
        ("delete from consent_records where position = 6", "truncated", 6),
        ("update consent_notices set body = body || ' '", "notice", 0),
    ],
)
def test_the_first_fault_is_named(site: Site, statement: str, fault: str, position: int) -> None:
    """Whatever was done to the file: exit 1, and one sentence that says what and where (R24)."""
    site.change(statement)
    code, found, _ = verify(site)
    assert (code, found["ok"], found["problem"]["fault"], found["problem"]["position"]) == (
        1,
        False,
        fault,
        position,
    )
    shown = consent("records", "verify", "--records", site.path)
    assert (shown.exit_code, shown.stdout) == (1, found["faults"][0] + "\n")


def test_a_checkpoint_shows_what_was_written_anew(site: Site, folder: Path) -> None:
    """A chain that is right in itself is not the one that was published (R24)."""
    checkpoint(site, "kept.json")
    assert verify(site, "--checkpoint", "kept.json")[0] == 0
    other = Site(folder / "other.sqlite3")
    for _ in range(6):
        other.visitor().decides("accept")
    other.keep()
    assert verify(other)[0] == 0
    code, found, _ = verify(other, "--checkpoint", "kept.json")
    assert (code, found["problem"]["fault"]) == (1, "rewritten")


def test_a_checkpoint_that_was_changed_is_found_out(site: Site, folder: Path) -> None:
    """Its signature covers every field, so the chain cannot be judged by what somebody wrote into it (R24)."""
    document = checkpoint(site, "kept.json")
    assert {name: document[name] for name in ("type", "position", "controller")} == {
        "type": "ConsentCheckpoint",
        "position": 6,
        "controller": "The Example Post, 1 Mill Lane, Exampleton",
    }
    (folder / "changed.json").write_text(json.dumps({**document, "time": "2020-01-01T00:00:00.000Z"}))
    code, found, _ = verify(site, "--checkpoint", "kept.json", "--checkpoint", "changed.json")
    assert code == 1
    assert found["faults"] == ["The signature of checkpoint changed.json does not fit what it says."]


def test_a_checkpoint_counts_only_with_a_key_of_the_site(site: Site, folder: Path) -> None:
    """Each of the site's keys, old ones too, and those that are named; anybody could sign with another (R24)."""
    checkpoint(site, "kept.json", CONSENT_SECRET_KEYS=OTHER)
    assert verify(site, "--checkpoint", "kept.json", CONSENT_SECRET_KEYS=f"{OTHER},{SECRET}")[0] == 0
    code, found, _ = verify(site, "--checkpoint", "kept.json")
    assert (code, found["problem"]) == (1, None)
    key = f"did:key:{SigningKey.derive(OTHER).public}"
    assert found["faults"] == [f"The checkpoint kept.json was signed by a key that is not the site's: {key}."]
    assert verify(site, "--checkpoint", "kept.json", "--key", key)[0] == 0
    assert verify(site, "--checkpoint", "kept.json", "--key", f"{key}#{key[8:]}")[0] == 0


def test_whoever_has_no_secret_can_verify(site: Site, folder: Path) -> None:
    """An auditor names the published key, or is told whose key it would be (R24)."""
    checkpoint(site, "kept.json")
    (folder / "consent.toml").unlink()
    shown = consent(
        "records", "verify", "--records", site.path, "--checkpoint", "kept.json", CONSENT_SECRET_KEYS=""
    )
    assert shown.exit_code == 0
    assert shown.stderr == (
        f"Nobody knows here whose key signed the checkpoints; name it by --key if it is yours: {KEY}\n"
    )
    shown = consent("records", "verify", "--records", site.path, "--checkpoint", "kept.json", "--key", KEY)
    assert (shown.exit_code, shown.stderr) == (0, "")


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "cannot be read"), ("{", "is no JSON"), ("[]", "is no ConsentCheckpoint"),
     ('{"type": "ConsentCheckpoint", "position": "6", "hash": "x"}', "is no ConsentCheckpoint")],
)  # fmt: skip
def test_a_file_that_is_no_checkpoint_is_an_error(
    site: Site, folder: Path, content: str | None, problem: str
) -> None:
    """It is a mistake of whoever typed it, not a fault of the chain: exit 2 (R24)."""
    if content is not None:
        (folder / "odd.json").write_text(content)
    code, found, said = verify(site, "--checkpoint", "odd.json")
    assert (code, found) == (2, None)
    assert f"'odd.json' {problem}" in said


# --- receipts -------------------------------------------------------------------------------------


def receipt(site: Site, identifier: str, *options: object) -> Any:
    found = consent("records", "receipt", identifier, "--records", site.path, *options)
    assert found.exit_code == 0, found.stderr
    return json.loads(found.stdout)


def test_a_receipt_is_signed_by_the_site(site: Site) -> None:
    """Anybody can check it with the key inside, which is the site's (R27)."""
    visitor = site.visitor().decides("accept")
    site.keep()
    document = receipt(site, visitor.ids[0])
    assert f"did:key:{signature.verify(document)}" == KEY
    assert document["@type"] == "dpv:ConsentReceipt"
    assert document["dct:identifier"] == visitor.ids[0]
    assert document == {
        **receipt(site, visitor.ids[0], "--json"),
        **{k: document[k] for k in ("dct:created", "proof")},
    }


def test_a_receipt_can_bring_the_notice_along(site: Site) -> None:
    """What the visitor saw, word for word, under the visitor's own signature-protected receipt (R27)."""
    visitor = site.visitor("de").decides("reject")
    site.keep()
    document = receipt(site, visitor.ids[0], "--with-notice")
    assert f"did:key:{signature.verify(document)}" == KEY
    text = document["dpv:hasRecordOfActivity"]["dpv:hasNotice"][0]["schema:text"]
    assert text == site.gatekeeper.renderer.notice("de").body


def test_a_refusal_hands_out_no_identifier(site: Site) -> None:
    """The data subject of a consent is named by what the browser keeps, that of a refusal not at all (R28)."""
    refused, agreed = site.visitor().decides("reject"), site.visitor().decides("accept").decides("withdraw")
    site.keep()
    subjects = [
        receipt(site, identifier)["dpv:hasRecordOfActivity"]["dpv:hasDataSubject"]
        for identifier in (*refused.ids, *agreed.ids)
    ]
    assert ["dct:identifier" in subject for subject in subjects] == [False, True, False]


def test_what_is_taken_back_is_withdrawn_not_refused(site: Site) -> None:
    """The record before tells what had been granted (R27)."""
    visitor = site.visitor().decides("accept").decides("save", "analytics")
    site.keep()
    processes = receipt(site, visitor.ids[1])["dpv:hasRecordOfActivity"]["dpv:hasProcess"]
    statuses = {
        process["dct:identifier"]: process["dpv:hasConsentStatus"]["@type"]
        for process in processes
        if "dpv:hasConsentStatus" in process
    }
    assert statuses["marketing"] == "dpv:ConsentWithdrawn"
    assert statuses["analytics"] == "dpv:ConsentGiven"


def test_there_is_no_receipt_of_what_is_not_there(site: Site) -> None:
    """An unknown id, or that of an entry about a removal: exit 1 and one sentence."""
    consent("records", "purge", "--records", site.path, "--before", "2027-01-16", "--force", "--yes")
    exported = consent("records", "export", "--records", site.path).stdout.splitlines()
    for identifier in ("unknown", json.loads(exported[-1])["id"]):
        found = consent("records", "receipt", identifier, "--records", site.path)
        assert (found.exit_code, found.stdout) == (1, "")
        assert found.stderr == f"There is no record {identifier} (any more).\n"


# --- the manifest ---------------------------------------------------------------------------------


def test_the_manifest_tells_what_is_in_force(folder: Path) -> None:
    """Declarations, every notice and every file of the layer by hash, signed (R23)."""
    document = json.loads(consent("manifest").stdout)
    assert f"did:key:{signature.verify(document)}" == KEY
    assert document["categories"].keys() == {"analytics"}
    assert document["assets"].keys() == {*Assets().names}
    assert len(document["notices"]) == 32
    consent("manifest", "--output", "manifest.json", "--json")
    written = json.loads((folder / "manifest.json").read_text())
    assert {**written, "time": 0, "proof": 0} == {**document, "time": 0, "proof": 0}
    assert len((folder / "manifest.json").read_text().splitlines()) == 1


def test_a_manifest_changes_with_what_visitors_are_told(folder: Path) -> None:
    """Hashes are those of the very texts and files; with the same settings they stay the same (R23)."""
    site = settings()
    renderer = Renderer(site, site.catalogue)
    made = manifest(site, renderer, NOW)
    notice = renderer.notice("en")
    assert made["notices"]["en"] == {
        "id": notice.id,
        "sha256": hashlib.sha256(notice.body.encode()).hexdigest(),
    }
    assert made == {**manifest(site, Renderer(site, site.catalogue), NOW + 1), "time": made["time"]}
    for name, digest in made["assets"].items():
        asset = renderer.assets.get(name)
        assert asset is not None
        assert digest == hashlib.sha256(asset.content).hexdigest()
    other = settings(policy_url="/cookies", texts={"en": {"heading": "Your choice"}})
    changed = manifest(other, Renderer(other, other.catalogue), NOW)
    assert {name for name in made if made[name] != changed[name]} == {"policy", "notices"}
    assert {tag for tag in made["notices"] if made["notices"][tag] != changed["notices"][tag]} == {"en"}
