"""One specimen: a small page of somebody else's around one state of the layer, or a document of its own."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, get_args
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from examples.news.gallery.examples import NAMES, Layout, example, site
from examples.news.gallery.scenes import Scene
from examples.news.gallery.states import STATES, State

HERE: Final = Path(__file__).parent
GALLERY: Final = "/components"

LAYOUTS: Final[tuple[Layout, ...]] = get_args(Layout)
THEMES: Final = ("default", "plain", "newspaper", "contrast")
"""The look that the layer has by itself, and the themes beside the example."""

LANGUAGES: Final = site(NAMES[0], LAYOUTS[0]).renderer.languages.tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a specimen is wanted; without a ``language`` in that of its example."""

    layout: Layout = "bar"
    theme: str = "default"
    language: str = ""

    @classmethod
    def wanted(cls, query: dict[str, str]) -> "Look":
        """What a query asks for; what it asks for in vain stays as it is."""
        allowed: dict[str, tuple[str, ...]] = {"layout": LAYOUTS, "theme": THEMES, "language": LANGUAGES}
        known: dict[str, Any] = {
            name: query[name] for name, values in allowed.items() if query.get(name) in values
        }
        return cls(**known)

    @property
    def query(self) -> str:
        """The query that asks for it; empty for what needs no asking."""
        plain = Look()
        wanted = {name: getattr(self, name) for name in ("layout", "theme", "language")}
        changed = {name: value for name, value in wanted.items() if value != getattr(plain, name)}
        return "?" + urlencode(changed) if changed else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """One state of one example."""

    example: str
    state: str

    @property
    def shown(self) -> State:
        """The state."""
        return STATES[self.state]

    def address(self, look: Look) -> str:
        """Its local address, with the fragment that some states are shown by."""
        fragment = f"#{self.shown.fragment}" if self.shown.fragment else ""
        return f"{GALLERY}/{self.example}/{self.state}{look.query}{fragment}"

    def scene(self, look: Look) -> Scene:
        """Its example, in the layout and language that are wanted."""
        shown = example(self.example)
        return Scene(
            example=shown,
            layout=look.layout,
            language=look.language or shown.language,
            path=f"{GALLERY}/{self.example}/{self.state}",
        )

    def document(self, look: Look) -> str:
        """The whole page."""
        scene = self.scene(look)
        made, theme = Markup(self.shown.make(scene)), _theme(look.theme)  # noqa: S704  # made by the renderer
        if self.shown.place == "whole":
            return str(made.replace("</head>", theme + Markup("</head>")))
        return str(
            _template().render(
                **{"first": "", "inside": "", self.shown.place: made},
                article=_articles()[scene.example.page],
                page=scene.example.page,
                theme=theme,
                static=f"{GALLERY}/static",
                back=GALLERY,
            )
        )


def specimens() -> Iterator[Specimen]:
    """All there are: every state of every example that can be in it."""
    for name in NAMES:
        for state in STATES:
            specimen = Specimen(example=name, state=state)
            if specimen.shown.exists(specimen.scene(Look())):
                yield specimen


def _theme(name: str) -> Markup:
    if name == "default":
        return Markup()
    return Markup('<link rel="stylesheet" href="{}/themes/{}.css">').format(GALLERY, name)


@cache
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("specimen.html")


@cache
def _articles() -> Any:
    return json.loads((HERE / "articles.json").read_text("utf-8"))
