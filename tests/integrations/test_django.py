"""Django 5.2 behind the layer: what people rely on goes on, and what nobody agreed to goes nowhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.template import Context, Engine
from django.test import RequestFactory, override_settings
from django.urls import path
from starlette.testclient import TestClient

from consent import ConsentError, Verdict
from consent.integrations.django import consent_settings, get_consent
from consent.integrations.django.context_processors import consent as processor
from tests.integrations import django_site
from tests.sites import SECRET, Memory, browser, decide
from tests.ui.markup import read

TOML = """
controller = "The Example Post"
lifetime = 200
[[category]]
id = "necessary"
  [[category.service]]
  use = "django-session"
"""


@pytest.fixture(scope="session")
def django(tmp_path_factory: pytest.TempPathFactory) -> None:
    django_site.configure(tmp_path_factory.mktemp("django"))


@pytest.fixture
def records() -> Memory:
    return Memory()


@pytest.fixture
def client(django: None, records: Memory) -> Iterator[Any]:
    with browser(django_site.wrapped(records=records)) as client:  # with the server's lifespan
        yield client


def csrf(client: Any, address: str) -> dict[str, str]:
    """What a form sends that a browser has shown."""
    tokens = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', client.get(address).text)
    return {"csrfmiddlewaretoken": tokens[0]}


def log_in(client: Any, address: str = "/login/") -> Any:
    fields = {**csrf(client, address), "username": "ada", "password": "s3cret"}
    return client.post(address, data=fields, headers={"referer": f"https://site.example{address}"})


# --- pages ----------------------------------------------------------------------------------------


def test_a_page_asks_and_a_template_follows_the_answer(client: Any, records: Memory) -> None:
    """The banner is in the page, a decision is recorded, and tags and filters know it at once (R1)."""
    first = client.get("/front")
    assert first.text.count('id="cst-ask"') == 1
    assert "Not counted No ads" in first.text
    assert "set-cookie" not in first.headers
    assert decide(client, "save", granted="analytics").status_code == 303
    page = client.get("/front")
    assert "Counted No ads" in page.text
    assert "private" in page.headers["cache-control"]
    assert len(records.records) == 1


def test_cookies_wait_for_consent(client: Any) -> None:
    """What a view sets leaves the server, and what a browser sends reaches a view, only with consent (R1)."""
    client.cookies.set("_ga", "0", domain="site.example")
    assert "_ga=1" not in client.get("/count").headers.get("set-cookie", "")
    assert client.get("/asked").json() == {"cookies": [], "counted": False}
    decide(client, "accept")
    assert "_ga=1" in client.get("/count").headers["set-cookie"]
    seen = client.get("/asked").json()
    assert seen["counted"]
    assert "_ga" in seen["cookies"]


def test_the_banner_stands_where_the_template_puts_it(client: Any) -> None:
    """One surface a page, with the page's nonce (R8)."""
    page = read(client.get("/placed").text)
    assert page.one("section", id="cst-ask")
    assert {tag["nonce"] for tag in (*page.all("link"), *page.all("script"))} == {"n1"}
    text = client.get("/placed").text
    assert text.index("<header>") < text.index("cst-ask") < text.index("Main")


def test_the_policy_is_a_part_of_a_page(client: Any) -> None:
    """The page that carries it asks nowhere else (R8)."""
    text = client.get("/policy").text
    assert text.count('class="cst-policy"') == 1
    assert "<h3" in text
    assert "cst-ask" not in text


def test_the_other_tags(client: Any) -> None:
    """Link, scripts and embeds are markup; what comes from a database is escaped, and the rest is the frame's own."""
    text = client.get("/parts").text
    assert '<a class="cst-link" href="/consent?next=%2Fparts"' in text
    assert 'nonce="n1"' in text
    assert 'allow="fullscreen"' in text
    assert 'data-kind="film"' in text
    assert 'width="640"' in text
    assert "&lt;b&gt;Tide" in text
    assert "<b>Tide" not in text


def test_our_markup_speaks_the_active_language(client: Any) -> None:
    """What Django translates and what we write in one page is in one language."""
    assert read(client.get("/german").text).one("section", id="cst-ask")["lang"] == "de"


def test_a_sync_view_decides(client: Any, records: Memory) -> None:
    """From the thread in which Django runs it; the answer goes out with the response."""
    answer = client.get("/grant")
    assert "True" in answer.text
    assert "__Host-consent=" in answer.headers["set-cookie"]
    assert [record.method for record in records.records] == ["view"]


def test_a_streamed_page_carries_the_banner(client: Any) -> None:
    """An async stream goes through as it comes."""
    text = client.get("/streamed").text
    assert text.index("cst-ask") < text.index("<p>One") < text.index("<p>Two")


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
def test_a_file_stays_as_it_is(client: Any) -> None:
    """A download is no page."""
    answer = client.get("/file")
    assert answer.content == Path(__file__).with_name("django_pages.py").read_bytes()
    assert "attachment" in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    ("address", "status"), [("/not/here", 404), ("/broken", 500), ("/half", 500), ("/missing", 500)]
)
def test_error_pages_ask_too(client: Any, address: str, status: int) -> None:
    """Each carries the banner and the way to change one's mind, also where half a page had them (R17)."""
    answer = client.get(address)
    assert answer.status_code == status
    assert answer.text.count('id="cst-ask"') == answer.text.count('id="cst-control"') == 1


# --- what Django needs ----------------------------------------------------------------------------


def test_forms_sessions_and_messages_work_without_any_consent(client: Any) -> None:
    """The form's token, the session and the message are necessary; nothing else is set (R1)."""
    sent = client.post("/form", data=csrf(client, "/form"), headers={"referer": "https://site.example/form"})
    assert sent.status_code == 302
    assert set(client.cookies) == {"csrftoken", "sessionid", "messages"}
    assert "It is sent." in client.get("/front").text
    assert "It is sent." not in client.get("/front").text


def test_forms_are_still_protected(client: Any) -> None:
    """A form without its token is refused by Django as ever, on a page that asks."""
    refused = client.post("/form", headers={"referer": "https://site.example/form"})
    assert refused.status_code == 403
    assert "CSRF" in refused.text


def test_signing_in_works_after_a_refusal(client: Any) -> None:
    """Members are sent to sign in, come back, and stay signed in for who has refused everything (R1)."""
    decide(client, "reject")
    assert client.get("/members").headers["location"] == "/login/?next=/members"
    assert log_in(client).headers["location"] == "/members"
    assert "Hello ada, sent 0" in client.get("/members").text


def test_the_admin_works(client: Any) -> None:
    """Its sign-in, its lists and its forms."""
    assert log_in(client, "/admin/login/?next=/admin/").headers["location"] == "/admin/"
    page = client.get("/admin/auth/user/")
    assert page.status_code == 200
    assert "ada" in page.text
    fields = csrf(client, "/admin/auth/user/")
    assert client.post(
        "/admin/logout/", data=fields, headers={"referer": "https://site.example/admin/"}
    ).is_success


def test_mounted_elsewhere_links_lead_there(django: None) -> None:
    """Under a server's root path, ours lead below it as Django's do."""
    client = TestClient(django_site.wrapped(), root_path="/news")
    assert 'href="/news/consent?next=' in client.get("/news/front").text


def test_the_store_hears_of_the_end(django: None) -> None:
    """Django speaks of no lifespan; the server's end is told all the same, so that nothing is left unwritten."""

    class Closing(Memory):
        closed = False

        async def aclose(self) -> None:
            self.closed = True

    records = Closing()
    with browser(django_site.wrapped(records=records)):
        assert not records.closed
    assert records.closed


# --- outside the layer ----------------------------------------------------------------------------


def test_by_wsgi_it_says_so(django: None) -> None:
    """A request that came by WSGI has no consent, and no template pretends that it had."""
    request = RequestFactory().get("/")
    with pytest.raises(ConsentError, match=r"WSGIRequest came by WSGI.*asgi\.py"):
        get_consent(request)
    consent = processor(request)["consent"]
    with pytest.raises(ConsentError, match="by WSGI"):
        consent.verdict("analytics")


def test_a_verdict_is_there_too(client: Any) -> None:
    """`consent.verdict` in Python code that renders."""
    seen: list[Verdict] = []

    def view(request: Any) -> HttpResponse:
        seen.append(processor(request)["consent"].verdict("analytics"))
        return HttpResponse("x")

    with override_settings(ROOT_URLCONF=(path("", view),)):
        browser(django_site.wrapped()).get("/")
    assert seen == [Verdict.UNDECIDED]


@pytest.mark.parametrize(
    ("source", "told"),
    [("{% consent_link %}", "has no 'request'"), ("{{ 'x'|allows:'y' }}", "came after 'x'")],
)
def test_a_template_without_its_context_says_what_is_missing(django: None, source: str, told: str) -> None:
    """The error names the context processor to add."""
    engine = Engine(libraries={"consent": "consent.integrations.django.templatetags.consent"})
    template = engine.from_string("{% load consent %}" + source)
    with pytest.raises(ConsentError, match=f"{told}.*context.processor"):
        template.render(Context())


# --- settings -------------------------------------------------------------------------------------


@pytest.fixture
def toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CONSENT_SECRET_KEYS", raising=False)
    path = tmp_path / "consent.toml"
    path.write_text(TOML)
    return path


def test_a_file_and_a_dict_make_the_settings(
    django: None, toml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dict wins over the environment, which wins over the file."""
    monkeypatch.setenv("CONSENT_LAYOUT", "box")
    monkeypatch.setenv("CONSENT_PATH", "/from-environment")
    with override_settings(CONSENT={"TOML": toml, "secret_keys": [SECRET], "path": "/privacy"}):
        found = consent_settings()
    assert (found.lifetime, found.layout, found.path) == (200, "box", "/privacy")
    assert found.secret_keys == (SECRET,)
    assert found.catalogue.requires("sessionid") == {"django-session"}


@pytest.mark.parametrize("in_file", [True, False])
def test_keys_come_from_the_environment(
    django: None, toml: Path, monkeypatch: pytest.MonkeyPatch, in_file: bool
) -> None:
    """With a settings file and without one."""
    monkeypatch.setenv("CONSENT_SECRET_KEYS", f"{SECRET},{SECRET}2")
    with override_settings(CONSENT={"TOML": str(toml)} if in_file else {"controller": "The Post"}):
        assert consent_settings().secret_keys == (SECRET, SECRET + "2")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, r"^settings\.CONSENT: came as None; allowed is a dict such as"),
        ({"colour": "red"}, r"^settings\.CONSENT: the key 'colour' is unknown; known are TOML, cache, "),
        ({"secret_keys": [SECRET]}, r"^settings\.CONSENT, controller: came as None; allowed is the name"),
        (
            {"controller": "The Post"},
            r"^settings\.CONSENT, secret_keys: is missing; allowed are one or more keys",
        ),
        ({"TOML": 7}, r"^settings\.CONSENT, TOML: came as 7; allowed is the path of a settings file"),
        ({"TOML": "/nowhere.toml"}, r"^settings\.CONSENT, /nowhere\.toml: the file cannot be read"),
    ],
)
def test_settings_that_cannot_be_used_are_told(
    toml: Path, django: None, given: dict[str, Any] | None, told: str
) -> None:
    """In one sentence that names the place; Django's own SECRET_KEY signs nothing of ours."""
    with override_settings(CONSENT=given):
        with pytest.raises(ImproperlyConfigured, match=told):
            consent_settings()
        assert [message.id for message in run_checks() if message.id.startswith("consent")] == [
            "consent.E001"
        ]


# --- checks ---------------------------------------------------------------------------------------


def found(**values: Any) -> dict[str, str]:
    with override_settings(**{"WSGI_APPLICATION": None, **values}):
        messages = [message for message in run_checks() if message.id.startswith("consent")]
    return {message.id: f"{message.msg} {message.hint}" for message in messages}


def test_a_project_that_is_set_up_passes(django: None) -> None:
    """`manage.py check` has nothing to say, also where something else stands around the layer."""
    assert found() == {}


def test_cookies_that_django_needs_and_nobody_declared_are_told(django: None, toml: Path) -> None:
    """Those of the middleware that is installed, by the names that they have here (R1)."""
    given = {"TOML": toml, "secret_keys": [SECRET]}
    told = found(CONSENT=given, CSRF_USE_SESSIONS=True)["consent.W001"]
    assert "'messages'" in told
    assert 'use = "django-messages"' in told
    sessions = "django.contrib.sessions.middleware.SessionMiddleware"
    renamed = found(CONSENT=given, SESSION_COOKIE_NAME="sid", MIDDLEWARE=[sessions])
    assert "'sid'" in renamed["consent.W001"]


def test_an_application_without_the_layer_is_told(django: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """By WSGI, or with a bare ASGI application, nothing is withheld: the check says so."""
    here = django_site.HERE
    assert "does not stand around" in found(ASGI_APPLICATION=f"{here}.bare")["consent.W002"]
    assert "No ASGI application is found" in found(ASGI_APPLICATION="nowhere.application")["consent.W002"]
    assert "'tests.integrations.asgi.application'" in found(ASGI_APPLICATION=None)["consent.W002"]
    by_wsgi = found(WSGI_APPLICATION="mysite.wsgi.application")
    assert "nothing is withheld" in by_wsgi["consent.W003"]
