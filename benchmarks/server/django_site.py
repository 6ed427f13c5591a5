"""A Django site of one page, with and without django-cookie-consent's middleware; knows no view."""

import asyncio
from pathlib import Path
from typing import Any, Final

import django
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.management import call_command

from benchmarks.server.driver import BROWSER, FORM, Errand, post

COOKIE_CONSENT: Final = "cookie_consent.middleware.CleanCookiesMiddleware"
_GROUPS: Final = {"preferences": ["edition"], "analytics": ["_ga", "_hm"], "marketing": ["IDE"]}


def configure(folder: Path) -> None:
    """Once in a process."""
    if settings.configured:
        return
    settings.configure(
        SECRET_KEY="signs nothing that matters",  # noqa: S106
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="benchmarks.server.django_pages",
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "cookie_consent"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "bench.sqlite3"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        COOKIE_CONSENT_LOG_ENABLED=False,
        COOKIE_CONSENT_SUCCESS_URL="/sync",
        LOGGING_CONFIG=None,
        MIDDLEWARE=[],
    )
    django.setup()
    call_command("migrate", verbosity=0)
    _declare()


def _declare() -> None:
    from cookie_consent.models import Cookie, CookieGroup  # noqa: PLC0415  # only after django.setup()

    for name, cookies in _GROUPS.items():
        group = CookieGroup.objects.create(varname=name, name=name.title())
        for cookie in cookies:
            Cookie.objects.create(cookiegroup=group, name=cookie, path="/")


def handler(*middleware: str) -> Any:
    """Django's ASGI application behind this middleware of its own."""
    settings.MIDDLEWARE = [*middleware]
    return ASGIHandler()


def accepted() -> bytes:
    """The cookie of a visitor who has accepted every group, as the package sets it."""
    errand = Errand(path="/cookies/accept/", headers=(*BROWSER, FORM))
    answer = asyncio.run(post(handler(), errand, b"all_groups=on"))
    [(name, value)] = answer.cookies.items()
    return f"{name}={value}".encode()
