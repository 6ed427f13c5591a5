"""The consent requests that browsers read which speak ADPC; knows no visitor and no HTTP."""

import hashlib
import json
from collections.abc import Mapping
from typing import Final

from consent.catalogue import Catalogue
from consent.ui.content import CategoryContent, Content
from consent.ui.press import Press

ID_LENGTH: Final = 10
"""Hexadecimal digits in an identifier: they name the words, in all languages, and what they cover."""


class ConsentRequests:
    """One request per category. Its identifier is another one as soon as anything in it changes: a consent
    to earlier words is none to these. [ADPC, 6.1]
    """

    def __init__(self, press: Press, catalogue: Catalogue) -> None:
        self._contents = {tag: press.content(tag) for tag in press.languages.tags}
        self._ids = {
            category.id: self._identifier(category.id, catalogue.fingerprints[category.id])
            for category in catalogue.asked
        }

    @property
    def categories(self) -> Mapping[str, str]:
        """The category of each identifier."""
        return {identifier: category for category, identifier in self._ids.items()}

    def body(self, language: str) -> str:
        """The resource, as JSON, in one of the languages of the layer."""
        content = self._contents[language]
        requests = [
            {"id": self._ids[category.id], "text": _text(content, category)} for category in content.asked
        ]
        return json.dumps({"consentRequests": requests}, ensure_ascii=False)

    def _identifier(self, category: str, fingerprint: str) -> str:
        texts = [
            _text(content, shown)
            for content in self._contents.values()
            for shown in content.asked
            if shown.id == category
        ]
        digest = hashlib.sha256(json.dumps([fingerprint, texts]).encode()).hexdigest()
        return f"{category}.{digest[:ID_LENGTH]}"


def _text(content: Content, category: CategoryContent) -> str:
    """What is asked: who asks, for what, and who else is involved."""
    services = (f"{service.name} ({service.provider}): {service.purpose}" for service in category.services)
    return " ".join([content.intro, f"{category.name}: {category.purpose}", *services])
