"""Checking settings at the command line: `consent check` and `consent schema`."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.checking.declared import CLEAN, DAY, changed
from tests.cli.evidence import consent, seen

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*/consent.toml"))
MODULE = """import os
from datetime import date
from consent import Category, ConsentSettings

def of(**values):
    return ConsentSettings(controller="The Example Post", secret_keys=[os.environ["CONSENT_SECRET_KEYS"]], **values)

fine = of(policy_date=date(2026, 11, 1))
open = of(policy_date=date(2026, 11, 1), undeclared="allow", categories=[Category(id="analytics")])
mute = of(default_language="xx")
"""


@pytest.fixture
def clean(folder: Path) -> Path:
    """Settings in which nothing is to be found, in a folder that is the working directory."""
    path = folder / "consent.toml"
    path.write_text(CLEAN)
    return path


def told(*arguments: str, **environ: str | None) -> dict[str, Any]:
    found = consent("check", *arguments, "--json", **environ)
    assert found.stdout.count("\n") == 1
    value: dict[str, Any] = json.loads(found.stdout)
    return value


@pytest.mark.parametrize("keys", [None, "a key for tests that nobody else would use"])
def test_nothing_is_found_where_all_is_well(clean: Path, keys: str | None) -> None:
    """Exit 0, with and without a secret key, for the file that is there or the one that is named."""
    for arguments in ([], ["consent.toml"], [str(clean)], ["--strict"]):
        found = consent("check", *arguments, CONSENT_SECRET_KEYS=keys)
        assert (found.exit_code, found.stderr) == (0, "")
        assert found.stdout.endswith("consent.toml: nothing found.\n")


def test_the_settings_are_named_as_for_every_command(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the argument, else by --settings, else by CONSENT_SETTINGS; never is another file checked instead."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("argument", "option", "variable"):
        (clean.parent / f"{name}.toml").write_text(CLEAN)
    option = ["--settings", "option.toml"]
    for arguments, expected in (
        (["argument.toml", *option], "argument"),
        (option, "option"),
        ([], "variable"),
    ):
        found = consent("check", *arguments, CONSENT_SETTINGS="variable.toml")
        assert found.stdout == f"{expected}.toml: nothing found.\n"
    missing = consent("check", CONSENT_SETTINGS="nothere.toml")
    assert (missing.exit_code, missing.stdout) == (2, "")
    assert "nothere.toml: the file cannot be read" in missing.stderr
    wrong = consent("check", "--settings", "json:dumps")
    assert wrong.stderr == "consent: --settings (or CONSENT_SETTINGS): json:dumps holds no ConsentSettings.\n"


def test_a_finding_says_where_what_why_and_how(clean: Path) -> None:
    """File, line, column and code; what came; why it matters, with rule and source; what to do (R6)."""
    clean.write_text(changed(('csp = "report"', 'csp = "report"\n[texts.en]\n  accept = "OK"')))
    found = consent("check", COLUMNS="200")
    assert found.exit_code == 1
    assert found.stdout.splitlines() == [
        "consent.toml:6:3: error [misleading-label]",
        "  texts.en.accept: came as 'OK'.",
        "  A consent given by a button that hides what it does is none. [R6 - VG Hannover 2025; CNIL, Facebook 2021]",
        "  -> Say what the button does, such as 'Accept all' and 'Reject all'.",
        "",
        "consent.toml: 1 error.",
    ]
    narrow = consent("check", COLUMNS="60").stdout.splitlines()
    assert max(map(len, narrow)) <= 60
    assert narrow[2:4] == [
        "  A consent given by a button that hides what it does is",
        "  none. [R6 - VG Hannover 2025; CNIL, Facebook 2021]",
    ]


def test_programs_get_json(clean: Path) -> None:
    """One line with everything; findings are in the order of the file."""
    clean.write_text(
        changed(("13 months", "14 months"), ('csp = "report"', "lifetime = 7\nsecret_keys = []"))
    )
    found = told(CONSENT_SECRET_KEYS=None)
    assert {name: found[name] for name in ("errors", "warnings", "hints")} == {
        "errors": 2,
        "warnings": 2,
        "hints": 1,
    }
    assert [(one["line"], one["code"]) for one in found["findings"]] == [
        (1, "csp-off"), (4, "lifetime"), (5, "secrets-in-file"), (5, "secret-keys"), (28, "long-audience"),
    ]  # fmt: skip
    assert found["findings"][-1] == {
        "where": "consent.toml:28:33",
        "line": 28,
        "column": 33,
        "code": "long-audience",
        "severity": "warning",
        "place": "category[1].service[0].cookies[0].duration",
        "what": "Cookie 'reader' of 'counter' stays for 14 months.",
        "rule": "",
        "source": "CNIL 2020-091, 5",
        "why": "To count an audience, nobody need be recognised for longer than 13 months.",
        "mend": "Set the cookie for 13 months at most, and declare that.",
    }


@pytest.mark.parametrize(
    ("change", "plain", "strict"),
    [
        (('csp = "report"', ""), 0, 0),
        (("13 months", "14 months"), 0, 1),
        (("13 months", "13 moons"), 1, 1),
        (("[[category]]", "[category]]"), 1, 1),
    ],
)
def test_a_pipeline_can_wait_for_it(clean: Path, change: tuple[str, str], plain: int, strict: int) -> None:
    """Hints never fail, warnings only if that is wanted, errors always."""
    clean.write_text(changed(change))
    assert consent("check").exit_code == plain
    assert consent("check", "--strict").exit_code == strict


@pytest.mark.parametrize(
    ("content", "where", "what"),
    [
        (b"controller = 'x'\nb = \n", "consent.toml:2:5", "This is not TOML: Invalid value."),
        (b"a = 1\na = 2", "consent.toml:2:6", "This is not TOML: Cannot overwrite a value"),
        (b"\xff", "consent.toml:1:1", "This is not TOML: 'utf-8' codec can't decode byte 0xff in position 0"),
        (b"a = ", "consent.toml:1:4", "This is not TOML: Invalid value (at end of document)."),
    ],
)
def test_what_is_not_toml_is_an_error_at_its_place(
    clean: Path, content: bytes, where: str, what: str
) -> None:
    """The line and column of the parser, as far as it tells them."""
    clean.write_bytes(content)
    [found] = told()["findings"]
    assert (found["where"], found["code"]) == (where, "not-toml")
    assert found["what"].startswith(what)


def test_what_the_environment_says_is_checked_too(clean: Path) -> None:
    """Each variable for itself, named in place of a line; what it says wins over the file."""
    found = told(
        CONSENT_LIFETIME="7",
        CONSENT_SECRET_KEY="x",
        CONSENT_GATE_MARKUP="perhaps",
        CONSENT_SECRET_KEYS="short",
        CONSENT_PATH="/choices",
    )
    assert sorted((one["where"], one["code"]) for one in found["findings"]) == [
        ("environment variable CONSENT_GATE_MARKUP", "unusable"),
        ("environment variable CONSENT_LIFETIME", "lifetime"),
        ("environment variable CONSENT_SECRET_KEY", "unusable"),
        ("environment variable CONSENT_SECRET_KEYS", "secret-keys"),
    ]
    assert found["findings"][0]["line"] is None
    assert told(CONSENT_PATH="/choices")["findings"] == []


def test_what_cannot_be_used_hides_no_risk_beside_it(clean: Path) -> None:
    """Errors first mended, then everything else is looked at; what was put in their place is not told of."""
    clean.write_text(
        changed(
            ('id = "login"', 'id = "Log In"'), ('name = "session"', 'name = "se ssion"'), ('use = "youtube"', 'use = "y"'),
            ("Counts how often an article is read.", "Marketing."), ("Remembers which articles were counted.", " "),
        )
    )  # fmt: skip
    found = [(one["place"], one["code"]) for one in told()["findings"]]
    assert found == [
        ("category[0].service[0].id", "unusable"),
        ("category[0].service[0].cookies[0].name", "unusable"),
        ("category[1].service[0].purpose", "vague-purpose"),
        ("category[1].service[0].storage[0].purpose", "unusable"),
        ("category[2].service[0].use", "unusable"),
    ]
    clean.write_text(
        'controller = "x"\ncategory = [{ id = "analytics", service = [{ use = "youtube", third_party = 3 }] }]'
    )
    assert "stand-in" not in consent("check").stdout


def test_a_key_that_cannot_be_used_is_told_of_once(clean: Path) -> None:
    """What the check goes on without is not missed as well."""
    clean.write_text(changed((f"policy_date = {DAY}", "policy_date = 3")))
    assert [one["code"] for one in told()["findings"]] == ["unusable"]


def test_a_missing_key_hides_nothing_of_its_table(clean: Path) -> None:
    """A tag manager among the necessary is one, justified or not (R12, R14)."""
    clean.write_text(
        changed(
            (
                '[[category.service]]\n  id = "login"',
                '[[category.service]]\n  use = "google-tag-manager"\n  [[category.service]]\n  id = "login"',
            )
        )
    )
    assert [one["code"] for one in told()["findings"]] == ["no-justification", "tag-manager"]


def test_the_templates_of_a_file_are_checked(clean: Path) -> None:
    """They are seen from the file, whatever the working directory (R5)."""
    (clean.parent / "own").mkdir()
    (clean.parent / "own" / "ask.html").write_text("<form method=post></form>")
    clean.write_text(changed(('csp = "report"', 'csp = "report"\ntemplates = "own"')))
    [found] = told()["findings"]
    assert (found["line"], found["code"]) == (5, "template")


def test_settings_in_python_are_checked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The place stands for the line; what Python refuses is one error."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    (folder / "checked_settings.py").write_text(MODULE)
    (folder / "wrong_settings_too.py").write_text(MODULE + "wrong = of(lifetime=3)\n")
    assert told("checked_settings:fine", CONSENT_SECRET_KEYS=None)["findings"] == []
    for attribute, expected in (
        ("open", [("checked_settings:open, undeclared", "undeclared-allowed"), ("checked_settings:open, category[0]", "empty-category")]),
        ("mute", [("checked_settings:mute", "unusable"), ("checked_settings:mute, policy_date", "policy-undated")]),
    ):  # fmt: skip
        found = told(f"checked_settings:{attribute}")["findings"]
        assert [(one["where"], one["code"]) for one in found] == expected
        assert {one["line"] for one in found} == {None}
    [found] = told("wrong_settings_too:wrong")["findings"]
    assert (found["what"], found["severity"]) == ("lifetime: came as 3.", "error")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("no.toml", "{here}/no.toml: the file cannot be read: No such file or directory."),
        (".", "{here}: the file cannot be read: Is a directory."),
        ("json:dumps", "PATH: json:dumps holds no ConsentSettings."),
        ("no_settings:x", "PATH: 'no_settings' cannot be imported: ModuleNotFoundError (No module named 'no_settings')."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, address: str, sentence: str
) -> None:
    """Exit 2, so that a pipeline does not take it for a finding."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    found = consent("check", address)
    assert (found.exit_code, found.stdout, found.stderr) == (
        2,
        "",
        f"consent: {seen(sentence)}\n",
    )


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_the_examples_are_in_order(path: Path) -> None:
    """Nobody copies a risk from us."""
    found = told(str(path))
    assert (found["errors"], found["warnings"]) == (0, 0), found["findings"]


def test_the_schema_is_printed(folder: Path) -> None:
    """`consent schema > consent.schema.json` gives editors what the package ships."""
    found = consent("schema")
    assert found.exit_code == 0
    assert found.stdout == (ROOT / "consent" / "consent.schema.json").read_text()
