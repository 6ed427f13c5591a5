"""The reference: what the code can do stands in it, and what stands in it the code can do."""

import re
import tomllib
from pathlib import Path

import pytest

import consent.testing
from consent import ConsentSettings
from scripts.reference import PAGES
from scripts.reference.api import integrations
from scripts.reference.settings import HERE, TABLES, examples, settable
from scripts.reference.source import entries
from tests.cli.test_app import commands
from tests.sites import SECRET
from tests.test_docs import PAGES as DOCUMENTS
from tests.test_docs import ROOT, blocks
from tests.test_public import public

REFERENCE = ROOT / "docs" / "reference"


def told(module: str) -> dict[str, str]:
    """What api.md says of each name of a module, under the module's heading or those of ``consent``."""
    text = (REFERENCE / "api.md").read_text()
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    of = {title.strip("`"): body for title, body in zip(parts[1::2], parts[2::2], strict=True)}
    groups = [body for title, body in of.items() if not title.startswith("consent.")]
    body = "".join(groups) if module == "consent" else of[module]
    names = re.split(r"^### `(\w+)`\n", body, flags=re.MULTILINE)
    return dict(zip(names[1::2], names[2::2], strict=True))


@pytest.mark.parametrize("page", PAGES)
def test_what_is_made_from_the_code_is_current(page: str) -> None:
    """Each page says what the code says today: `scripts/docs reference` makes it anew."""
    assert (ROOT / page).read_text() == PAGES[page]()


def test_every_public_name_and_member_is_in_the_reference() -> None:
    """What `api.txt` lists as public has its place in api.md, and no other name of `consent` has."""
    found = told("consent")
    own, seen = "", set()
    for line in (REFERENCE / "api.txt").read_text().splitlines():
        if line.startswith("    "):
            assert re.search(rf"^- `(async )?{line.strip()}\b", found[own], re.MULTILINE), (own, line.strip())
        else:
            own = re.split(r"[ (]", line)[1]
            seen.add(own)
    assert seen == set(found)


@pytest.mark.parametrize("module", ["consent.testing", *integrations()])
def test_every_name_that_other_modules_export_is_in_the_reference(module: str) -> None:
    """Each with a promise, whatever a module defines or exports under a name without an underscore."""
    found = told(module)
    names = {entry.name for entry in entries(module)}
    assert set(found) == names != set()
    promises = {name: re.sub(r"```.*?```", "", text, flags=re.DOTALL).strip() for name, text in found.items()}
    assert [name for name, promise in promises.items() if not promise] == []


def test_the_reference_reads_the_source_as_python_does() -> None:
    """Without importing a framework it finds the names that an import gives."""
    assert {entry.name for entry in entries("consent")} == {*public()}
    exported = getattr(consent.testing, "__all__", ["RecordsContract"])
    assert {entry.name for entry in entries("consent.testing")} == {*exported}


def test_every_setting_has_an_example_that_works(tmp_path: Path) -> None:
    """One for each field and none besides; what is TOML sets a site up, and names the setting."""
    shown = examples()
    assert sorted(shown) == sorted(field.name for field in settable())
    path = tmp_path / "consent.toml"
    for name, text in shown.items():
        for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL):
            table = tomllib.loads(block)
            assert name in table or name == "categories", name
            before = "" if "controller" in table else 'controller = "The Courier"\n'
            path.write_text(before + block)
            ConsentSettings.from_toml(path, environ={"CONSENT_SECRET_KEYS": SECRET})
        assert "```toml" in text or f"CONSENT_{name.upper()}=" in text, name


def test_every_key_of_a_declaration_is_explained() -> None:
    """Each field of what a file may declare has a meaning, and no other has."""
    data = tomllib.loads((HERE / "fields.toml").read_text())
    for kind, _, _ in TABLES:
        fields = set(kind.__dataclass_fields__)
        assert set(data[kind.__name__]) - {"what", "example"} == fields, kind.__name__
    [block] = blocks("scripts/reference/fields.toml", "toml")
    assert tomllib.loads(block)["category"]


def test_the_key_of_the_declarations_is_copied_whole(tmp_path: Path) -> None:
    """The example of the tables can be used as it is."""
    path = tmp_path / "consent.toml"
    printed = [block for block in blocks("docs/reference/settings.md", "toml") if "reader_*" in block]
    path.write_text('controller = "The Courier"\n' + printed[0])
    site = ConsentSettings.from_toml(path, environ={"CONSENT_SECRET_KEYS": SECRET})
    assert site.catalogue.requires("reader_1") == {"readership"}


def test_the_documents_name_only_settings_that_are_there() -> None:
    """No page tells of a variable `CONSENT_...` that nothing reads."""
    known = {f"CONSENT_{field.name.upper()}" for field in settable()}
    source = "".join(path.read_text() for path in (ROOT / "consent").rglob("*.py"))
    known |= set(re.findall(r'"(CONSENT_[A-Z_]+)"', source))
    for page in DOCUMENTS:
        named = set(re.findall(r"\bCONSENT_[A-Z]+(?:_[A-Z]+)*\b", page.read_text()))
        assert named <= known, page


def test_the_documents_name_only_commands_that_are_there() -> None:
    """What a page shows at a prompt, or in code as `consent ...`, is a command; cli.md has a heading for each."""
    known = set(commands())
    headings = re.findall(r"^## `(consent [a-z -]+)`$", (REFERENCE / "cli.md").read_text(), re.MULTILINE)
    assert sorted(headings) == sorted(known)
    groups = {name.rpartition(" ")[0] for name in known} - {"consent"}
    for page in DOCUMENTS:
        text = page.read_text()
        prompts = re.findall(r"^\$ (consent [a-z][a-z -]*)", text, re.MULTILINE)
        spans = re.findall(r"`(consent [a-z][a-z-]*(?: [a-z][a-z-]*)?)", text)
        for words in [*prompts, *spans]:
            parts = words.split()
            assert {" ".join(parts[:3]), " ".join(parts[:2])} & (known | groups), (page.name, words)
