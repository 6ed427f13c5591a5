"""What of the layer is in force on a site, as one document that can be kept and compared; knows no key."""

import hashlib
from collections.abc import Mapping
from typing import Any

from consent._version import __version__
from consent.records.record import rfc3339, timestamp
from consent.settings import ConsentSettings
from consent.ui.rendering import Renderer


def manifest(settings: ConsentSettings, renderer: Renderer, now: float) -> dict[str, Any]:
    """All that visitors are asked, told and sent at ``now`` (Unix seconds), by names and hashes.

    Two that differ in more than ``time`` are of two states of the site.
    """
    catalogue = settings.catalogue
    return {
        "type": "ConsentManifest",
        "version": __version__,
        "time": rfc3339(timestamp(now)),
        "controller": settings.controller,
        "policy": settings.policy_address,
        "catalogue": catalogue.fingerprint,
        "categories": dict(catalogue.fingerprints),
        "notices": {language: _notice(renderer, language) for language in renderer.languages.tags},
        "assets": {name: _sha256(_content(renderer, name)) for name in renderer.assets.names},
    }


def _notice(renderer: Renderer, language: str) -> Mapping[str, str]:
    notice = renderer.notice(language)
    return {"id": notice.id, "sha256": _sha256(notice.body.encode())}


def _content(renderer: Renderer, name: str) -> bytes:
    asset = renderer.assets.get(name)
    return asset.content if asset else b""


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
