"""The Django app ``consent.integrations.django``: settings, the ASGI wrapper, checks and template tags."""

from consent.integrations.django.application import consent_application as consent_application
from consent.integrations.django.conf import consent_settings as consent_settings
from consent.integrations.django.requests import get_consent as get_consent
