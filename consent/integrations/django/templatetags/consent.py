"""``{% load consent %}``: our markup in Django's templates; knows the template's request, and no rule."""

from typing import Any

from django.template import Context, Library
from django.utils.translation import get_language
from markupsafe import Markup

from consent import access
from consent.errors import ConsentError
from consent.integrations.django.context_processors import TemplateConsent
from consent.integrations.django.requests import connection_of

register = Library()


@register.simple_tag(takes_context=True)
def consent_banner(context: Context, *, language: str | None = None, nonce: str | None = None) -> Markup:
    """`consent.render_banner`, in the language that is active."""
    return access.render_banner(_request(context), language=language or get_language(), nonce=nonce)


@register.simple_tag(takes_context=True)
def consent_policy(
    context: Context, *, language: str | None = None, heading_level: int = 2, nonce: str | None = None
) -> Markup:
    """`consent.render_policy`, in the language that is active."""
    language = language or get_language()
    return access.render_policy(
        _request(context), language=language, heading_level=heading_level, nonce=nonce
    )


@register.simple_tag(takes_context=True)
def consent_link(context: Context, *, language: str | None = None) -> Markup:
    """`consent.render_link`, in the language that is active."""
    return access.render_link(_request(context), language=language or get_language())


@register.simple_tag(takes_context=True)
def consent_script(context: Context, *, nonce: str | None = None) -> Markup:
    """`consent.render_script`."""
    return access.render_script(_request(context), nonce=nonce)


@register.simple_tag(takes_context=True)
def consent_calls(context: Context, *, nonce: str | None = None) -> Markup:
    """`consent.render_calls`."""
    return access.render_calls(_request(context), nonce=nonce)


@register.simple_tag(takes_context=True)
def consent_embed(context: Context, service: str, address: str, *, title: str, **values: Any) -> Markup:
    """`consent.render_embed`; what it does not know itself, such as ``allow="..."``, goes onto the frame."""
    known = {name: values.pop(name) for name in ("width", "height", "thumbnail", "nonce") if name in values}
    attributes = {name.replace("_", "-"): value for name, value in values.items()}
    return access.render_embed(
        _request(context), service, address, title=title, attributes=attributes, **known
    )


@register.filter
def allows(consent: object, name: str) -> bool:
    """``{% if consent|allows:"google-analytics" %}``, for names that are none of a template's."""
    if not isinstance(consent, TemplateConsent):
        raise ConsentError(
            f"'allows' came after {consent!r}; allowed is 'consent', from the context processor "
            "'consent.integrations.django.context_processors.consent'."
        )
    return consent.allows[name]


def _request(context: Context) -> Any:
    request = context.get("request")
    if request is None:
        raise ConsentError(
            "This template has no 'request': render it with the request, and with the context processor "
            "'django.template.context_processors.request'."
        )
    return connection_of(request)
