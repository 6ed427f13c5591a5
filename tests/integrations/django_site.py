"""A Django site as people have it: pages, forms, sign-in, messages, the admin and files, on SQLite."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.management import call_command
from django.db import connections

from consent import Category, Service, services
from consent.integrations.django import consent_application
from tests.sites import SECRET, Memory, categories, cookie, service

HERE = "tests.integrations.django_site"
PAGE = "<!doctype html><html lang=en><head><title>x</title></head><body>"
LAYOUT = (
    "{% load consent %}"
    + PAGE
    + "<header>Top</header>{% for message in messages %}<p>{{ message }}</p>{% endfor %}"
    "{% block banner %}{% endblock %}{% block main %}{% endblock %}<footer>{% consent_link %}</footer></body></html>"
)
TEMPLATES = {
    "front.html": "{% if consent.allows.analytics %}Counted{% else %}Not counted{% endif %} "
    '{% if consent|allows:"ads" %}Ads{% else %}No ads{% endif %}',
    "placed.html": "{% consent_banner nonce='n1' %}<main>Main</main>",
    "half.html": "{% consent_banner %}{% consent_embed 'nobody' film title='x' %}",
    "policy.html": "{% consent_policy heading_level=3 %}",
    "parts.html": "{% consent_calls %}{% consent_script nonce='n1' %}"
    "{% consent_embed 'youtube' film title=title width=640 allow='fullscreen' data_kind='film' %}",
    "form.html": "<form method=post>{% csrf_token %}<button>Send</button></form>",
    "registration/login.html": "<form method=post>{% csrf_token %}{{ form }}</form>",
}
EXTENDED = {
    name: '{% extends "layout.html" %}{% load consent %}{% block main %}' + body + "{% endblock %}"
    for name, body in TEMPLATES.items()
}


def declared() -> tuple[Category, ...]:
    """The categories of most tests, and among the necessary what Django needs."""
    own: tuple[Service, ...] = (
        services.django_session(),
        services.django_csrf(),
        services.django_messages(),
        service(
            "language",
            cookie("django_language"),
            third_party=False,
            justification="Asked for by the visitor.",
        ),
    )
    asked_for = [category for category in categories() if category.id != "necessary"]
    films = Category(id="media", name="Media", purpose="Shows films.", services=[services.youtube()])
    return (Category(id="necessary", services=own), *asked_for, films)


def configure(folder: Path) -> None:
    """Once in a process; nothing else in it uses Django's settings."""
    contrib = ("admin", "auth", "contenttypes", "sessions", "messages")
    middleware = (
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    )
    processors = (
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
        "consent.integrations.django.context_processors.consent",
    )
    loaders = [("django.template.loaders.locmem.Loader", {"layout.html": LAYOUT, **EXTENDED})]
    admin_templates = ("django.template.loaders.app_directories.Loader",)
    settings.configure(
        SECRET_KEY="Django's own key, which signs nothing of ours",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="tests.integrations.django_pages",
        ASGI_APPLICATION=f"{HERE}.application",
        INSTALLED_APPS=["consent.integrations.django", *(f"django.contrib.{name}" for name in contrib)],
        MIDDLEWARE=middleware,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "django.sqlite3"}},
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {"loaders": [*loaders, *admin_templates], "context_processors": processors},
            }
        ],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STATIC_URL="/static/",
        LOGIN_URL="/login/",
        LOGIN_REDIRECT_URL="/members",
        LOGGING_CONFIG=None,
        CSRF_TRUSTED_ORIGINS=["https://site.example"],
        CONSENT={
            "controller": "The Example Post, 1 Mill Lane, Exampleton",
            "secret_keys": [SECRET],
            "categories": declared(),
        },
    )
    django.setup()
    # A browser's loop may be running in this thread, and where one runs Django touches no database.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(fill_database).result()


def fill_database() -> None:
    """The tables, and somebody who may see the admin."""
    call_command("migrate", verbosity=0)
    os.environ["DJANGO_SUPERUSER_PASSWORD"] = "s3cret"
    call_command("createsuperuser", interactive=False, username="ada", email="ada@example.org", verbosity=0)
    connections.close_all()


def handler() -> Any:
    """`get_asgi_application()` without a second `django.setup()`."""
    return ASGIHandler()


def wrapped(**values: Any) -> Any:
    return consent_application(handler(), **{"records": Memory(), **values})


def __getattr__(name: str) -> Any:
    """``application`` and ``bare``, made when a check imports them."""
    made = {"application": wrapped, "bare": handler}
    if name not in made:
        raise AttributeError(name)
    return made[name]()
