"""What ``INSTALLED_APPS`` finds; knows only which checks there are."""

from django.apps import AppConfig
from django.core.checks import register
from django.core.signals import got_request_exception

from consent.integrations.django.checks import check_application, check_cookies, check_settings
from consent.integrations.django.requests import start_again


class ConsentConfig(AppConfig):
    """The app, under the label ``consent``."""

    name = "consent.integrations.django"
    label = "consent"
    verbose_name = "Consent"

    def ready(self) -> None:
        """Register the checks of ``manage.py check``, and hear of pages that failed."""
        for check in (check_settings, check_cookies, check_application):
            register(check)
        got_request_exception.connect(start_again)
