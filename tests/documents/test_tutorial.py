"""The tutorial: every step of it is done as printed, in an empty folder, and gives what it says."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx2

from tests.test_docs import ROOT, free_port, until_it_answers

TEXT = (ROOT / "docs" / "tutorial.md").read_text()
ADDRESS = "http://127.0.0.1:8000"
SET_UP = ("mkdir ", "cd ", "python3 -m venv ", "pip install ")
"""What the tests' own folder and environment have already."""


def steps() -> Iterator[tuple[str, str]]:
    """The blocks of the page in their order, each with its language; of consoles, each command by itself."""
    for language, block in re.findall(r"^```(\w+)\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE):
        if language != "console":
            yield language, block
            continue
        for command in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            yield language, command


class Reader:
    """Somebody who does what the page says, with two terminals."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"http://127.0.0.1:{free_port()}"
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CONSENT_")}
        self.second = {**kept, "PATH": path, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
        self.first = {**self.second}
        self.server: subprocess.Popen[bytes] | None = None
        self.outdated = False
        self.defined = ""

    def saves(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)
        self.outdated = True

    def edits(self, block: str) -> None:
        """Python that begins with Starlette is the whole file; other Python comes at its end."""
        whole = block.startswith("from starlette")
        self.saves("app.py", block if whole else (self.folder / "app.py").read_text() + "\n" + block)

    def declares(self, block: str) -> None:
        """TOML with a category is the whole file; other TOML takes the place of its first lines."""
        if "[[category]]" not in block:
            block += "\n" + (self.folder / "consent.toml").read_text().partition("\n\n")[2]
        self.saves("consent.toml", block)

    def replaces(self, line: str) -> None:
        """A line of HTML takes the place of the one that names the same file."""
        text = (self.folder / "app.py").read_text()
        [old] = [each for each in text.splitlines(keepends=True) if "count.js" in each]
        self.saves("app.py", text.replace(old, line))

    def types(self, entered: str) -> None:
        command, _, expected = entered.partition("\n")
        if command.startswith("uvicorn"):
            self.starts()
        elif command.startswith("export "):
            name, value = re.fullmatch(r"export (\w+)=(.*)", command).groups()  # type: ignore[union-attr]
            terminal = self.first if name == "CONSENT_SECRET_KEYS" else self.second
            terminal[name] = self.runs(f"printf %s {value}")
        elif re.match(r"\w+(=|\(\) )", command):
            self.defined += command.replace(ADDRESS, self.address) + "\n"
        elif not command.startswith(SET_UP):
            if self.outdated:
                self.starts()
            said = self.runs(command)
            assert matches(said, expected), f"{command}\n{said}\nis not\n{expected}"

    def runs(self, command: str) -> str:
        done = subprocess.run(
            ["bash", "-c", self.defined + command],  # noqa: S607  # the reader's own shell
            cwd=self.folder,
            env=self.second,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout

    def starts(self) -> None:
        """Start the server as it stands now; its page answers, and no link in it leads nowhere."""
        self.stops()
        port = self.address.rpartition(":")[2]
        command = [sys.executable, "-m", "uvicorn", "app:app", "--port", port, "--log-level", "warning"]
        self.server = subprocess.Popen(command, cwd=self.folder, env=self.first)
        self.outdated = False
        with httpx2.Client(base_url=self.address) as client:
            page = until_it_answers(client).text
            links = {unescape(link) for link in re.findall(r'<a\b[^>]* href="(/[^"]*)"', page)}
            assert [link for link in links if client.get(link).status_code != 200] == []

    def stops(self) -> None:
        if self.server is not None:
            self.server.terminate()
            self.server.wait()


def matches(said: str, expected: str) -> bool:
    """Whether the output is the printed one, where ``...`` stands for anything."""
    pattern = ".*".join(re.escape(part) for part in expected.rstrip().split("..."))
    return re.fullmatch(pattern, said.replace("\r", "").rstrip(), re.DOTALL) is not None


def test_the_tutorial_is_done_as_printed(tmp_path: Path) -> None:
    """Each file is saved and each command typed; what comes out is what the page says (R1, R18, R25)."""
    reader = Reader(tmp_path)
    try:
        for language, block in steps():
            match language:
                case "python":
                    reader.edits(block)
                case "toml":
                    reader.declares(block)
                case "html":
                    reader.replaces(block)
                case _:
                    reader.types(block)
        assert (tmp_path / "consent.sqlite3").exists()
    finally:
        reader.stops()


def test_the_reader_notices_what_is_not_so() -> None:
    """Another output than the printed one is a failure."""
    assert matches("set-cookie: consent=1.2; Path=/\r\n", "set-cookie: consent=1...; Path=/\n")
    assert not matches("set-cookie: visits=1\n", "0\n")
    assert not matches("0\nset-cookie: visits=1\n", "0\n")
    assert len([language for language, _ in steps() if language == "console"]) >= 20
