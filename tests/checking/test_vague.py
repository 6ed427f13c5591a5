"""Purposes that say nothing, in several languages."""

import tomllib
from pathlib import Path

import pytest

from consent import services
from consent.checking.vague import is_vague

LOCALES = Path(__file__).parents[2] / "consent" / "ui" / "locales"


@pytest.mark.parametrize(
    "text",
    [
        "To improve your experience.",
        "We use this cookie to give you the best experience on our website!",
        "Various purposes",
        "MARKETING",
        "Necessary for the website to function properly.",
        "Zur Verbesserung der Nutzererfahrung",
        "Um Ihnen ein optimales Erlebnis zu bieten.",
        "Technisch notwendig.",
        "Pour améliorer votre expérience",
        "Pour des raisons techniques, à diverses fins",
        "Para mejorar su experiencia de usuario.",
        "Per migliorare la tua esperienza",
        "Om uw ervaring te verbeteren",
        "W celu poprawy jakości usług",
        "Para melhorar a sua experiência",
        "För att förbättra din upplevelse på webbplatsen",
        "For at forbedre din brugeroplevelse på hjemmesiden",
    ],
)
def test_what_goes_with_any_purpose_is_vague(text: str) -> None:
    """Regulators' own examples, whatever the case and the accents (R7; WP 203)."""
    assert is_vague(text)


@pytest.mark.parametrize(
    "text",
    [
        "Counts how many articles one reader reads.",
        "Improves search by remembering what you looked for.",
        "Keeps you logged in.",
        "Zeigt Werbung, ausgesucht nach dem, was Sie hier gelesen haben.",
        "Compte les visites.",
        "Пам'ятає мову",
        "...",
        "",
    ],
)
def test_what_says_something_is_not(text: str) -> None:
    """One word that tells what is done is enough; a language that nobody knows is left alone."""
    assert not is_vague(text)


def test_our_own_words_are_not_vague() -> None:
    """No purpose of a ready-made service or of a category in any language is."""
    ours = [services.load(name, provider="P") for name in services.names()]
    texts = [one.purpose for one in ours]
    texts += [cookie.purpose for one in ours for cookie in one.cookies]
    texts += [item.purpose for one in ours for item in one.storage]
    for file in LOCALES.glob("*.toml"):
        texts += [words["purpose"] for words in tomllib.loads(file.read_text("utf-8"))["category"].values()]
    assert [text for text in texts if is_vague(str(text))] == []
