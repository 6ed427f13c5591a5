"""What tells the versions of one page apart: a short hash of all that they depend on; knows no request."""

import hashlib
from functools import lru_cache
from typing import Final

from consent._version import __version__
from consent.gates.etags import MARK_LENGTH
from consent.settings import ConsentSettings
from consent.state import Consent
from consent.ui.press import Press

_NONE: Final = frozenset[str]()


class Marks:
    """The marks of one site's entity tags: the same in every process that has the same settings."""

    def __init__(self, settings: ConsentSettings, press: Press) -> None:
        signals = " ".join(signal.name for signal in settings.listens)
        files = " ".join(press.assets.names)
        self._site = f"{__version__} {settings!r} {signals} {files} {press.templates.replaced!r}"
        self._kept = lru_cache(maxsize=1024)(self._mark)

    def of(self, consent: Consent, *, fresh: bool, paged: bool, language: str, base: str) -> bytes:
        """For a visitor's own pages: ``fresh`` if the decision was just made, ``paged`` if shown as pages."""
        heard = f" {consent.signals} {sorted(consent.objected)}" if consent.heard else ""
        return self._kept(consent.granted, consent.denied, fresh, paged, f"{language} {base}{heard}")

    def of_all(self, base: str) -> bytes:
        """For pages that are the same for every visitor."""
        return self._kept(_NONE, _NONE, False, True, f"* {base}")  # as the signature says

    def _mark(
        self, granted: frozenset[str], denied: frozenset[str], fresh: bool, paged: bool, rest: str
    ) -> bytes:
        parts = (self._site, sorted(granted), sorted(denied), fresh, paged, rest)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:MARK_LENGTH].encode()
