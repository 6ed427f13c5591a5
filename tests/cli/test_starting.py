"""A new site: `consent init` writes settings and a key, `consent new-key` prints one."""

import json
import os
import re
import shutil
import stat
import subprocess
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from consent import ConsentSettings, services
from consent.checking import findings
from consent.cli import terminal
from consent.cli.drafting import Answers, draft
from consent.settings_file import new_converter, structured
from tests.cli.evidence import consent
from tests.sites import SECRET

WHO = "The Example Post, 1 Mill Lane"
GIT = shutil.which("git") or "git"
START = "Start your site so that it reads the key: uvicorn main:app --env-file .env"


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with nothing in it, which is the working directory; a umask as on most machines."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def init(*options: str, **values: Any) -> Any:
    return consent("init", *options, **values)


def key(folder: Path) -> str:
    [line] = (folder / ".env").read_text().splitlines()
    name, _, value = line.partition("=")
    assert name == "CONSENT_SECRET_KEYS"
    return value


def read(folder: Path) -> ConsentSettings:
    return ConsentSettings.from_toml(folder / "consent.toml", environ={"CONSENT_SECRET_KEYS": key(folder)})


def checked() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(consent("check", "--json", CONSENT_SECRET_KEYS=None).stdout)
    return found


def test_a_key_is_new_and_long_enough() -> None:
    """Each is another one, of 256 bits, and settings take it (R31)."""
    keys = {consent("new-key").stdout.strip() for _ in range(3)}
    assert len(keys) == 3
    assert all(len(each) == 43 for each in keys)
    assert ConsentSettings(controller="x", secret_keys=sorted(keys)).secret_keys
    told = " ".join(consent("new-key", "--help").stdout.split())
    assert "CONSENT_SECRET_KEYS=old,new" in told


def test_the_defaults_are_settings_in_which_nothing_is_found(empty: Path) -> None:
    """One option is needed; what is written can be used, checked and completed at once."""
    found = init("--yes", "--controller", WHO)
    assert (found.exit_code, found.stdout) == (0, "")
    assert found.stderr.splitlines() == [
        "A fresh key is in .env: keep that file out of version control.",
        START,
        "consent.toml is written.",
    ]
    settings = read(empty)
    assert (settings.controller, settings.language, settings.categories) == (WHO, "en", ())
    assert checked() == {"errors": 0, "warnings": 0, "hints": 0, "findings": []}
    assert consent("check", "--strict").exit_code == 0
    first, *_ = (empty / "consent.toml").read_text().splitlines()
    assert first == "#:schema ./consent.schema.json"
    assert (empty / "consent.schema.json").read_text() == consent("schema").stdout
    assert sorted(path.name for path in empty.iterdir()) == [".env", "consent.schema.json", "consent.toml"]


@pytest.mark.parametrize(
    ("who", "name"), [(WHO, "The Example Post"), ("The Example Post", None), (", 1 Mill Lane", None)]
)
def test_the_banner_gets_the_name_that_stands_before_the_address(
    empty: Path, who: str, name: str | None
) -> None:
    """Where it is plain where the name ends, it is written on a line of its own, to be mended (R7)."""
    init("--yes", "--controller", who)
    assert read(empty).controller_name == name


def test_only_the_owner_can_read_the_key(empty: Path) -> None:
    """The file of the key has the mode 0600 from the moment it is there (R31)."""
    before = os.umask(0)
    try:
        init("--yes", "--controller", WHO)
    finally:
        os.umask(before)
    assert stat.S_IMODE((empty / ".env").stat().st_mode) == 0o600


def test_a_file_that_everybody_could_read_is_closed(empty: Path) -> None:
    """Whoever could read the file of the key before cannot read the key (R31)."""
    (empty / ".env").write_text("PORT=1\n")
    (empty / ".env").chmod(0o644)
    init("--yes", "--controller", WHO)
    assert "CONSENT_SECRET_KEYS=" in (empty / ".env").read_text()
    assert stat.S_IMODE((empty / ".env").stat().st_mode) == 0o600


def test_everything_can_be_an_option(empty: Path) -> None:
    """Services stand where they belong; a category without any is there as a comment."""
    options = ["--service=django-session", "--service=youtube", "--service=hotjar", "--category=preferences"]
    options += ["--language=de", "--language=en", "--policy-url=/cookies"]
    assert init("--yes", "--controller", 'The "Café"\x7f\n\\', *options).exit_code == 0
    settings = read(empty)
    assert (settings.controller, settings.policy_url) == ('The "Café"\x7f\n\\', "/cookies")
    assert (settings.language, settings.default_language) == (None, "de")
    assert [(one.id, [service.id for service in one.services]) for one in settings.categories] == [
        ("necessary", ["django-session"]),
        ("analytics", ["hotjar"]),
        ("marketing", ["youtube"]),
    ]
    text = (empty / "consent.toml").read_text()
    assert '# [[category]]\n# id = "preferences"' in text
    assert 'purpose = { de = "...", en = "..." }' in text
    assert checked()["findings"] == []


def test_what_a_vendor_sets_for_too_long_is_told(empty: Path) -> None:
    """The site can have it set for less; nobody else knows whether it does."""
    found = init("--yes", "--controller", WHO, "--service=google-analytics", "--output=sub.toml")
    _, told = found.stderr.split("sub.toml is written; `consent check sub.toml` says:\n")
    assert re.match(r"  sub\.toml:\d+:\d+: hint \[vendor-duration\] .*'_ga'", told)
    assert consent("check", "sub.toml", "--strict").exit_code == 0


def test_every_ready_made_service_can_be_taken() -> None:
    """What is written for it is no error and no risk; at most the vendor sets something for too long."""
    converter = new_converter()
    for name in services.names():
        answers = Answers(controller=WHO, services=[name])
        text = draft(answers, name="consent.toml", day=date(2100, 1, 1), ready_made=1)
        made, problems = structured(
            ConsentSettings, {"secret_keys": [SECRET], **tomllib.loads(text)}, converter
        )
        assert made is not None, (name, problems)
        codes = {found.kind.code for found in findings(made, today=date(2100, 1, 1))}
        assert codes <= {"vendor-duration"}, (name, codes)


def test_somebody_is_asked(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no option says; services are searched by id and name until there is one of that name."""
    monkeypatch.setattr(terminal, "is_attended", lambda: True)
    answers = [
        "",
        WHO,
        "/cookies",
        "analytics marketing",
        "rails",
        "9",
        "3",
        "google",
        "2",
        "nobody knows it",
        "youtube",
        "Hotjar",
        "",
        "de, en",
    ]
    found = init(answer="\n".join(answers) + "\n")
    assert found.exit_code == 0, found.stderr
    assert found.stderr.count("Who is responsible for the site (name and address)?") == 2
    assert "Categories to ask for (preferences, analytics, marketing)? (analytics)" in found.stderr
    assert "\n   1 blacksheep-session: Session (BlackSheep)\n   2 django-session: " in found.stderr
    assert found.stderr.count("There is none; choose another, or none and declare it in the file.") == 2
    assert "Which of these (number or name)?\n   1 google-ad-manager: " in found.stderr
    assert all(f" {name}: " in found.stderr for name in services.names() if "google" in name)
    assert "There is none; declare it in the file." in found.stderr
    assert "YouTube is taken, as marketing." in found.stderr
    settings = read(empty)
    assert (settings.controller, settings.policy_url, settings.default_language) == (WHO, "/cookies", "de")
    assert [service.id for _, service in settings.catalogue.services] == [
        "flask-session",
        "hotjar",
        "google-ads",
        "youtube",
    ]


def test_a_site_without_a_session_declares_none(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is an answer, and the option can be empty."""
    monkeypatch.setattr(terminal, "is_attended", lambda: True)
    options = [
        "--controller",
        WHO,
        "--policy-url=",
        "--category=analytics",
        "--service=youtube",
        "--language=en",
    ]
    assert init(*options, answer="\n").exit_code == 0
    assert init(*options, "--session=", "--force").exit_code == 0
    assert [service.id for _, service in read(empty).catalogue.services] == ["youtube"]


def test_the_session_is_declared_at_once(empty: Path) -> None:
    """A login works from the first start: what keeps it is necessary, and nobody is asked (R12)."""
    assert init("--yes", "--controller", WHO, "--session=starlette-session").exit_code == 0
    assert read(empty).catalogue.requires("session") == {"starlette-session"}
    assert checked()["findings"] == []


def test_nobody_is_asked_what_is_known(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options are answers."""
    monkeypatch.setattr(terminal, "is_attended", lambda: True)
    options = [
        "--controller",
        WHO,
        "--policy-url=",
        "--category=analytics",
        "--session=django-session",
        "--service=youtube",
        "--language=en",
    ]
    found = init(*options)
    assert (found.exit_code, "?" in found.stderr) == (0, False)


def test_nothing_is_overwritten(empty: Path) -> None:
    """Settings only with `--force`; a key never, as the answers of visitors depend on it (R31)."""
    init("--yes", "--controller", WHO)
    kept = key(empty)
    refused = init("--yes", "--controller", "Another")
    assert (refused.exit_code, refused.stderr) == (
        2, "consent: consent.toml: is there already; --force overwrites it.\n",
    )  # fmt: skip
    assert read(empty).controller == WHO
    forced = init("--yes", "--controller", "Another", "--force")
    assert forced.exit_code == 0
    assert forced.stderr.startswith(".env has a key already, which stays.\n")
    assert (read(empty).controller, key(empty)) == ("Another", kept)


@pytest.mark.parametrize(
    "line",
    ['  CONSENT_SECRET_KEYS = "old"', "export  CONSENT_SECRET_KEYS=old", "\tCONSENT_SECRET_KEYS\t=old"],
)
def test_a_key_is_found_however_its_line_is_written(empty: Path, line: str) -> None:
    """Libraries that read such files take blanks, and of two keys the last: answers depend on the first (R31)."""
    (empty / ".env").write_text(f"PORT=1\n{line}\n")
    assert init("--yes", "--controller", WHO).stderr.startswith(".env has a key already, which stays.\n")
    assert (empty / ".env").read_text() == f"PORT=1\n{line}\n"


def test_a_schema_of_ones_own_stays(empty: Path) -> None:
    """It is overwritten with `--force` alone; ours need not be."""
    schema = empty / "consent.schema.json"
    schema.write_text("mine")
    refused = init("--yes", "--controller", WHO)
    sentence = "consent: consent.schema.json: is there already; --force overwrites it.\n"
    assert (refused.exit_code, refused.stderr) == (2, sentence)
    assert [path.name for path in empty.iterdir()] == [schema.name]
    assert init("--yes", "--controller", WHO, "--force").exit_code == 0
    assert schema.read_text() == consent("schema").stdout
    assert init("--yes", "--controller", WHO, "--output", "another.toml").exit_code == 0


@pytest.mark.parametrize("name", ["consent.toml", "consent.schema.json"])
def test_links_are_not_written_through(empty: Path, name: str) -> None:
    """What somebody has put there to lead elsewhere changes nothing elsewhere, with `--force` neither."""
    (empty / "sub").mkdir()
    (empty / "victim").write_text("precious")
    (empty / "sub" / name).symlink_to(empty / "victim")
    found = init("--yes", "--controller", WHO, "--output", "sub/consent.toml", "--force")
    assert found.exit_code == 2
    assert found.stderr.startswith(f"consent: sub/{name}: the file cannot be written: Too many levels of ")
    assert (empty / "victim").read_text() == "precious"


@pytest.mark.parametrize("name", [".env", ".gitignore"])
def test_what_cannot_be_completed_is_told_before_anything_is_written(empty: Path, name: str) -> None:
    """A file that is no text, or no file: one sentence, exit 2."""
    (empty / name).write_bytes(b"\xff\xfe")
    options = ("--yes", "--controller", WHO, "--gitignore")
    found = init(*options)
    assert (found.exit_code, found.stderr) == (
        2,
        f"consent: {name}: the file cannot be read: it is not UTF-8.\n",
    )
    (empty / name).unlink()
    (empty / name).mkdir()
    assert init(*options).stderr == f"consent: {name}: the file cannot be read: Is a directory.\n"
    assert [path.name for path in empty.iterdir()] == [name]


@pytest.mark.parametrize("before", ["PORT=1\n", "PORT=1"])
def test_other_lines_stay(empty: Path, before: str) -> None:
    """What other files hold is kept; .gitignore outside a repository only if that is asked for, and once."""
    (empty / ".env").write_text(before)
    (empty / ".gitignore").write_text("*.pyc")
    init("--yes", "--controller", WHO)
    assert (empty / ".env").read_text().startswith("PORT=1\nCONSENT_SECRET_KEYS=")
    assert (empty / ".gitignore").read_text() == "*.pyc"
    for _ in range(2):
        init("--yes", "--controller", WHO, "--gitignore", "--force")
        assert (empty / ".gitignore").read_text() == "*.pyc\n.env\n"
    (empty / ".gitignore").unlink()
    init("--yes", "--controller", WHO, "--gitignore", "--force")
    assert (empty / ".gitignore").read_text() == ".env\n"


def test_git_is_told_to_ignore_the_key(empty: Path) -> None:
    """In a repository that would take `.env` up, and unless that is not wanted; it is said (R31)."""
    subprocess.run([GIT, "init", "--quiet"], check=True, cwd=empty)
    ignoring = empty / ".gitignore"
    init("--yes", "--controller", WHO, "--no-gitignore")
    assert not ignoring.exists()
    told = init("--yes", "--controller", WHO, "--force").stderr
    assert (ignoring.read_text(), "\n.env is in .gitignore now.\n" in told) == (".env\n", True)
    ignoring.write_text(".e*\n")
    told = init("--yes", "--controller", WHO, "--force").stderr
    assert (ignoring.read_text(), "gitignore" in told) == (".e*\n", False)


def test_git_need_not_be_there(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it nothing is ignored, and nothing fails."""
    subprocess.run([GIT, "init", "--quiet"], check=True, cwd=empty)
    monkeypatch.setenv("PATH", str(empty))
    assert shutil.which("git") is None
    assert init("--yes", "--controller", WHO).exit_code == 0
    assert not (empty / ".gitignore").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--controller", "x"], "--yes: is missing; without a terminal nobody can be asked."),
        (["--yes"], "--controller: is missing; nobody else knows who is responsible."),
        (["--yes", "--controller=x", "--category=ads"], "--category: came as 'ads'; allowed are necessary, preferences, "),
        (["--yes", "--controller=x", "--service=youtub"], "--service: came as 'youtub', which is no ready-made service;"),
        (["--yes", "--controller=x", "--session=youtube"], "--session: came as 'youtube', which needs consent; allowed are blacksheep-session, "),
        (["--yes", "--controller=x", "--session=rails"], "--session: came as 'rails', which is no ready-made service;"),
        (["--yes", "--controller=x", "--language=xx"], "--language: came as 'xx'; allowed are ar, bg, "),
        (["--yes", "--controller= "], "--controller: came as ' '; allowed is the name and address"),
        (["--yes", "--controller=x", "--policy-url=cookies"], "--policy-url: came as 'cookies'; allowed is a local path"),
        (["--yes", "--controller=x", "--output=no/consent.toml"], "no/consent.toml: the file cannot be written: No such file"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_one_sentence(empty: Path, options: list[str], sentence: str) -> None:
    """Exit 2, and nothing is written."""
    found = init(*options)
    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr.startswith(f"consent: {sentence}")
    assert len(found.stderr.splitlines()) == 1
    assert list(empty.iterdir()) == []
