"""What a change of declarations means, as the command line tells it: `consent catalogue diff`."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests.cli.evidence import consent, seen
from tests.sites import SECRET

OLD = """controller = "The Example Post"

[[category]]
id = "analytics"
name = "Numbers"

  [[category.service]]
  id = "counter"
  name = "Counter"
  provider = "Counter Ltd"
  purpose = "Counts readers."
  hosts = ["stats.example"]

[[category]]
id = "marketing"
"""
MODULE = """import os
from consent import ConsentSettings
settings = ConsentSettings(controller="The Example Post", secret_keys=[os.environ["CONSENT_SECRET_KEYS"]])
"""


@pytest.fixture
def before(folder: Path) -> Path:
    """The settings before, in a folder that is the working directory."""
    path = folder / "old.toml"
    path.write_text(OLD)
    return path


def changed(before: Path, *mended: tuple[str, str]) -> str:
    text = OLD
    for old, new in mended:
        assert old in text
        text = text.replace(old, new)
    before.with_name("new.toml").write_text(text)
    return "new.toml"


def test_what_asks_again_is_told_with_its_reason(before: Path) -> None:
    """A table for each category, what asks again first; exit 1 (R16)."""
    new = changed(
        before, ('"Numbers"', '"Figures"'), ("Counts readers.", "Counts."), ("Counter Ltd", "Sums Ltd")
    )
    found = consent("catalogue", "diff", "old.toml", new, COLUMNS="200")
    assert (found.exit_code, found.stderr) == (1, "")
    assert [" ".join(line.split()) for line in found.stdout.splitlines()] == [
        "Visitors will be asked again about analytics.",
        "",
        "analytics: asked again",
        "Again What Before After Why",
        "yes counter: provider Counter Ltd Sums Ltd A new recipient: visitors have not agreed to it.",
        "no name Numbers Figures Words alone ask nobody again.",
        "no counter: purpose Counts readers. Counts. Words alone ask nobody again; if the purpose itself is another, raise the revision.",
    ]


def test_wording_asks_nobody(before: Path) -> None:
    """Exit 0, and what differs is told all the same (R16)."""
    found = consent("catalogue", "diff", "old.toml", changed(before, ("Counts readers.", "Counts.")))
    assert found.exit_code == 0
    assert found.stdout.startswith("Nobody is asked again.\n\nanalytics: not asked again\n")


def test_the_same_declarations_do_not_differ(before: Path) -> None:
    """One line, exit 0."""
    found = consent("catalogue", "diff", "old.toml", "old.toml")
    assert (found.exit_code, found.stdout) == (0, "Nothing differs. Nobody is asked again.\n")


def test_programs_get_json(before: Path) -> None:
    """One line with all of it; the exit code is the same."""
    found = consent("catalogue", "diff", "old.toml", changed(before, ("stats.ex", "sums.ex")), "--json")
    assert found.exit_code == 1
    assert found.stdout.count("\n") == 1
    assert json.loads(found.stdout) == {
        "asked_again": ["analytics"],
        "differences": [
            {
                "category": "analytics",
                "service": "counter",
                "what": "hosts",
                "old": "stats.example",
                "new": "sums.example",
                "material": True,
                "why": "Other hosts are contacted than those that visitors agreed to.",
            }
        ],
    }


@pytest.mark.parametrize("keys", [None, "", SECRET])
def test_no_secret_key_is_needed(before: Path, monkeypatch: pytest.MonkeyPatch, keys: str | None) -> None:
    """Declarations are compared where nobody knows the keys, in files and in the site's code; none is left behind."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "keyed_settings", raising=False)
    (before.parent / "keyed_settings.py").write_text(MODULE)
    found = consent("catalogue", "diff", "old.toml", "keyed_settings:settings", CONSENT_SECRET_KEYS=keys)
    assert (found.exit_code, found.stderr) == (0, "")
    assert "the category is gone" in " ".join(found.stdout.lower().split())
    missing = consent("manifest", "--settings", "old.toml", CONSENT_SECRET_KEYS=keys)
    assert missing.exit_code == (0 if keys else 2)


def test_a_pipe_can_be_compared(before: Path) -> None:
    """`consent catalogue diff <(git show main:consent.toml) consent.toml` works."""
    reading, writing = os.pipe()
    os.write(writing, OLD.encode())
    os.close(writing)
    try:
        found = consent("catalogue", "diff", f"/dev/fd/{reading}", "old.toml")
    finally:
        os.close(reading)
    assert (found.exit_code, found.stdout) == (0, "Nothing differs. Nobody is asked again.\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["no.toml", "old.toml"], "OLD, {here}/no.toml: the file cannot be read: No such file or directory."),
        (["old.toml", "no.toml"], "NEW, {here}/no.toml: the file cannot be read: No such file or directory."),
        (["old.toml", "faulty.toml"], "NEW, faulty.toml, controller: is missing."),
        (
            ["no_settings:x", "old.toml"],
            "OLD: 'no_settings' cannot be imported: ModuleNotFoundError (No module named 'no_settings').",
        ),
        (["old.toml", "json:dumps"], "NEW: json:dumps holds no ConsentSettings."),
    ],
)
def test_what_cannot_be_read_is_one_sentence(
    before: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    """Exit 2, so that a script does not take a mistake for a change, and the side is named."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    before.with_name("faulty.toml").write_text('[[category]]\nid = "analytics"\n')
    found = consent("catalogue", "diff", *arguments)
    assert (found.exit_code, found.stdout, found.stderr) == (2, "", f"consent: {seen(sentence)}\n")
