"""The named examples: what a site could declare, read from JSON; knows no state and no page."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final, Literal

from consent import Category, ConsentSettings, Cookie, Service, Storage
from consent.gates.elements import Embed
from consent.ui.rendering import Renderer
from consent.ui.texts import Languages

Layout = Literal["bar", "box", "inline", "modal"]

NAMES: Final = ("typical", "short", "long", "one-category", "ten-categories", "hostile", "right-to-left")
"""Of all examples, in the order in which they are shown."""

ADDRESS: Final = "/components/consent"
"""Where the forms of specimens lead, and where their stylesheets are served."""

_FOLDER: Final = Path(__file__).parent / "examples"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One site as it could be: its declarations, its words, the embed it shows and the page around it."""

    name: str
    title: str
    about: str
    language: str
    page: str
    embed: Embed
    declared: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An example in one layout, set up as any site is."""

    settings: ConsentSettings
    renderer: Renderer


@cache
def example(name: str) -> Example:
    """One of `NAMES`."""
    table: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return Example(
        name=name,
        title=table["title"],
        about=table["about"],
        language=table["language"],
        page=table.get("page", "en"),
        embed=_embed(**table["embed"]),
        declared=table["settings"],
    )


@cache
def site(name: str, layout: Layout) -> Site:
    """The example ``name`` in this layout; nothing is ever signed with its key."""
    declared = example(name).declared
    settings = ConsentSettings(
        controller=declared["controller"],
        secret_keys=[token_urlsafe(32)],
        categories=[*_categories(declared["categories"])],
        texts=_texts(declared.get("texts", {})),
        layout=layout,
        path=ADDRESS,
    )
    return Site(settings=settings, renderer=Renderer(settings, settings.catalogue))


def _categories(tables: Sequence[Mapping[str, Any]]) -> Iterator[Category]:
    """All of them; browsers may object to the last, so that each example has something to tell of that."""
    for table in tables:
        services = [_service(service) for service in table["services"]]
        yield Category(**{**table, "services": services, "objectable": table is tables[-1]})


def _service(table: Mapping[str, Any]) -> Service:
    cookies = [Cookie(**cookie) for cookie in table.get("cookies", ())]
    storage = [Storage(**item) for item in table.get("storage", ())]
    return Service(**{**table, "cookies": cookies, "storage": storage})


def _embed(*, service: str, title: str, address: str, width: str = "560", height: str = "315") -> Embed:
    services = frozenset({service})
    return Embed(kind="iframe", services=services, title=title, address=address, width=width, height=height)


def _texts(given: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Texts by language; the pattern under ``*`` is laid around all of ours that are no addresses."""
    return {language: _dressed(language, **words) for language, words in given.items()}


def _dressed(language: str, **words: str) -> dict[str, str]:
    pattern = words.pop("*", None)
    if pattern is None:
        return words
    ours = Languages({}, default=language).get(language).words
    dressed = {key: pattern.replace("{}", text) for key, text in ours.items() if not key.endswith(".help")}
    return dressed | words
