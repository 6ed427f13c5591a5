"""The same site on real sockets: uvicorn, hypercorn and granian, by HTTP/1.1 and HTTP/2."""

import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
import trustme

from tests.sites import PAGE

ROOT = Path(__file__).parents[2]
APP = "tests.servers.app:app"
FORM = 'method="post" action="/consent"'
BROWSER = {
    "accept": "text/html",
    "accept-language": "en",
    "sec-fetch-dest": "document",
    "sec-fetch-site": "same-origin",
}
COMMANDS = {
    "uvicorn": ["uvicorn", APP, "--log-level", "error", "--port"],
    "hypercorn": ["hypercorn", APP, "--error-logfile", "/dev/null", "--bind"],
    "granian": ["granian", APP, "--interface", "asgi", "--no-log", "--port"],
    "hypercorn by HTTP/2": ["hypercorn", APP, "--error-logfile", "/dev/null", "--bind"],
}

Visit = Callable[[], httpx2.Client]


@pytest.fixture(scope="module", params=COMMANDS)
def visit(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """Starts a server, and gives browsers that have not been there."""
    name = str(request.param)
    port = free_port()
    second = name.endswith("HTTP/2")
    address = f"{'https' if second else 'http'}://127.0.0.1:{port}"
    command = [sys.executable, "-m", *COMMANDS[name]]
    command += [f"127.0.0.1:{port}"] if name.startswith("hypercorn") else [str(port)]
    verify: ssl.SSLContext | bool = True
    if second:
        authority, folder = trustme.CA(), tmp_path_factory.mktemp("tls")
        leaf = authority.issue_cert("127.0.0.1")
        leaf.private_key_pem.write_to_path(folder / "key.pem")
        leaf.cert_chain_pems[0].write_to_path(folder / "cert.pem")
        command += ["--keyfile", str(folder / "key.pem"), "--certfile", str(folder / "cert.pem")]
        verify = ssl.create_default_context()
        authority.configure_trust(verify)
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (
        subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.DEVNULL) as process,
        ExitStack() as stack,
    ):
        stack.callback(process.terminate)

        def new_browser() -> httpx2.Client:
            client = httpx2.Client(base_url=address, headers=BROWSER, http2=second, verify=verify)
            return stack.enter_context(client)

        wait_for(new_browser(), process)
        yield new_browser


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_for(client: httpx2.Client, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the server ended before it answered"
        try:
            client.get("/consent/state")
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError


def reject(client: httpx2.Client) -> None:
    assert client.post("/consent", data={"action": "reject"}).status_code == 303


def test_a_page_asks_and_its_length_is_right(visit: Visit) -> None:
    """The banner is in the page, and the server is satisfied with the number of bytes (R35)."""
    response = visit().get("/")
    assert response.text.count(FORM) == 1
    assert int(response.headers["content-length"]) == len(response.content)


def test_head_tells_what_get_would(visit: Visit) -> None:
    """HEAD has no body and the headers of GET; the length may be left out (R35)."""
    client = visit()
    head, get = client.head("/"), client.get("/")
    assert head.content == b""
    for name in ("content-type", "cache-control", "vary"):
        assert head.headers[name] == get.headers[name]
    assert head.headers.get("content-length", get.headers["content-length"]) == get.headers["content-length"]


def test_a_stream_is_put_together_on_its_way(visit: Visit) -> None:
    """A page in chunks arrives whole, with the banner first in its body (R38)."""
    text = visit().get("/stream").text
    assert text.startswith("<!doctype html><html lang=en><head></head><body><link")
    assert text.endswith("</section><p>one<p>two")


def test_a_file_that_the_server_sends_itself_asks_too(visit: Visit) -> None:
    """Whether or not the server can send files by itself, a page is a page, and its cookie is gated (R32, R35)."""
    client = visit()
    response = client.get("/file")
    assert response.text.count(FORM) == 1
    assert response.text.endswith("</body></html>")
    assert "set-cookie" not in response.headers
    reject(client)
    time.sleep(0)
    assert client.get("/file").text.count(FORM) == 0


def test_an_announced_page_arrives_whole(visit: Visit) -> None:
    """Early hints pass where the server sends them, and the page comes after them with its banner (R33, R35)."""
    response = visit().get("/hinting/")
    assert response.status_code == 200
    assert response.text.count(FORM) == 1
    assert "link" not in response.headers


def test_other_files_are_the_servers_own(visit: Visit) -> None:
    """What is no page is sent as the server sends it: whole, in part, and not at all if nothing changed."""
    client = visit()
    fetch = {"accept": "*/*", "sec-fetch-dest": "empty"}
    whole = client.get("/static/data.bin", headers=fetch)
    assert whole.content == bytes(range(256)) * 1_000
    part = client.get("/static/data.bin", headers={**fetch, "range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
    seen = {**fetch, "if-none-match": whole.headers["etag"]}
    assert client.get("/static/data.bin", headers=seen).status_code == 304


def test_what_was_refused_stays_refused(visit: Visit) -> None:
    """The answer is kept, the cookies are withheld and hidden, over any protocol (R1, R18)."""
    client = visit()
    reject(client)
    client.cookies.set("_ga", "1")
    response = client.get("/greedy")
    assert [name for name in response.json() if "consent" not in name] == []
    sent = response.headers.get_list("set-cookie")
    assert [value.partition("=")[0] for value in sent if "Max-Age=0" not in value] == ["session"]
    assert FORM not in client.get("/").text


def test_the_page_of_who_decided_is_the_apps(visit: Visit) -> None:
    """Where there is nothing to ask, every byte is the app's own (after the confirmation's minute, or before a choice)."""
    fragment = {"hx-request": "true", "sec-fetch-dest": "empty"}
    assert visit().get("/", headers=fragment).text == PAGE
