"""The templates, ours and the site's own over them; the only user of jinja2."""

from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, TemplateError, TemplateSyntaxError

from consent.errors import ConfigurationError
from consent.ui.sources import read_templates, template_source


def printed(source: str, **values: Any) -> str:
    """A document of the package's own that no site replaces, from the source of its template."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(source).render(**values)


class Templates:
    """Renders by name. ``replaced`` holds the sources of those that a site has replaced, by name.

    Raises `ConfigurationError` for a folder that cannot be used and for a template that is none.
    """

    def __init__(self, folder: str | None = None) -> None:
        self.replaced = read_templates(folder)
        self._environment = Environment(
            loader=FunctionLoader(lambda name: self.replaced.get(name) or template_source(name)),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
        )
        for name in self.replaced:
            self._check(name)

    def _check(self, name: str) -> None:
        try:
            self._environment.get_template(name)
        except TemplateSyntaxError as error:
            raise ConfigurationError(f"templates: {name}", f"this is no template: {error.message}.") from None

    def render(self, name: str, **values: Any) -> str:
        """One template's markup; raises `ConfigurationError` if a site's own asks for what there is not."""
        try:
            return self._environment.get_template(name).render(**values)
        except TemplateError as error:
            raise ConfigurationError(
                f"templates: {name}", f"it cannot be rendered: {error.message}."
            ) from error
