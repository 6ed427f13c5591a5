"""Real caches, nginx and Varnish, in front of two processes: nobody sees another's state (R36)."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from consent import ConsentSettings
from tests.sites import SECRET
from tests.test_docs import free_port, until_it_answers

ROOT = Path(__file__).parents[1]
FORM = 'id="cst-ask"'
NAVIGATES = {"accept": "text/html", "sec-fetch-dest": "document", "sec-fetch-site": "same-origin"}

NGINX = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/temp;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  proxy_cache_path {folder}/cache keys_zone=pages:1m;
  upstream apps {{ server 127.0.0.1:{one}; server 127.0.0.1:{two}; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://apps;
      proxy_set_header Host $http_host;
      proxy_cache pages;
      proxy_cache_key $request_uri;
      add_header X-Cache $upstream_cache_status always;
    }}
  }}
}}
"""
VARNISH = """
vcl 4.1;
import directors;
backend one {{ .host = "127.0.0.1"; .port = "{one}"; }}
backend two {{ .host = "127.0.0.1"; .port = "{two}"; }}
sub vcl_init {{
  new apps = directors.round_robin();
  apps.add_backend(one);
  apps.add_backend(two);
}}
sub vcl_recv {{
  set req.backend_hint = apps.backend();
  if (req.method != "GET" && req.method != "HEAD") {{ return (pass); }}
  return (hash);
}}
sub vcl_backend_response {{
  if (beresp.http.cache-control ~ "private|no-cache|no-store") {{
    set beresp.uncacheable = true;
    set beresp.ttl = 10s;
    return (deliver);
  }}
}}
sub vcl_deliver {{
  if (obj.hits > 0) {{ set resp.http.X-Cache = "HIT"; }} else {{ set resp.http.X-Cache = "MISS"; }}
}}
"""


def program(name: str, package: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        message = f"{package} is missing: install it (Debian: apt-get install {package})"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found


@contextmanager
def running(command: list[str], **environ: str) -> Iterator[None]:
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environ}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.terminate()


def cache(kind: str, folder: Path, one: int, two: int, port: int) -> list[str]:
    """The command that runs a cache of this kind in front of two ports."""
    text = NGINX if kind == "nginx" else VARNISH
    config = folder / "cache.conf"
    user = "user root;" if os.geteuid() == 0 else ""  # workers of another user may not enter the folder
    config.write_text(text.format(folder=folder, one=one, two=two, port=port, user=user))
    if kind == "nginx":
        return [
            program("nginx", "nginx"),
            "-p",
            str(folder),
            "-e",
            str(folder / "error.log"),
            "-c",
            str(config),
        ]
    work = ["-n", str(folder / "work"), "-f", str(config), "-a", f"127.0.0.1:{port}", "-s", "malloc,16m"]
    return [program("varnishd", "varnish"), "-F", "-j", "none", *work]


@pytest.fixture(params=["nginx", "varnish"])
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@contextmanager
def site_behind(kind: str, mode: str, folder: Path) -> Iterator[str]:
    one, two, port = free_port(), free_port(), free_port()
    with ExitStack() as stack:
        command = cache(kind, folder, one, two, port)
        for number in (one, two):
            uvicorn = ["-m", "uvicorn", "tests.cached:app", "--port", str(number), "--log-level", "error"]
            stack.enter_context(running([sys.executable, *uvicorn], CACHE_MODE=mode))
        for number in (one, two):
            with httpx2.Client(base_url=f"http://127.0.0.1:{number}") as client:
                until_it_answers(client)
        stack.enter_context(running(command))
        address = f"http://127.0.0.1:{port}"
        with httpx2.Client(base_url=address) as client:
            until_it_answers(client)
        yield address


@contextmanager
def visitors(address: str) -> Iterator[dict[str, httpx2.Client]]:
    """One who is undecided, one who refused, one who accepted; each with a cookie of the app's own."""
    with ExitStack() as stack:
        found = {}
        for name in ("undecided", "denied", "granted"):
            client = httpx2.Client(base_url=address, headers={**NAVIGATES, "cookie": "session=1"})
            found[name] = stack.enter_context(client)
        for name, action in (("denied", "reject"), ("granted", "accept")):
            got = found[name].post("/consent", data={"action": action, "next": "/article/1"})
            assert got.status_code == 303
            cookies = "; ".join(value.partition(";")[0] for value in got.headers.get_list("set-cookie"))
            found[name].headers["cookie"] = f"session=1; {cookies}"
            found[name].cookies.clear()
        yield found


def looked(client: httpx2.Client, path: str) -> httpx2.Response:
    """What a browser gets that keeps no cookie of this answer: each look is alone."""
    got = client.get(path)
    client.cookies.clear()
    return got


def test_in_private_mode_nobody_sees_anothers_state(kind: str, tmp_path: Path) -> None:
    """Three visitors, five hundred requests in any order: each gets their own page, JSON and cookie (R36)."""
    order = random.Random(7)  # any order will do, the same each time
    with site_behind(kind, "private", tmp_path) as address, visitors(address) as found:
        for _ in range(500):
            name = order.choice([*found])
            path = order.choice(["/article/1", "/article/2", "/counted", "/advert", "/answer"])
            got = looked(found[name], path)
            assert got.status_code == 200
            if path in ("/advert", "/answer"):
                assert name in got.text
            if path != "/answer":
                assert (FORM in got.text) is (name == "undecided")
            assert ("set-cookie" in got.headers) is (path == "/counted" and name == "granted")
            assert "private" in got.headers["cache-control"]


def test_in_shared_mode_all_get_the_same_from_the_cache(kind: str, tmp_path: Path) -> None:
    """Every visitor gets the same bytes, more than 90 of 100 from the cache, and none with a cookie (R36)."""
    order = random.Random(7)  # any order will do, the same each time
    seen: dict[str, set[bytes]] = {}
    hits = 0
    with site_behind(kind, "shared", tmp_path) as address, visitors(address) as found:
        for _ in range(500):
            path = order.choice(["/article/1", "/article/2", "/article/3"])
            dest = order.choice(["document", "empty"])
            client = found[order.choice([*found])]
            client.headers.update({"sec-fetch-dest": dest, "accept-language": order.choice(["de", "en"])})
            got = looked(client, path)
            seen.setdefault(path, set()).add(got.content)
            hits += got.headers["x-cache"] == "HIT"
            assert "set-cookie" not in got.headers
            assert got.headers["cache-control"] == "public, max-age=60"
            assert "vary" not in got.headers
    print(f"{kind}: {hits / 5:.1f} % of the requests were answered by the cache")  # noqa: T201  # a measure
    assert hits > 450
    assert [len(contents) for contents in seen.values()] == [1, 1, 1]


def test_in_shared_mode_what_is_personal_stays_so(kind: str, tmp_path: Path) -> None:
    """Views that ask, and responses with a cookie, are never given to anybody else (R36)."""
    order = random.Random(7)  # any order will do, the same each time
    with site_behind(kind, "shared", tmp_path) as address, visitors(address) as found:
        for _ in range(200):
            name = order.choice([*found])
            path = order.choice(["/advert", "/answer", "/counted"])
            got = looked(found[name], path)
            if path != "/counted":
                assert name in got.text
                assert {"private", "no-cache"} <= set(got.headers["cache-control"].split(", "))
            if "set-cookie" in got.headers:
                assert (name, path) == ("granted", "/counted")
                assert "private" in got.headers["cache-control"]


def test_in_shared_mode_a_cache_may_ask_whether_its_page_is_old(kind: str, tmp_path: Path) -> None:
    """The tag is one for all, so that any visitor's copy can be confirmed (R35, R36)."""
    with site_behind(kind, "shared", tmp_path) as address, visitors(address) as found:
        tags = {looked(client, "/article/9").headers["etag"] for client in found.values()}
        assert len(tags) == 1
        again = found["granted"].get("/article/9", headers={"if-none-match": tags.pop()})
        assert again.status_code == 304


def test_a_cache_mode_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    """Settings name what is allowed."""
    values: dict[str, Any] = {"controller": "x", "secret_keys": [SECRET], "cache": "public"}
    with pytest.raises(ValueError, match="allowed is 'private' or 'shared'"):
        ConsentSettings(**values)
