"""The command line as a whole: how it starts, how it fails, and what its documents say."""

import builtins
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main

import consent.cli
from consent import __version__
from consent.cli.app import app
from tests.cli.evidence import Site, append_together, seen
from tests.cli.evidence import consent as command
from tests.sites import SECRET, run

ROOT = Path(__file__).parents[2]
ENTRY = [sys.executable, "-c", "from consent.cli import main; main()"]


def environ(**values: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "CONSENT_SECRET_KEYS": SECRET, "TERM": "xterm", **values}


def commands() -> dict[str, Any]:
    """Every command by its words."""
    root: Any = typer.main.get_command(app)
    found = {}
    for name, one in root.commands.items():
        inner = getattr(one, "commands", None)
        named = {name: one} if inner is None else {f"{name} {sub}": each for sub, each in inner.items()}
        found.update({f"consent {words}": each for words, each in named.items()})
    return found


def test_the_entry_point_is_declared() -> None:
    """Installed with the extra, there is a command `consent`."""
    project = (ROOT / "pyproject.toml").read_text()
    assert '[project.scripts]\nconsent = "consent.cli:main"' in project


def test_the_library_does_not_need_the_command_line() -> None:
    """Whoever imports the library loads neither typer nor rich."""
    code = "import sys, consent; print([name for name in ('typer', 'rich') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("missing", ["typer", "rich", "tree_sitter_toml"])
def test_without_the_extra_it_says_what_to_install(missing: str) -> None:
    """One line, exit 2, no traceback."""
    code = f"import sys; sys.modules[{missing!r}] = None; from consent.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "consent: the command line needs more: pip install 'asgi-consent[cli]'\n"


@pytest.mark.parametrize(
    ("missing", "raised"), [("typer", SystemExit), ("rich.table", SystemExit), ("babel", ModuleNotFoundError)]
)
def test_only_the_extra_is_told_of(
    missing: str, raised: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anything else that is missing is a fault of the installation, and shows where."""
    known = builtins.__import__

    def without(name: str, *others: Any) -> Any:
        if name == "consent.cli.app":
            raise ModuleNotFoundError(name=missing)
        return known(name, *others)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(raised):
        consent.cli.main()


def test_the_entry_point_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`consent --version` names the package and its version."""
    monkeypatch.setattr(sys, "argv", ["consent", "--version"])
    with pytest.raises(SystemExit) as exited:
        consent.cli.main()
    assert (exited.value.code, capsys.readouterr().out) == (0, f"asgi-consent {__version__}\n")


def test_every_command_explains_itself() -> None:
    """`--help` tells what each command and each option is for."""
    for words, one in commands().items():
        found = command(*words.split()[1:], "--help")
        assert found.exit_code == 0
        assert found.stdout.count("Usage") == 1
        assert one.help
        assert all(param.help for param in one.params), words


# --- faults of whoever types ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "--records (or CONSENT_RECORDS): is missing; allowed is the path of a SQLite file, or the URL"),
        (["--records", "no.sqlite3"], "--records: there is no file 'no.sqlite3'."),
        (["--records", "."], "--records: there is no file '.'."),
        (["--records", "consent.toml"], "--records: 'consent.toml' holds no consent records, or may not be read."),
        (["--records", "other.sqlite3"], "--records: 'other.sqlite3' holds no consent records"),
        (["--records", "sqlite+aiosqlite:///no.sqlite3"], "--records: there is no file 'no.sqlite3'."),
        (["--records", "sqlite+aiosqlite:///other.sqlite3"], "The database failed: no such table: consent_head."),
        (["--records", "oracle+none://u:hidden@h/d"], "--records: the URL (not shown) cannot be used;"),
        (["--records", "postgresql+asyncpg://u:hidden@h:port/d"], "--records: the URL (not shown) cannot be used;"),
        (["--records", "postgresql+asyncpg://u:hidden@127.0.0.1:1/d"], "The database failed: "),
        (["--records", "mysql+aiomysql://u:hidden@h/d"], "--records: the driver 'aiomysql' is not installed."),
        (["--since", "yesterday"], "--since: came as 'yesterday'; allowed is a day such as 2026-11-24"),
        (["--since", "2026-02-01", "--until", "2026-01-01"], "--until: 2026-01-01 is before 2026-02-01"),
    ],
)  # fmt: skip
def test_a_wrong_store_is_one_sentence_and_no_new_file(
    folder: Path, options: list[str], sentence: str
) -> None:
    """Exit 2, no traceback, no password, and nothing is made or changed."""
    site = Site(folder / "other.sqlite3")
    site.change("create table news (id)")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    found = command("records", "stats", *options)
    assert found.exit_code == 2
    assert found.stdout == ""
    assert found.stderr.startswith(f"consent: {sentence}")
    assert len(found.stderr.splitlines()) == 1
    assert "hidden" not in found.stderr
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_database_needs_the_extra(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Without SQLAlchemy, one sentence says what to install."""
    monkeypatch.delitem(sys.modules, "consent.cli.databases", raising=False)
    monkeypatch.setitem(sys.modules, "consent.cli.databases", None)
    found = command("records", "stats", "--records", "sqlite+aiosqlite:///x")
    assert (found.exit_code, found.stderr) == (
        2, "consent: --records: a database needs more: pip install 'asgi-consent[sql]'.\n",
    )  # fmt: skip


def test_a_database_is_read_like_a_file(site: Site) -> None:
    """The same records, by path and by URL, from an option or from the environment."""
    by_path = command("records", "stats", "--json", CONSENT_RECORDS=str(site.path))
    by_url = command("records", "stats", "--json", CONSENT_RECORDS=f"sqlite+aiosqlite:///{site.path}")
    assert by_path.exit_code == by_url.exit_code == 0, by_url.stderr
    assert by_path.stdout == by_url.stdout
    assert json.loads(by_path.stdout)["decisions"] == 6


MODULE = """from consent import ConsentSettings
import os
settings = ConsentSettings(controller="The module", secret_keys=(os.environ["CONSENT_SECRET_KEYS"],))
number = 7
"""


def test_settings_come_from_a_file_or_from_the_sites_code(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By option, by environment, or the `consent.toml` that is there."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    (folder / "paper_settings.py").write_text(MODULE)
    (folder / "other.toml").write_text('controller = "The other file"')
    for found, controller in (
        (command("manifest"), "The Example Post, 1 Mill Lane, Exampleton"),
        (command("manifest", "--settings", "other.toml"), "The other file"),
        (command("manifest", CONSENT_SETTINGS="other.toml"), "The other file"),
        (command("manifest", "--settings", "paper_settings:settings"), "The module"),
        (command("manifest", "--settings", "paper_settings:settings"), "The module"),
    ):
        assert found.exit_code == 0, found.stderr
        assert json.loads(found.stdout)["controller"] == controller


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("no.toml", "{here}/no.toml: the file cannot be read: No such file or directory."),
        ("faulty_settings:nothing", "--settings: faulty_settings:nothing holds no ConsentSettings."),
        ("faulty_settings:number", "--settings: faulty_settings:number holds no ConsentSettings."),
        ("no_settings:x", "--settings: 'no_settings' cannot be imported: ModuleNotFoundError (No module named 'no_settings')."),
        ("raising_settings:x", "--settings: 'raising_settings' cannot be imported: ValueError."),
        ("wrong_settings:x", "controller: came as ''; allowed is the name and address of who is responsible."),
    ],
)  # fmt: skip
def test_wrong_settings_are_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, address: str, sentence: str
) -> None:
    """Exit 2; what a site's own code says when it fails is not shown, as it may hold a secret."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    (folder / "faulty_settings.py").write_text(MODULE)
    (folder / "raising_settings.py").write_text(f'raise ValueError("{SECRET}")')
    (folder / "wrong_settings.py").write_text(
        'from consent import ConsentSettings\nx = ConsentSettings(controller="")'
    )
    found = command("manifest", "--settings", address)
    assert (found.exit_code, found.stderr) == (2, f"consent: {seen(sentence)}\n")


def test_a_command_that_needs_settings_says_so(site: Site) -> None:
    """Without a file and without an option, one sentence says what is allowed."""
    (site.path.parent / "consent.toml").unlink()
    for words in (["manifest"], ["records", "checkpoint"], ["records", "export", "--format", "dpv"]):
        found = command(*words, CONSENT_RECORDS=str(site.path))
        assert found.exit_code == 2
        assert found.stderr.startswith("consent: --settings (or CONSENT_SETTINGS): is missing")


# --- terminals and pipes --------------------------------------------------------------------------


def test_a_pipe_that_closes_early_is_no_error(folder: Path) -> None:
    """`consent records export | head -1` ends quietly, however much was to come."""
    site = Site(folder / "many.sqlite3")
    for _ in range(3_000):
        site.visitor().decides("accept")
    run(append_together, site.path, site.made)
    shell = [*ENTRY, "records", "export", "--records", str(site.path)]
    with subprocess.Popen(shell, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ()) as exporting:
        assert exporting.stdout is not None
        assert exporting.stderr is not None
        assert json.loads(exporting.stdout.readline())["chain"]["position"] == 1
        exporting.stdout.close()
        assert exporting.stderr.read() == b""


def test_on_a_terminal_there_is_a_bar_and_a_question(site: Site) -> None:
    """Both go to standard error, so that what is printed stays clean; a no removes nothing (R26)."""
    primary, secondary = pty.openpty()
    shell = [*ENTRY, "records", "purge", "--before", "2027-01-17", "--force", "--records", str(site.path)]
    with subprocess.Popen(
        shell, stdin=secondary, stdout=subprocess.PIPE, stderr=secondary, env=environ()
    ) as purging:
        os.close(secondary)
        os.write(primary, b"n\n")
        assert purging.stdout is not None
        assert purging.stdout.read() == b"Nothing was removed.\n"
    shown = drained(primary)
    assert "Counting" in shown
    assert "Remove 2 records from before 2027-01-17T00:00:00.000Z for good?" in shown
    assert json.loads(command("records", "stats", "--records", site.path, "--json").stdout)["removed"] == 0


def drained(primary: int) -> str:
    """What a terminal that nobody writes to any more has shown."""
    shown = b""
    try:
        while part := os.read(primary, 4096):
            shown += part
    except OSError:  # Linux says so at the end
        pass
    os.close(primary)
    return shown.decode()


# --- the documents --------------------------------------------------------------------------------


def test_the_reference_names_every_command_and_option() -> None:
    """docs/reference/cli.md has a section for each command, with a row for each of its options, and no others."""
    text = (ROOT / "docs" / "reference" / "cli.md").read_text()
    sections = dict(re.findall(r"^## `(consent [a-z -]+)`\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))
    assert sections.keys() == commands().keys()
    for words, one in commands().items():
        named = set(re.findall(r"^\| `([^` ]+)", sections[words], re.MULTILINE))
        known = {param.opts[0] if param.opts[0].startswith("-") else param.metavar for param in one.params}
        assert named == known, words
