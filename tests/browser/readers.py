"""What a reader of the example does in a browser, and what a test sees of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request

STORY = "/news/tollen-bridge-reopens"
PAGES = ("/", STORY, "/culture", "/search?q=ferry", "/live")

NewReader = Callable[..., "Reader"]


@contextmanager
def answered(page: Page) -> Iterator[None]:
    """Whatever is pressed inside is answered, with a page or, where scripts run, without one."""
    with page.expect_response(lambda response: response.request.resource_type in ("document", "xhr")):
        yield
    page.wait_for_timeout(300)
    page.wait_for_load_state()


@dataclass(frozen=True)
class Paper:
    """The running example."""

    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Reader:
    """One browser profile on the paper; notes every request to anybody else, and every error."""

    def __init__(self, page: Page, paper: Paper) -> None:
        self.page = page
        self.paper = paper
        self.contacted = set[str]()
        self.errors: list[str] = []
        page.on("request", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)

    def _note(self, request: Request) -> None:
        host = urlsplit(request.url).hostname or ""
        if host != "127.0.0.1":
            self.contacted.add(host.partition(".")[0])

    def opens(self, *paths: str) -> None:
        for path in paths:
            self.page.goto(self.paper.address + path, wait_until="load")
            self.page.wait_for_timeout(300)  # the ticker never lets the network fall idle

    def presses(self, label: str) -> None:
        """Press a button, which with scripts may leave the page where it is."""
        asked = self.page.get_by_role("dialog")
        layer = asked if asked.count() else self.page
        with answered(self.page):
            layer.get_by_role("button", name=label, exact=True).first.click()
        self.page.wait_for_timeout(500)

    def plants(self, name: str) -> None:
        """Put a cookie into the profile, as an earlier visit would have left it."""
        self.page.context.add_cookies(
            [{"name": name, "value": "1", "url": self.paper.address, "httpOnly": True}]
        )

    @property
    def cookies(self) -> set[str]:
        """Names of the cookies that the browser holds, whoever set them."""
        return {str(cookie.get("name")) for cookie in self.page.context.cookies()}

    @property
    def sees_banner(self) -> bool:
        return self.page.get_by_role("button", name="I reject cookies").is_visible()
