"""Our functions as globals of a site's own Jinja2 environment; knows the template's request, and no rule.

A function finds the request in the template's context, under the name ``request``, where
Starlette's ``Jinja2Templates`` and its like put it.
"""

from typing import Any, Final

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from consent import access
from consent.errors import ConsentError
from consent.request_consent import RequestConsent
from consent.state import Verdict


class TemplateConsent:
    """``consent`` in templates: the standing of the visitor whose request is answered."""

    @pass_context
    def allows(self, context: Context, name: str) -> bool:
        """Whether the category or service ``name`` is granted; an unknown one never is."""
        return _consent(context).allows(name)

    @pass_context
    def verdict(self, context: Context, name: str) -> Verdict:
        """Whether the category or service ``name`` is granted, denied or undecided."""
        return _consent(context).verdict(name)


def install(environment: Environment) -> None:
    """Add ``consent`` and the functions ``consent_...`` to the globals of an environment.

    They raise `ConsentError` in a template that is rendered without its ``request``.
    """
    environment.globals.update(_GLOBALS)


@pass_context
def consent_banner(context: Context, **values: Any) -> Markup:
    """`consent.render_banner` for the template's request."""
    return access.render_banner(_request(context), **values)


@pass_context
def consent_policy(context: Context, **values: Any) -> Markup:
    """`consent.render_policy` for the template's request."""
    return access.render_policy(_request(context), **values)


@pass_context
def consent_link(context: Context, **values: Any) -> Markup:
    """`consent.render_link` for the template's request."""
    return access.render_link(_request(context), **values)


@pass_context
def consent_script(context: Context, **values: Any) -> Markup:
    """`consent.render_script` for the template's request."""
    return access.render_script(_request(context), **values)


@pass_context
def consent_calls(context: Context, **values: Any) -> Markup:
    """`consent.render_calls` for the template's request."""
    return access.render_calls(_request(context), **values)


@pass_context
def consent_embed(context: Context, service: str, address: str, **values: Any) -> Markup:
    """`consent.render_embed` for the template's request."""
    return access.render_embed(_request(context), service, address, **values)


_GLOBALS: Final[dict[str, Any]] = {
    "consent": TemplateConsent(),
    "consent_banner": consent_banner,
    "consent_policy": consent_policy,
    "consent_link": consent_link,
    "consent_script": consent_script,
    "consent_calls": consent_calls,
    "consent_embed": consent_embed,
}


def _consent(context: Context) -> RequestConsent:
    return access.get_consent(_request(context))


def _request(context: Context) -> Any:
    """Whatever has a ``scope``: the request of Starlette, FastAPI, Litestar or Quart."""
    request = context.get("request")
    if not hasattr(request, "scope"):
        raise ConsentError(
            f"Template {context.name!r} has no 'request' (it came as {request!r}): hand it over when you "
            "render, and import macros 'with context'."
        )
    return request
