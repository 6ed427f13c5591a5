"""``consent`` in every template of a Django site; knows the request, and asks only when a template does."""

from typing import Any

from django.http import HttpRequest

from consent.integrations.django.requests import get_consent
from consent.request_consent import RequestConsent
from consent.state import Verdict


def consent(request: HttpRequest) -> dict[str, Any]:
    """``consent`` for templates: ``{% if consent.allows.analytics %}``."""
    return {"consent": TemplateConsent(request)}


class TemplateConsent:
    """The standing of the visitor whose request is answered, in the terms of Django's templates."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def allows(self) -> "Allowed":
        """``consent.allows.analytics``: whether a category or service is granted."""
        return Allowed(get_consent(self._request))

    def verdict(self, name: str) -> Verdict:
        """Whether the category or service ``name`` is granted, denied or undecided."""
        return get_consent(self._request).verdict(name)


class Allowed:
    """Answers by name, as Django's templates look things up."""

    def __init__(self, consent: RequestConsent) -> None:
        self._consent = consent

    def __getitem__(self, name: str) -> bool:
        return self._consent.allows(name)
