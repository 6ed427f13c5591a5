"""Prints the public names and what they promise as a page of Markdown; knows no file but the sources."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Final

from consent import ConsentSettings
from scripts.reference.source import ROOT, Entry, entries, promise

HEAD: Final = """\
# Python API

<!-- Made by `scripts/docs reference` from the docstrings: correct these instead. -->

Every public name, with its promise; `from consent import ...` where nothing else is said. What is not here is
not public, and may change in any release ([what a version number means](../upgrading.md)).
"""

GROUPS: Final[Mapping[str, Sequence[str]]] = {
    "Setting up": [
        "ConsentMiddleware", "ConsentSettings", "Category", "Service", "Cookie", "Storage", "Embed", "Signal",
    ],
    "In views and templates": [
        "get_consent", "RequestConsent", "Consent", "Verdict", "render_banner", "render_policy",
        "render_link", "render_script", "render_calls", "render_embed", "CookieVerdict",
    ],
    "Evidence": ["ConsentRecords", "RecordsArchive", "Record", "SQLiteRecords"],
}  # fmt: skip
"""The names of ``consent`` in the order in which readers meet them; the others come last."""

REST: Final = "Errors and the rest"

OTHERS: Final[Mapping[str, Sequence[str]]] = {
    "consent.services": ["load", "names", "info", "ServiceInfo"],
    "consent.integrations.django.context_processors": ["consent"],
    "consent.integrations.django.templatetags.consent": [
        "consent_banner", "consent_policy", "consent_link", "consent_script", "consent_calls",
        "consent_embed", "allows",
    ],
    "consent.records.sql": ["SQLRecords"],
    "consent.records.verification": ["verify", "Verification"],
}  # fmt: skip
"""What is imported from further in."""

SETTINGS: Final = "ConsentSettings"
"""The class whose fields have a page of their own."""

FIELDS: Final = frozenset(field.name for field in fields(ConsentSettings) if field.init)
"""What a site may set."""


def integrations() -> list[str]:
    """The modules of ``consent.integrations`` that sites import from."""
    folder = ROOT / "consent" / "integrations"
    found = [path for path in folder.iterdir() if not path.name.startswith("_")]
    return sorted(
        f"consent.integrations.{path.stem}" for path in found if path.is_dir() or path.suffix == ".py"
    )


def markdown() -> str:
    """The whole page."""
    return HEAD + "".join(f"\n{block.rstrip()}\n" for block in _blocks() if block)


def _blocks() -> Iterator[str]:
    known = {entry.name: entry for entry in entries("consent")}
    grouped = {name for names in GROUPS.values() for name in names}
    groups = {**GROUPS, REST: sorted(known.keys() - grouped)}
    for title, names in groups.items():
        yield f"## {title}"
        for name in names:
            yield from _told(known[name], known)
    for module in ("consent.testing", *integrations(), *OTHERS):
        yield f"## `{module}`"
        yield promise(module)
        for entry in entries(module):
            if entry.name in OTHERS.get(module, [entry.name]):
                yield from _told(entry, known)


def _told(entry: Entry, known: Collection[str]) -> Iterator[str]:
    yield f"### `{entry.name}`"
    yield f"```python\n{entry.signature}\n```"
    if entry.told:
        yield _linked(entry.told, known, entry.name)
    if entry.members:
        told = [_member(member, known, entry) for member in entry.members]
        yield ("\n\n" if any("\n\n" in text for text in told) else "\n").join(told)


def _member(member: Entry, known: Collection[str], of: Entry) -> str:
    signature = re.sub(r",?\s*\n\s*", " ", member.signature).replace("( ", "(").replace(" )", ")")
    told = _linked(member.told, known, of.name)
    if of.name == SETTINGS and member.name in FIELDS:
        told = f"[setting](settings.md#{member.name})"
    text = f"- `{signature}`: {told}".replace("\n", "\n    ").removesuffix(": ")
    return re.sub(r"^ +$", "", text, flags=re.MULTILINE)


def _linked(text: str, known: Collection[str], own: str) -> str:
    """Names of the package become links to where they are told."""

    def link(match: re.Match[str]) -> str:
        name = match[1]
        return f"[`{name}`](#{name.lower()})" if name in known and name != own else match[0]

    return re.sub(r"`([A-Za-z_]+)`", link, text)
