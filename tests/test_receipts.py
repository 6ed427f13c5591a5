"""What visitors get when they ask for their receipt."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from consent import SQLiteRecords
from consent.records.signature import verify
from tests.sites import Clock, Memory, browser, decide, run, site


def keys(client: Any) -> list[str]:
    """What the site says its public keys are, each a ``did:key`` address."""
    return [key.rpartition("#")[2] for key in client.get("/consent/keys").json()["keys"]]


def statuses(receipt: Any) -> dict[str, str]:
    """The status of each process that was asked about."""
    processes = receipt["dpv:hasRecordOfActivity"]["dpv:hasProcess"]
    return {
        process["dct:identifier"]: process["dpv:hasConsentStatus"]["@type"]
        for process in processes
        if "dpv:hasConsentStatus" in process
    }


def test_a_receipt_is_what_the_store_has_under_the_visitors_id(tmp_path: Path) -> None:
    """Signed by the site's key, with the button, the notice and each service, as a file (R27)."""
    store = SQLiteRecords(tmp_path / "consent.sqlite3")
    with browser(site(records=store, jurisdictions=["GB"])) as client:
        assert client.get("/consent/receipt").status_code == 404
        decide(client, "save", granted="analytics")
        answer = client.get("/consent/receipt")
        assert answer.headers["content-type"] == "application/ld+json"
        assert "attachment" in answer.headers["content-disposition"]
        assert answer.headers["cache-control"] == "no-store"
        receipt = answer.json()
        assert [verify(receipt)] == keys(client)
    kept = receipt["dpv:hasRecordOfActivity"]
    assert statuses(receipt) == {
        "edition": "dpv:ConsentRefused",
        "counter": "dpv:ConsentGiven",
        "heatmap": "dpv:ConsentGiven",
        "ads": "dpv:ConsentRefused",
    }
    entry = run(store.find, kept["dct:identifier"])
    assert entry is not None
    assert kept["dpv:hasNotice"][0]["dct:identifier"] == entry.notice
    assert "save (api)" in json.dumps(kept)
    assert "loc:GB" in json.dumps(kept)
    store.close()


def test_a_withdrawal_is_told_from_a_refusal(tmp_path: Path) -> None:
    """What was granted before and is denied now was withdrawn; the rest was refused (R26, R27)."""
    store = SQLiteRecords(tmp_path / "consent.sqlite3")
    with browser(site(records=store)) as client:
        decide(client, "save", granted="analytics")
        decide(client, "save", granted="preferences")
        receipt = client.get("/consent/receipt").json()
    assert statuses(receipt)["counter"] == "dpv:ConsentWithdrawn"
    assert statuses(receipt)["ads"] == "dpv:ConsentRefused"
    assert statuses(receipt)["edition"] == "dpv:ConsentGiven"
    store.close()


@pytest.mark.parametrize(
    ("action", "given"), [("accept", "accept (cookie)"), ("reject", "reject (cookie)"), ("save", "save (cookie)")]
)  # fmt: skip
def test_without_a_store_the_cookie_is_the_receipt(action: str, given: str) -> None:
    """The visitor gets what the signed cookie says; after a refusal nothing in it names the visitor (R27, R28)."""
    client = browser(site(clock=Clock()))
    decide(client, action, granted="analytics")
    receipt = client.get("/consent/receipt").json()
    assert [verify(receipt)] == keys(client)
    assert given in json.dumps(receipt)
    visitor = receipt["dpv:hasRecordOfActivity"]["dpv:hasDataSubject"]
    assert ("dct:identifier" in visitor) == (action != "reject")


def test_a_store_that_cannot_be_read_costs_nobody_their_receipt(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What the cookie says is handed out then, and the log tells why (R27)."""

    class Unreadable(Memory):
        async def find(self, identifier: str) -> None:
            raise OSError(f"no {identifier}")

    client = browser(site(records=Unreadable()))
    decide(client, "accept")
    receipt = client.get("/consent/receipt").json()
    assert "accept (cookie)" in json.dumps(receipt)
    assert "records cannot be read" in caplog.text


def test_an_erased_record_leaves_the_cookies_own_words(tmp_path: Path) -> None:
    """After an erasure the visitor still has what the browser keeps (R26)."""
    store = SQLiteRecords(tmp_path / "consent.sqlite3")
    with browser(site(records=store)) as client:
        decide(client, "accept")
        identifier = client.get("/consent/state").json()["receipt"]
        run(lambda: store.erase([identifier], now=_now()))
        assert "accept (cookie)" in client.get("/consent/receipt").text
    store.close()


def _now() -> datetime:

    return datetime.now(UTC)


def test_every_key_that_verifies_is_published() -> None:
    """After a rotation old receipts can still be checked, and the last key signs (R27, R31)."""
    secrets = ["an older key that is long enough to be one", "a newer key that is long enough to be one"]
    client = browser(site(secret_keys=secrets))
    decide(client, "accept")
    published = keys(client)
    assert len(set(published)) == 2
    assert verify(client.get("/consent/receipt").json()) == published[1]
    told = client.get("/consent/keys")
    assert told.headers["cache-control"] == "public, max-age=86400"
    for secret in secrets:
        assert secret not in told.text
        assert base64.b64encode(secret.encode()).decode() not in told.text


@pytest.mark.parametrize("address", ["/consent/receipt", "/consent/keys"])
def test_receipts_and_keys_are_only_read(address: str) -> None:
    """Whatever else is tried is refused, and told what is allowed."""
    answer = browser(site()).post(address)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
