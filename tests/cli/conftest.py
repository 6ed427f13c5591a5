"""A site with a file of records, in a folder of its own that is the working directory."""

from pathlib import Path

import pytest

from tests.cli.evidence import TOML, Site
from tests.ui.conftest import show

__all__ = ["show"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory; it holds settings."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "consent.toml").write_text(TOML)
    return tmp_path


@pytest.fixture
def site(folder: Path) -> Site:
    """A site that has kept six decisions of four visitors over three days, in two languages."""
    made = Site(folder / "records.sqlite3")
    made.visitor().decides("accept").decides("withdraw", day=2, method="policy")
    made.visitor("de").decides("reject")
    made.visitor("de").decides("save", "analytics", day=2, method="dialog")
    made.visitor().decides("accept", day=2).decides("save", "ads", day=2.1, method="dialog")
    return made.keep()
