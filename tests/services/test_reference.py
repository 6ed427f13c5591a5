"""The reference page is made from the declarations."""

import re
import sys
from pathlib import Path

import pytest

from consent import services
from consent.services.reference import markdown
from consent.services.trackers import derived
from tests.sites import execute

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "services.md"


def test_the_reference_is_current() -> None:
    """It says what the files say: `python -m consent.services reference > docs/reference/services.md`."""
    assert PAGE.read_text("utf-8") == markdown()


def test_every_service_stands_in_it_with_its_sources() -> None:
    """Once in a table of its kind, and once with the vendor's pages."""
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|", markdown(), re.MULTILINE)
    assert sorted(rows) == sorted([*services.names()] * 2)
    assert (
        "| `youtube` | YouTube | Google Ireland Limited, Ireland (data goes to US) | marketing | `YSC`"
        in markdown()
    )


def test_the_numbers_in_the_docs_are_those_of_the_files() -> None:
    """Nobody counts them by hand."""
    told = len(services.names())
    assert f"{told} services" in (ROOT / "docs" / "how-to" / "use-a-ready-made-service.md").read_text()
    assert f"[{told}](docs/reference/services.md)" in (ROOT / "CHANGELOG.md").read_text()


def test_a_command_prints_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever corrects a declaration makes both files anew."""
    for name, expected in (("reference", markdown()), ("trackers", derived())):
        monkeypatch.setattr(sys, "argv", ["consent.services", name])
        execute("consent.services")
        assert capsys.readouterr().out == expected
    monkeypatch.setattr(sys, "argv", ["consent.services"])
    with pytest.raises(
        SystemExit, match=r"usage: python -m consent.services reference \| setters \| trackers"
    ):
        execute("consent.services")
    execute("consent.services", "imported")
