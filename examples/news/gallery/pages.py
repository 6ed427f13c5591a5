"""The gallery's addresses: the overview, the specimens, and what they load."""

from collections.abc import Iterator
from typing import Final

from babel import Locale
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from examples.news.gallery.examples import ADDRESS, NAMES, example, site
from examples.news.gallery.specimens import (
    GALLERY,
    HERE,
    LANGUAGES,
    LAYOUTS,
    THEMES,
    Look,
    Specimen,
    specimens,
)
from examples.news.gallery.states import GROUPS, STATES
from examples.news.paper import render_plain

_POLICY: Final = "; ".join([
    "default-src 'none'", "style-src 'self'", "script-src 'self'", "form-action 'self'", "base-uri 'none'",
    "frame-ancestors 'self'",
])  # fmt: skip
_HEADERS: Final = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"}


def overview(request: Request) -> Response:
    return render_plain(
        request,
        "components.html",
        look=Look.wanted(dict(request.query_params)),
        groups=GROUPS,
        states=STATES,
        examples=[example(name) for name in NAMES],
        specimens={(specimen.example, specimen.state): specimen for specimen in specimens()},
        choices={"layout": LAYOUTS, "theme": THEMES, "language": LANGUAGES},
        names={language: Locale.parse(language).display_name for language in LANGUAGES},
    )


def specimen(request: Request) -> Response:
    wanted = Specimen(**request.path_params)
    if wanted not in specimens():
        raise HTTPException(404)
    return HTMLResponse(wanted.document(Look.wanted(dict(request.query_params))), headers=_HEADERS)


def asset(request: Request) -> Response:
    """A stylesheet of the layer's own, as its specimens name it."""
    found = site(NAMES[0], LAYOUTS[0]).renderer.assets.get(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    return Response(found.content, media_type=found.media_type)


def asking(_: Request) -> Response:
    """What shows the banner of a shared page where no script does."""
    return Response(site(NAMES[0], LAYOUTS[0]).renderer.assets.content("asking.css"), media_type="text/css")


def nothing(request: Request) -> Response:
    """Where the forms and links of specimens end: nothing is decided, and nothing is kept."""
    return render_plain(request, "components_nothing.html")


def gallery_routes() -> Iterator[BaseRoute]:
    """Everything under `GALLERY`."""
    yield Route(GALLERY, overview)
    yield Route(ADDRESS + "/assets/{name}", asset)
    yield Route(f"{ADDRESS}/asking.css", asking)
    yield Route(ADDRESS, nothing, methods=["GET", "POST"])
    yield Route(ADDRESS + "/{rest:path}", nothing)
    yield Mount(f"{GALLERY}/static", StaticFiles(directory=HERE / "static"))
    yield Mount(f"{GALLERY}/themes", StaticFiles(directory=HERE.parents[1] / "themes"))
    yield Route(GALLERY + "/{example}/{state}", specimen)
