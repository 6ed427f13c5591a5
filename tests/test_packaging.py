"""What is uploaded: the wheel carries the package and nothing else, and works with what it says it needs."""

import subprocess
import sys
import tarfile
import tomllib
import venv
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def build(source: Path, folder: Path, *kinds: str) -> None:
    command = [sys.executable, "-m", "build", "--no-isolation", *kinds, "--outdir", str(folder), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from the tree."""
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder, "--sdist", "--wheel")
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Iterator[ZipFile]:
    [path] = built.glob("*.whl")
    assert path.name.endswith("-py3-none-any.whl")
    with ZipFile(path) as file:
        yield file


@pytest.fixture(scope="module")
def metadata(wheel: ZipFile) -> Message:
    [name] = [name for name in wheel.namelist() if name.endswith("dist-info/METADATA")]
    return Parser().parsestr(wheel.read(name).decode())


def package_files() -> set[str]:
    """Every file of the package in the tree."""
    files = (path for path in (ROOT / "consent").rglob("*") if path.is_file())
    return {str(path.relative_to(ROOT)) for path in files if path.suffix != ".pyc"}


def test_the_wheel_carries_the_package_and_nothing_else(wheel: ZipFile) -> None:
    """Templates, stylesheets, scripts, languages, services and types go along; tests, docs and examples stay."""
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == package_files()
    kinds = {f"{name.rpartition('/')[0]} {Path(name).suffix}" for name in names}
    assert kinds >= {
        *("consent/ui/templates .html", "consent/ui/static .css", "consent/ui/static .js", "consent/ui .ts"),
        *("consent/ui/locales .toml", "consent/services .toml", "consent/calls .toml", "consent .typed"),
    }
    inside = {name.partition("/")[2] for name in wheel.namelist() if ".dist-info/" in name}
    assert inside >= {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}


def test_the_sdist_builds_the_same_wheel(built: Path, wheel: ZipFile, tmp_path: Path) -> None:
    """Whoever builds from the sources gets what we upload, byte for byte; the tests come with them."""
    [path] = built.glob("*.tar.gz")
    with tarfile.open(path) as file:
        file.extractall(tmp_path, filter="data")
    [source] = tmp_path.iterdir()
    assert {entry.name for entry in source.iterdir()} == {
        *("benchmarks", "consent", "docs", "examples", "scripts", "tests"),
        *(".gitignore", "CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml"),
    }
    build(source, tmp_path / "again", "--wheel")
    [again] = (tmp_path / "again").glob("*.whl")
    with ZipFile(again) as other:
        contents = {name: other.read(name) for name in other.namelist()}
    assert contents == {name: wheel.read(name) for name in wheel.namelist()}


def test_the_metadata_says_what_the_project_says(metadata: Message) -> None:
    """Version, Python, extras and what each of them needs."""
    assert metadata["Name"] == "asgi-consent"
    assert metadata["Requires-Python"] == PROJECT["requires-python"]
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_all("Provides-Extra") == sorted(PROJECT["optional-dependencies"])
    minimum = [
        part for part in PROJECT["classifiers"] if part.startswith("Programming Language :: Python :: 3.")
    ]
    assert minimum == [f"Programming Language :: Python :: 3.{minor}" for minor in (11, 12, 13)]


def test_it_works_with_what_it_says_it_needs(wheel: ZipFile, metadata: Message, tmp_path: Path) -> None:
    """An environment that holds the wheel, its dependencies and theirs, and nothing of ours: a visit from the
    first page to the withdrawal.
    """
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    [site] = (tmp_path / "venv").glob("lib/python*/site-packages")
    wheel.extractall(site)  # noqa: S202  # our own
    for name in needed(metadata):
        for file in distribution(name).files or ():
            top = file.parts[0]
            if top not in ("..", "__pycache__") and not (site / top).exists():
                (site / top).symlink_to(str(distribution(name).locate_file(top)))
    python = tmp_path / "venv" / "bin" / "python"
    smoke = ROOT / "tests" / "smoke.py"
    command = [str(python), "-I", "-W", "error", str(smoke)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"consent {metadata['Version']} works")


def test_nothing_is_imported_that_nobody_asked_for() -> None:
    """`import consent` brings along no database, terminal, metrics or framework, and nothing that only a site with
    settings needs: a command that only looks in starts at once.
    """
    heavy = {
        "cattrs",
        "cryptography",
        "django",
        "fastapi",
        "jinja2",
        "litestar",
        "opentelemetry",
        "playwright",
    }
    heavy |= {"prometheus_client", "rich", "sqlalchemy", "typer"}
    code = f"import sys, consent; print(*sorted({heavy!r}.intersection(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []


def needed(metadata: Message) -> set[str]:
    """The names of all distributions that the package needs without extras."""
    found = set[str]()
    waiting = [Requirement(line) for line in metadata.get_all("Requires-Dist") or ()]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        marker = requirement.marker
        if name in found or (marker and not marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        waiting += [Requirement(line) for line in distribution(name).requires or ()]
    return found
