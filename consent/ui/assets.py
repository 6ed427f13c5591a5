"""The stylesheet and the script, each under an address that changes with its content; knows no HTTP."""

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

_MEDIA_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file as it is served; ``name`` holds a hash of ``content``, so that it never changes."""

    name: str
    content: bytes
    media_type: str

    @property
    def integrity(self) -> str:
        """Its hash as pages and policies write it: ``sha256-...``."""
        return "sha256-" + b64encode(hashlib.sha256(self.content).digest()).decode("ascii")


class Assets:
    """All files there are, read once, and those ``made`` for the site."""

    def __init__(self, **made: bytes) -> None:
        static = (files("consent.ui") / "static").iterdir()
        found = {file.name: slim(file.name, file.read_text("utf-8")) for file in static if file.is_file()}
        found |= {name.replace("_", "."): content for name, content in made.items()}
        self._names: dict[str, str] = {}
        self._assets: dict[str, Asset] = {}
        for name, content in sorted(found.items()):
            asset = _asset(name, content)
            self._names[name] = asset.name
            self._assets[asset.name] = asset

    @property
    def names(self) -> tuple[str, ...]:
        """Under which names the files are served."""
        return tuple(self._assets)

    def get(self, name: str) -> Asset | None:
        """The file served as ``name``, such as ``consent.0123456789ab.css``; ``None`` if there is none."""
        return self._assets.get(name)

    def content(self, name: str) -> bytes:
        """What ``name``, such as ``asking.css``, holds."""
        return self._assets[self._names[name]].content

    def url(self, base: str, name: str) -> str:
        """Where ``name``, such as ``consent.css``, is served by a layer that answers under ``base``."""
        return f"{base}/assets/{self._names[name]}"

    def integrity(self, name: str) -> str:
        """The hash of ``name``, such as ``consent.js``, for a policy that lists scripts by their hashes."""
        return self._assets[self._names[name]].integrity


def slim(name: str, source: str) -> bytes:
    """A script or stylesheet of ours without what only people need; a script's lines stay lines."""
    if name.endswith(".js"):
        # No text in our scripts begins like a comment.
        source = re.sub(r"^ +|(?:^|(?<=\S)) *// .*$", "", source, flags=re.MULTILINE)
        return re.sub(r"\n{2,}", "\n", source).strip().encode()
    source = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    return re.sub(
        r" *([{};,]) *|(?<=[a-z]): ", lambda match: match[1] or ":", " ".join(source.split())
    ).encode()


def _asset(name: str, content: bytes) -> Asset:
    stem, _, extension = name.rpartition(".")
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Asset(name=f"{stem}.{digest}.{extension}", content=content, media_type=_MEDIA_TYPES[extension])
