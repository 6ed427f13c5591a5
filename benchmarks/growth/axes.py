"""Along what a site can grow: one site for each place on each axis."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from benchmarks.driving import Visitors
from benchmarks.wire.site import PAGE_SIZE, layered, page
from consent import Category
from tests.sites import categories, service, settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The bare app and ours, and what its decided visitors send, who come in turn."""

    bare: ASGIApp
    ours: ASGIApp
    decided: Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """``name`` is that of its file, ``label`` what is counted along it."""

    name: str
    label: str
    places: Sequence[int]
    site: Callable[[int], Site]
    lines: Sequence[str] = ("undecided", "decided")


def site(
    *,
    declared: Sequence[Category] | None = None,
    size: int = PAGE_SIZE,
    cookies: int = 0,
    visitors: int = 1,
) -> Site:
    """One site. Its decided visitors have granted everything, or analytics alone where cookies are set."""
    config = settings(categories=tuple(declared or categories()))
    bare = _app(page(size), [f"{('session', 'IDE')[number % 2]}={number}" for number in range(cookies)])
    people = Visitors(config)
    granted = ("analytics",) if cookies else ()
    return Site(
        bare=bare,
        ours=layered(bare, config),
        decided=[people.who(*granted).encode() for _ in range(visitors)],
    )


def _app(content: bytes, cookies: Sequence[str]) -> Starlette:
    fields = [(b"set-cookie", f"{cookie}; Path=/; HttpOnly".encode()) for cookie in cookies]

    async def view(request: Request) -> Response:
        response = HTMLResponse(content)
        response.raw_headers += fields
        return response

    return Starlette(routes=[Route("/", view)])


def grown(count: int, services: int) -> Sequence[Category]:
    """So many categories with so many services each, of which each has two cookies and a host."""
    return [
        Category(
            id=f"group-{number}",
            name=f"Group {number}",
            purpose="Serves as an example.",
            services=tuple(
                service(
                    f"s-{number}-{which}",
                    f"a_{number}_{which}",
                    f"b_{number}_{which}",
                    hosts=[f"s{which}.g{number}.example"],
                )
                for which in range(services)
            ),
        )
        for number in range(count)
    ]


AXES: Final = (
    Axis(
        name="categories",
        label="categories of two services each",
        places=(1, 2, 4, 8, 16, 32),
        site=lambda count: site(declared=grown(count, 2)),
    ),
    Axis(
        name="services",
        label="services in each of four categories",
        places=(1, 4, 16, 64),
        site=lambda count: site(declared=grown(4, count)),
    ),
    Axis(
        name="cookies",
        label="cookies set by a response, half of them withheld",
        places=(0, 1, 2, 4, 8, 16, 32),
        site=lambda count: site(cookies=count),
    ),
    Axis(
        name="size",
        label="kilobytes of a page",
        places=(1, 4, 16, 64, 256, 1024),
        site=lambda kilobytes: site(size=kilobytes * 1000),
    ),
    Axis(
        name="visitors",
        label="visitors who come in turn",
        places=(1, 10, 100, 1_000, 10_000, 100_000),
        site=lambda count: site(visitors=count),
        lines=("decided",),
    ),
)
