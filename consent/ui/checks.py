"""What a site's own templates have to keep, so that a choice stays one: looked at when a site starts."""

from html.parser import HTMLParser
from typing import Final

from consent.catalogue import Catalogue
from consent.errors import ConfigurationError

_HIDDEN: Final = ("method", "language", "notice", "next")

_Attributes = dict[str, str | None]


class _Form(HTMLParser):
    """The buttons and fields of the one form in some markup."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[_Attributes] = []
        self.buttons: list[_Attributes] = []
        self.fields: list[_Attributes] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what can be pressed, ticked or sent."""
        found = {"form": self.forms, "button": self.buttons, "input": self.fields}.get(tag)
        if found is not None:
            found.append(dict(attrs))

    def hidden(self) -> set[str | None]:
        """The names of what is sent along."""
        return {field.get("name") for field in self.fields if field.get("type") == "hidden"}

    def actions(self) -> dict[str | None, _Attributes]:
        """The buttons that decide, by what they decide."""
        named = (dict(button) for button in self.buttons if button.get("name") == "action")
        return {button.pop("value", None): button for button in named}


def check_banner(html: str) -> None:
    """Raise `ConfigurationError` unless refusing is as easy as accepting (R5, R23)."""
    form = _checked("ask.html", html)
    if any(field.get("type") != "hidden" for field in form.fields):
        _refuse("ask.html", "there is something to fill in; allowed is nothing but buttons (R4)")


def check_choices(html: str, catalogue: Catalogue) -> None:
    """Raise `ConfigurationError` unless each category can be chosen, and none is yet (R4, R9)."""
    form = _checked("choices.html", html)
    offered = {field.get("value") for field in form.fields if field.get("name") == "granted"}
    for category in catalogue.asked:
        if category.id not in offered:
            _refuse("choices.html", f"no field grants {category.id!r}; needed is one for each category (R9)")
    if any("checked" in field for field in form.fields):
        _refuse("choices.html", "something is ticked beforehand; allowed is what the visitor ticks (R4)")


def _checked(name: str, html: str) -> _Form:
    form = _Form(html)
    if len(form.forms) != 1 or (form.forms[0].get("method") or "").lower() != "post":
        _refuse(name, "there is not one form that posts; needed is one")
    actions = form.actions()
    if not {"accept", "reject"} <= actions.keys():
        _refuse(name, "needed is a button for each of the actions 'accept' and 'reject' (R5)")
    if actions["accept"] != actions["reject"]:
        _refuse(name, "the buttons for accepting and refusing differ; allowed is only another 'value' (R5)")
    if missing := [field for field in _HIDDEN if field not in form.hidden()]:
        _refuse(name, f"the hidden field {missing[0]!r} is missing (R23)")
    return form


def _refuse(name: str, problem: str) -> None:
    raise ConfigurationError(f"templates: {name}", f"{problem}.")
