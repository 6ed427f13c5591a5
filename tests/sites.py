"""What most tests set up: declarations of a small site, and clients that visit it."""

from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import anyio
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.testclient import TestClient

from consent import Category, ConsentMiddleware, ConsentRecords, ConsentSettings, Cookie, Service, Storage

SECRET = "a key for tests that nobody else would use"
NOW = 1_800_000_000.0

T = TypeVar("T")

PAGE = (
    "<!doctype html><html lang=en><head><title>News</title></head><body class=page><p>Hello</p></body></html>"
)


def cookie(name: str, **values: Any) -> Cookie:
    return Cookie(**{"name": name, "purpose": "Serves as an example.", "duration": "13 months", **values})


def service(name: str, /, *cookies: Cookie | str, **values: Any) -> Service:
    given: dict[str, Any] = {
        "id": name,
        "name": name.title(),
        "provider": f"{name.title()} Ltd",
        "purpose": f"Does what {name} does.",
        "cookies": [item if isinstance(item, Cookie) else cookie(item) for item in cookies],
        **values,
    }
    return Service(**given)


def categories() -> tuple[Category, ...]:
    """One category of each kind: exact and pattern cookies, hosts, storage, first and third parties."""
    login = service(
        "login",
        cookie("session", duration="session", http_only=True),
        "csrf",
        third_party=False,
        justification="Nobody can log in without it.",
    )
    return (
        Category(id="necessary", services=(login,)),
        Category(id="preferences", services=(service("edition", "edition", third_party=False),)),
        Category(
            id="analytics",
            services=(
                service(
                    "counter",
                    "_ga",
                    "_ga_*",
                    hosts=["stats.example"],
                    storage=[Storage(name="_seen", kind="local", purpose="Remembers what was read.")],
                ),
                service(
                    "heatmap", "_hm", policy_url="https://heatmap.example/privacy", country="United States"
                ),
            ),
        ),
        Category(id="marketing", services=(service("ads", "IDE", hosts=["ads.example"]),)),
    )


def settings(**values: Any) -> ConsentSettings:
    given: dict[str, Any] = {
        "controller": "The Example Post, 1 Mill Lane, Exampleton",
        "secret_keys": (SECRET,),
        "categories": categories(),
        **values,
    }
    return ConsentSettings(**given)


def run(function: Callable[..., Awaitable[T]], *arguments: Any, backend: str = "asyncio") -> T:
    """Run a coroutine in a thread of its own: a browser's loop may be running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(anyio.run, function, *arguments, backend=backend).result()


def execute(module: str, name: str = "__main__") -> None:
    """Do what ``python -m module`` does, by its file: pytest's own loader cannot hand out a package's code."""
    path = Path(__file__).parents[1].joinpath(*module.split("."), "__main__.py")
    exec(compile(path.read_text("utf-8"), path, "exec"), {"__name__": name})  # noqa: S102  # our own


class Clock:
    """A clock that tests set."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Memory:
    """A store that keeps records in a list, and fails when it is told to."""

    def __init__(self) -> None:
        self.records: list[Any] = []
        self.notices: dict[str, str] = {}
        self.failing = False

    async def append(self, record: Any, notice: str | None) -> None:
        if self.failing:
            raise OSError("the disk is gone")
        self.records.append(record)
        if notice is not None:
            self.notices[record.notice] = notice


def site(
    *routes: BaseRoute,
    records: ConsentRecords | None = None,
    clock: Clock | None = None,
    on_change: Callable[..., Any] | None = None,
    **values: Any,
) -> Starlette:
    """A Starlette app with the middleware and a page at ``/``."""
    return Starlette(
        routes=[*routes, Route("/", page)],
        middleware=[
            Middleware(
                ConsentMiddleware,
                settings=settings(**values),
                records=Memory() if records is None else records,
                clock=clock or Clock(),
                on_change=on_change,
            )
        ],
    )


async def page(request: Request) -> Response:
    return HTMLResponse(PAGE)


def browser(
    app: Any,
    *,
    https: bool = True,
    headers: Mapping[str, str] | None = None,
    root_path: str = "",
    raises: bool = True,
) -> TestClient:
    """A client that says what a browser says when it navigates; without ``raises`` it is shown a 500."""
    sent = {
        "accept": "text/html,application/xhtml+xml,*/*;q=0.8",
        "accept-language": "en",
        "sec-fetch-dest": "document",
        "sec-fetch-site": "same-origin",
        **(headers or {}),
    }
    base = "https://site.example" if https else "http://site.example"
    return TestClient(
        app,
        base_url=base,
        headers=sent,
        follow_redirects=False,
        root_path=root_path,
        raise_server_exceptions=raises,
    )


def decide(client: TestClient, action: str, **fields: Any) -> Any:
    """Press a button, as the form would send it."""
    return client.post("/consent", data={"action": action, "method": "api", **fields})
