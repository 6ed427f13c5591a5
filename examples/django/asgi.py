"""The project as an ASGI application: the layer stands around Django, and keeps the evidence."""

import os

from django.conf import settings
from django.core.asgi import get_asgi_application

from consent import SQLiteRecords
from consent.integrations.django import consent_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "examples.django.settings")

application = consent_application(
    get_asgi_application(), records=SQLiteRecords(settings.INSTANCE / "consent.sqlite3")
)
