"""Django's settings; ``CONSENT`` is the layer's part of them."""

import os
import secrets
from pathlib import Path

HERE = Path(__file__).parent
INSTANCE = Path(os.environ.get("DJANGO_INSTANCE", HERE / "instance"))
INSTANCE.mkdir(parents=True, exist_ok=True)

SECRET_KEY = secrets.token_urlsafe(48)  # made anew at each start: a real site keeps one
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "examples.django.urls"
ASGI_APPLICATION = "examples.django.asgi.application"
USE_TZ = True

INSTALLED_APPS = ["consent.integrations.django", "django.contrib.messages", "django.contrib.sessions"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
SESSION_ENGINE = "django.contrib.sessions.backends.file"
SESSION_FILE_PATH = str(INSTANCE)
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "consent.integrations.django.context_processors.consent",
            ]
        },
    }
]

CONSENT = {
    "TOML": HERE / "consent.toml",
    "secret_keys": [os.environ.get("CONSENT_SECRET_KEYS") or secrets.token_urlsafe(48)],
}
