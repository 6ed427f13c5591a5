"""What ``manage.py check`` says of a project: its settings, its own cookies and how it is served."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004  # as Django calls it
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from consent.catalogue import are_met
from consent.integrations.django.conf import consent_settings
from consent.middleware import ConsentMiddleware

_SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
_CSRF = "django.middleware.csrf.CsrfViewMiddleware"
_MESSAGES = "django.contrib.messages.middleware.MessageMiddleware"


def check_settings(**_: Any) -> list[CheckMessage]:
    """E001: ``settings.CONSENT`` cannot be used."""
    try:
        consent_settings()
    except ImproperlyConfigured as error:
        hint = "See docs/how-to/use-with-django.md; the secret keys are the layer's own, not SECRET_KEY."
        return [Error(str(error), hint=hint, id="consent.E001")]
    return []


def check_cookies(**_: Any) -> list[CheckMessage]:
    """W001: a cookie of Django's that signing in, forms or messages need is not among the necessary."""
    try:
        catalogue = consent_settings().catalogue
    except ImproperlyConfigured:
        return []
    always = catalogue.standing(None).granted
    return [
        Warning(
            f"{name!r} is not among the declared necessary cookies: without consent, Django cannot use it.",
            hint=f'Declare it: use = "{service}" in the category "necessary".',
            id="consent.W001",
        )
        for name, service in _own_cookies()
        if (needs := catalogue.requires(name)) is None or not are_met(needs, always)
    ]


def _own_cookies() -> list[tuple[str, str]]:
    """The cookies of the middleware that is installed, each with its ready-made declaration."""
    installed = settings.MIDDLEWARE
    by_cookie = settings.MESSAGE_STORAGE.endswith((".FallbackStorage", ".CookieStorage"))
    found = [
        (_SESSIONS in installed, settings.SESSION_COOKIE_NAME, "django-session"),
        (_CSRF in installed and not settings.CSRF_USE_SESSIONS, settings.CSRF_COOKIE_NAME, "django-csrf"),
        (_MESSAGES in installed and by_cookie, "messages", "django-messages"),
    ]
    return [(name, service) for there, name, service in found if there]


def check_application(**_: Any) -> list[CheckMessage]:
    """W002: the project has no ASGI application, or the layer does not stand around it; W003: WSGI."""
    address = getattr(settings, "ASGI_APPLICATION", None) or _usual_address()
    found: list[CheckMessage] = []
    try:
        wrapped = _is_wrapped(import_string(address))
    except ImportError as error:
        found.append(_unwrapped(f"No ASGI application is found at {address!r}: {error}."))
    except ImproperlyConfigured:
        return []  # E001 says why
    else:
        if not wrapped:
            found.append(
                _unwrapped(f"ConsentMiddleware does not stand around {address!r}: nothing is withheld.")
            )
    if settings.WSGI_APPLICATION and "daphne" not in settings.INSTALLED_APPS:
        message = f"WSGI_APPLICATION is {settings.WSGI_APPLICATION!r}, and by WSGI nothing is withheld."
        hint = (
            "Delete it and serve asgi.py: uvicorn, or daphne in INSTALLED_APPS, which gives runserver ASGI."
        )
        found.append(Warning(message, hint=hint, id="consent.W003"))
    return found


def _usual_address() -> str:
    """Where ``startproject`` puts it: beside the root URL configuration."""
    package = settings.ROOT_URLCONF.rpartition(".")[0]
    return ".".join(filter(None, (package, "asgi.application")))


def _unwrapped(message: str) -> CheckMessage:
    hint = "Write application = consent_application(get_asgi_application()); ASGI_APPLICATION names another."
    return Warning(message, hint=hint, id="consent.W002")


def _is_wrapped(application: Any) -> bool:
    """Whether the layer is among what an application wraps, as far as each calls it ``app``."""
    while application is not None and not isinstance(application, ConsentMiddleware):
        application = getattr(application, "app", None)
    return application is not None
