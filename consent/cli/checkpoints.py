"""Checkpoints: signed documents that tell where the chain ended once; knows no store."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from consent.errors import ConfigurationError
from consent.records import signature
from consent.records.chain import Link
from consent.records.record import rfc3339, timestamp
from consent.settings import ConsentSettings

TYPE: Final = "ConsentCheckpoint"

_PREFIX: Final = "did:key:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """One that was read: the end of the chain it names, and who signed it, if anybody did."""

    path: Path
    link: Link
    key: str | None

    def fault(self, trusted: Collection[str]) -> str | None:
        """What is wrong with its signature, if ``trusted`` keys are known; one sentence."""
        if self.key is None:
            return f"The signature of checkpoint {self.path} does not fit what it says."
        if trusted and self.key not in trusted:
            return (
                f"The checkpoint {self.path} was signed by a key that is not the site's: {_PREFIX}{self.key}."
            )
        return None


def document(link: Link, settings: ConsentSettings, now: float) -> dict[str, Any]:
    """What a checkpoint of ``link`` says, not signed yet."""
    return {
        "type": TYPE,
        "position": link.position,
        "hash": link.hash,
        "time": rfc3339(timestamp(now)),
        "controller": settings.controller,
    }


def signed(value: Mapping[str, Any], settings: ConsentSettings, now: float) -> dict[str, Any]:
    """``value`` with the proof of the key that belongs to the site's newest secret."""
    key = signature.SigningKey.derive(settings.secret_keys[-1])
    return signature.sign(value, key, now)


def keys_of(settings: ConsentSettings) -> set[str]:
    """The public keys of all of the site's secrets."""
    return {signature.SigningKey.derive(secret).public for secret in settings.secret_keys}


def key_named(text: str) -> str:
    """The public key that ``text`` names: ``did:key:z6Mk...``, with or without its prefix."""
    return text.removeprefix(_PREFIX).partition("#")[0]


def read(path: Path) -> Checkpoint:
    """The checkpoint in a file; `ConfigurationError` if it holds none."""
    option = "--checkpoint"
    try:
        value = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(option, f"{str(path)!r} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise ConfigurationError(option, f"{str(path)!r} is no JSON.") from None
    match value:
        case {"type": "ConsentCheckpoint", "position": int(position), "hash": str(found)}:
            return Checkpoint(
                path=path, link=Link(position=position, hash=found), key=signature.verify(value)
            )
    raise ConfigurationError(option, f"{str(path)!r} is no {TYPE}.")
