"""Prints templates with the words of a language; knows no visitor."""

from functools import lru_cache
from typing import Any, Final

from consent.calls.script import script_of
from consent.catalogue import Catalogue
from consent.settings import ConsentSettings
from consent.ui.assets import Assets, slim
from consent.ui.content import Content, Notice, describe, notice_of
from consent.ui.keys import keys_of
from consent.ui.sources import HOLE, NONCE_HOLE
from consent.ui.texts import Languages

CALLS: Final = "calls.js"
"""The script that makes the vendors' consent calls, where a site has any to make."""

_PLACES: Final = {"bar": "edge", "box": "corner", "inline": "flow", "modal": "middle"}
"""What layouts are called in class names: filter lists hide the usual words."""


class Press:
    """Everything that is the same for all visitors of a site: languages, texts, files, templates."""

    def __init__(self, settings: ConsentSettings, catalogue: Catalogue) -> None:
        # With it comes jinja2, a seventh of what importing the package would take.
        from consent.ui.templating import Templates  # noqa: PLC0415

        self.languages = Languages(settings.texts, default=settings.default_language, fixed=settings.language)
        keys = keys_of(catalogue)
        self.assets = Assets(**_made(settings, catalogue, keys))
        self.templates = Templates(settings.templates)
        self._keys = "keys.json" if keys else None
        self._settings = settings
        self._catalogue = catalogue
        self._unasked = catalogue.standing(None)
        self._content = lru_cache(self._describe)
        self._notice = lru_cache(self._evidence)
        self._kept = lru_cache(maxsize=512)(self._render)

    def notice(self, language: str) -> Notice:
        """The evidence of what a visitor who reads ``language`` is shown."""
        return self._notice(language)

    def content(self, language: str) -> Content:
        """What a visitor who reads ``language`` is told, as values."""
        return self._content(language)

    def _render(self, template: str, language: str, base: str, **values: Any) -> str:
        texts, address = self.languages.get(language), base + self._settings.path
        return self.templates.render(
            template,
            **{
                "t": texts.text,
                "language": language,
                "direction": texts.direction,
                "content": self._content(language),
                "notice": self._notice(language).id,
                "address": address,
                "policy_url": self._settings.policy_url or address,
                "place": _PLACES[self._settings.layout],
                "css": self.assets.url(address, "consent.css"),
                "choices_css": self.assets.url(address, "choices.css"),
                "policy_css": self.assets.url(address, "policy.css"),
                "js": self.assets.url(address, "consent.js"),
                "shared_js": self.assets.url(address, "shared.js"),
                "integrity": self.assets.integrity("consent.js"),
                "keys": self.assets.url(address, self._keys) if self._keys else None,
                "hole": HOLE,
                "nonce": NONCE_HOLE if values.get("nonced") else "",
                **values,
            },
        )

    def _describe(self, language: str) -> Content:
        return describe(self._settings, self._catalogue, self.languages.get(language))

    def _evidence(self, language: str) -> Notice:
        return notice_of(self._content(language), self._catalogue, self.templates.replaced)


def _made(settings: ConsentSettings, catalogue: Catalogue, keys: bytes | None) -> dict[str, bytes]:
    """The files that are the site's own: what scripts can delete, and the vendors' consent calls."""
    made = {} if keys is None else {"keys_json": keys}
    if settings.told:
        shared = settings.cache == "shared"
        signals = [signal.name for signal in settings.listens]
        calls = script_of(settings.told, shared=shared, catalogue=catalogue.fingerprint, signals=signals)
        made["calls_js"] = slim(CALLS, calls)
    return made
