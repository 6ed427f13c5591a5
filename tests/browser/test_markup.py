"""The markup gate in a real browser: the third parties' own server tells whom a page contacted."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import uvicorn
from playwright.sync_api import Browser, Page
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.browser.readers import answered
from tests.chromium import FLAGS
from tests.sites import site

pytestmark = pytest.mark.browser

REFERENCES = {
    # what the third party is asked for, and the markup that makes a browser ask
    "script": "<script src=//stats.example/script></script>",
    "module": "<script type=module src=//stats.example/module></script>",
    "inline": "<script>new Image().src = 'http://stats.example/inline'</script>",
    "img": "<img src=//stats.example/img>",
    "entities": "<img src='&#47;&#x2f;st&#97;ts.example/entities'>",
    "escapes": "<img src='http:\\\\st%61ts.example/escapes'>",
    "lines": "<img src='//sta\nts.exa\tmple/lines'>",
    "srcset": "<img srcset='//stats.example/srcset 1x'>",
    "picture": "<picture><source srcset=//stats.example/picture><img alt></picture>",
    "stylesheet": "<link rel=stylesheet href=//stats.example/stylesheet>",
    "preload": "<link rel=preload as=image href=//stats.example/preload>",
    "import": "<style>@import '//stats.example/import';</style>",
    "style": "<p style='background:url(//stats.example/style)'>x</p>",
    "poster": "<video poster=//stats.example/poster></video>",
    "input": "<input type=image src=//stats.example/input>",
    "svg": "<svg width=9 height=9><image href=//stats.example/svg width=9 height=9 /></svg>",
    "iframe": "<iframe src=//ads.example/iframe title=Film></iframe>",
    "hidden": "<iframe src=//ads.example/hidden hidden></iframe>",
    "srcdoc": "<iframe srcdoc='<img src=//ads.example/srcdoc>'></iframe>",
    "object": "<object data=//ads.example/object type=text/html></object>",
    "video": "<video src=//ads.example/video preload=auto></video>",
    "audio": "<audio preload=auto controls><source src=//ads.example/audio></audio>",
    "table": "<table background=//stats.example/table><tr><td>x</table>",
}
NOSCRIPT = "<noscript><img src=//stats.example/noscript></noscript>"
FILM = "<h1>Film</h1><iframe src=//ads.example/film width=640 height=360 title=Film></iframe>"


@dataclass
class Servers:
    """The site's address, and the paths that third parties were asked for."""

    address: str
    asked: list[str] = field(default_factory=list)


def document(*parts: str) -> HTMLResponse:
    return HTMLResponse(
        "<!doctype html><html lang=en><title>x</title><body>" + "".join(parts) + "</body></html>"
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture(scope="module")
def third_party() -> Iterator[tuple[ThreadingHTTPServer, list[str]]]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path.lstrip("/"))
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("cache-control", "no-store")
            self.send_header("access-control-allow-origin", "*")
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server, asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def servers(third_party: tuple[ThreadingHTTPServer, list[str]]) -> Iterator[Servers]:
    everything = document(*REFERENCES.values(), NOSCRIPT)
    early = HTMLResponse(everything.body, headers={"link": "<//stats.example/link>; rel=preload; as=image"})
    app = site(Route("/all", early), Route("/film", document(FILM)), gate_markup=True)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield Servers(f"http://127.0.0.1:{port}", third_party[1])
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def everywhere(chromium: Browser, third_party: tuple[ThreadingHTTPServer, list[str]]) -> Iterator[Browser]:
    """A browser for which every name is the third parties' server."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    rules = f"--host-resolver-rules=MAP *.example 127.0.0.1:{third_party[0].server_port}"
    browser = chromium.browser_type.launch(executable_path=path, args=[*FLAGS, rules])
    yield browser
    browser.close()


@pytest.fixture
def visit(everywhere: Browser, servers: Servers, scripts: bool) -> Iterator[Page]:
    """A fresh profile, with or without scripts, and third parties that nobody has asked yet."""
    context = everywhere.new_context(java_script_enabled=scripts)
    yield context.new_page()
    context.close()
    servers.asked.clear()


def opens(page: Page, servers: Servers, path: str) -> set[str]:
    """Open a page, wait, and tell what third parties were asked for."""
    servers.asked.clear()
    page.goto(servers.address + path, wait_until="load")
    page.wait_for_timeout(700)
    return {*servers.asked} - {"favicon.ico"}


def test_a_page_full_of_references_contacts_nobody_before_consent(
    visit: Page, servers: Servers, scripts: bool
) -> None:
    """Before a choice and after a refusal no third party hears of the visit; after consent all do (R2, R14, R33)."""
    assert opens(visit, servers, "/all") == set()
    visit.get_by_role("button", name="Reject all").click()
    assert opens(visit, servers, "/all") == set()
    visit.goto(f"{servers.address}/consent")
    visit.get_by_role("button", name="Accept all").click()
    expected = (
        {*REFERENCES, "link"} - set()
        if scripts
        else {*REFERENCES, "link", "noscript"} - {"script", "module", "inline"}
    )
    assert expected - opens(visit, servers, "/all") == set()


def test_a_film_is_allowed_for_good_in_its_place(visit: Page, servers: Servers) -> None:
    """The placeholder keeps the film's room, says whose it is, and one press allows that service always (R40, R56)."""
    assert opens(visit, servers, "/film") == set()
    place = visit.get_by_role("group", name="Film")
    box = place.bounding_box()
    assert box is not None
    assert 640 <= box["width"] <= 642
    assert 360 <= box["height"] <= 362
    assert place.get_by_text("Does what ads does.").is_visible()
    assert place.get_by_role("link").get_attribute("href") == "//ads.example/film"
    servers.asked.clear()
    with answered(visit):
        place.get_by_role("button", name="Always allow Ads").click()
    assert opens(visit, servers, "/film") == {"film"}
    assert visit.get_by_role("button", name="Accept all").is_visible()


@pytest.mark.parametrize("scripts", [True], ids=["scripts on"])
def test_a_film_is_shown_once(visit: Page, servers: Servers) -> None:
    """One click loads the film this once, and the next visit asks again (R56)."""
    assert opens(visit, servers, "/film") == set()
    visit.get_by_role("button", name="Show once").click()
    visit.wait_for_timeout(500)
    assert servers.asked == ["film"]
    assert opens(visit, servers, "/film") == set()


@pytest.mark.parametrize("scripts", [False], ids=["scripts off"])
def test_without_scripts_no_button_is_shown_that_does_nothing(visit: Page, servers: Servers) -> None:
    """Showing once needs a script, so that nothing promises it without (R40)."""
    opens(visit, servers, "/film")
    assert not visit.get_by_role("button", name="Show once").is_visible()
