"""The JSON Schema of settings files: current, true of every file we print, and never stricter than the settings."""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent import ConfigurationError, ConsentSettings
from consent.checking.kinds import markdown
from consent.checking.mending import mended
from consent.checking.schema import schema_text
from consent.gatekeeper import Gatekeeper
from consent.settings_errors import Place
from consent.settings_file import new_converter, structured
from tests.checking.declared import CLEAN, JUNK, WHOLE, places, replaced
from tests.sites import SECRET, execute

ROOT = Path(__file__).parents[2]
FILE = ROOT / "consent" / "consent.schema.json"
SCHEMA: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
CONVERTER = new_converter()


def refused(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(plain(tomllib.loads(text)))]


def plain(value: Any) -> Any:
    """What an editor makes of TOML: a date is a text."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def printed() -> Iterator[Any]:
    """Every settings file among the examples, and every block of TOML in the docs."""
    for path in sorted((ROOT / "examples").glob("*/consent.toml")):
        yield pytest.param(path.read_text(), id=path.parent.name)
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for number, block in enumerate(
            re.findall(r"^```toml\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
        ):
            group = '[[category]]\nid = "media"\nname = "Media"\npurpose = "Shows media."\n'
            before = group if block.startswith("[[category.service]]") else ""
            head = "" if "controller =" in block else 'controller = "The Courier"\n'
            yield pytest.param(f"{head}{before}{block}", id=f"{page.stem}-{number}")


def test_the_schema_is_current(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what the classes say: `python -m consent.checking schema > consent/consent.schema.json`."""
    assert FILE.read_text("utf-8") == schema_text()
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    for name, expected in (("schema", schema_text()), ("findings", markdown())):
        monkeypatch.setattr(sys, "argv", ["consent.checking", name])
        execute("consent.checking")
        assert capsys.readouterr().out == expected
    monkeypatch.setattr(sys, "argv", ["consent.checking"])
    with pytest.raises(SystemExit, match=r"usage: python -m consent.checking schema \| findings"):
        execute("consent.checking")
    execute("consent.checking", "imported")


@pytest.mark.parametrize("text", [*printed()])
def test_what_we_print_is_valid(text: str) -> None:
    """An editor marks nothing in what somebody copies from us."""
    assert refused(text) == []


def test_every_setting_explains_itself_in_an_editor() -> None:
    """Each key of the settings has a description, and each table of the declarations."""
    assert [name for name, key in SCHEMA["properties"].items() if not key.get("description")] == []
    assert SCHEMA["properties"]["undeclared"] == {
        "description": "What becomes of cookies that no category declares.",
        "enum": ["withhold", "allow"],
    }
    tables = {name: each for name, each in SCHEMA["definitions"].items() if name != "Texts"}
    assert sorted(tables) == ["Category", "Cookie", "Embed", "Service", "Storage", "Text"]
    assert all(each["description"] for each in tables.values())
    assert "youtube" in SCHEMA["definitions"]["Service"]["properties"]["use"]["enum"]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*places(WHOLE)]), JUNK)
def test_what_the_schema_refuses_the_settings_refuse(place: Place, other: Any) -> None:
    """Whatever stands anywhere in a file instead, an editor marks nothing that would work."""
    data = replaced(WHOLE, place, other)
    if not VALIDATOR.is_valid(plain(data)):
        made = structured(ConsentSettings, {"secret_keys": [SECRET], **data}, CONVERTER)[0]
        if made is not None:
            with pytest.raises(ConfigurationError):
                Gatekeeper(made)


@pytest.mark.parametrize("key", ["nam", "legal_basis", "services"])
@pytest.mark.parametrize(
    "place", [(), ("category", 1), ("category", 1, "service", 0), ("category", 1, "service", 0, "cookies", 0)]
)
def test_an_unknown_key_is_marked(place: Place, key: str) -> None:
    """The commonest mistake is seen while it is made (R11)."""
    data = tomllib.loads(CLEAN)
    inner: Any = data
    for step in place:
        inner = inner[step]
    inner[key] = "x"
    assert not VALIDATOR.is_valid(plain(data))
    assert structured(ConsentSettings, data, CONVERTER)[0] is None


@pytest.mark.parametrize(
    "place",
    [
        place
        for place in places(tomllib.loads(CLEAN))
        if place[-1] in ("controller", "id", "name", "purpose", "duration", "kind", "provider", "use")
    ],
)
def test_a_missing_key_is_marked(place: Place) -> None:
    """What a table cannot be without; a ready-made service brings it."""
    without = replaced(tomllib.loads(CLEAN), place, None)
    assert not VALIDATOR.is_valid(plain(without))
    assert VALIDATOR.is_valid(plain(mended(without, place)))
