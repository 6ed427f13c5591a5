"""Signs JSON documents so that anybody can check them; knows no HTTP and not what the documents say.

A W3C Data Integrity proof by the cryptosuite ``eddsa-jcs-2022``: Ed25519 over the canonical JSON of
RFC 8785, with the public key inside the proof as a ``did:key``. The only module that knows cryptography.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from consent.records.record import timestamp

MAX_INTEGER: Final = 2**53 - 1
"""The greatest whole number that every reader of JSON reads the same. [RFC 8785, 3.2.2.3; RFC 7493, 2.2]"""

_SALT: Final = b"consent.signature.v1"
_INFO: Final = b"Ed25519 seed"
_ED25519: Final = b"\xed\x01"  # multicodec's prefix of an Ed25519 public key
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_METHOD = re.compile(rf"did:key:(z6Mk[{_BASE58}]{{44}})#\1")
_VALUE = re.compile(rf"z[{_BASE58}]{{64,88}}")
_FIXED: Final = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "proofPurpose": "assertionMethod",
}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key: the 32 bytes that are its secret."""

    seed: bytes = field(repr=False)

    @classmethod
    def derive(cls, secret: str) -> Self:
        """The one key that belongs to ``secret``, and tells nothing of it: HKDF-SHA-256 [RFC 5869]."""
        # Here and below: inside, so that sites that sign nothing never load the compiled library.
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

        return cls(HKDF(algorithm=SHA256(), length=32, salt=_SALT, info=_INFO).derive(secret.encode()))

    @property
    def public(self) -> str:
        """The public key, as multibase writes it: ``z6Mk...``."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

        raw = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return f"z{_encode(_ED25519 + raw)}"

    @property
    def verification_method(self) -> str:
        """What a proof names: the public key as a DID, which nobody needs to look up."""
        return f"did:key:{self.public}#{self.public}"


def sign(document: Mapping[str, Any], key: SigningKey, now: float) -> dict[str, Any]:
    """``document`` with a ``proof`` that ``key`` signed it at ``now`` (Unix seconds).

    Raises `TypeError` or `ValueError` for what has no canonical form, a float for instance.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    unsecured = {name: value for name, value in document.items() if name != "proof"}
    options = {
        **_FIXED,
        "created": timestamp(int(now)).isoformat().replace("+00:00", "Z"),
        "verificationMethod": key.verification_method,
        **_context(unsecured),
    }
    signature = Ed25519PrivateKey.from_private_bytes(key.seed).sign(hash_data(unsecured, options))
    return {**unsecured, "proof": {**options, "proofValue": f"z{_encode(signature)}"}}


def verify(document: Any) -> str | None:
    """The public key (multibase) that signed ``document`` as it is; ``None`` if none did.

    Anybody can sign with a key of their own: whose key it is must be compared by the caller.
    """
    try:
        return _verified(document)
    except (TypeError, ValueError, RecursionError):  # what has no canonical form, nobody signed
        return None


def _verified(document: Any) -> str | None:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    proof = document.get("proof") if isinstance(document, dict) else None
    if not isinstance(proof, dict):
        return None
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    if not _as_signed_here(options, unsecured):
        return None
    method = _METHOD.fullmatch(str(options["verificationMethod"]))
    value = str(proof.get("proofValue"))
    if method is None or not _VALUE.fullmatch(value):
        return None
    signature, multikey = _decode(value[1:]), _decode(method[1][1:])
    if not multikey.startswith(_ED25519):
        return None
    try:
        Ed25519PublicKey.from_public_bytes(multikey[2:]).verify(signature, hash_data(unsecured, options))
    except InvalidSignature:
        return None
    return method[1]


def _as_signed_here(options: Mapping[str, Any], unsecured: Mapping[str, Any]) -> bool:
    # The standard lets contexts be added after the signature: here they would change what the words mean.
    expected = {**_FIXED, **_context(unsecured)}
    names = {*expected, "created", "verificationMethod"}
    return options.keys() == names and all(options[name] == value for name, value in expected.items())


def _context(document: Mapping[str, Any]) -> dict[str, Any]:
    return {"@context": document["@context"]} if "@context" in document else {}


def hash_data(unsecured: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
    """What is signed: the hash of the proof's options, then that of the document. [vc-di-eddsa, 3.3.4]"""
    return b"".join(hashlib.sha256(canonical(part)).digest() for part in (options, unsecured))


def canonical(value: Any) -> bytes:
    """The one way to write ``value`` as JSON. [RFC 8785]

    Raises `TypeError` for anything but texts, whole numbers, booleans, lists, mappings and ``None``, and
    `ValueError` for numbers and texts that not every reader would read the same.
    """
    return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":")).encode()


def _ordered(value: Any) -> Any:
    match value:
        case None | bool() | str():
            return value
        case int():
            if abs(value) > MAX_INTEGER:
                raise ValueError(f"{value} is beyond what every reader of JSON takes for the same number.")
            return value
        case list():
            return [_ordered(item) for item in value]
        case dict():
            return {name: _ordered(value[name]) for name in sorted(value, key=_utf16)}
        case _:
            raise TypeError(f"A {type(value).__name__} has no canonical form here.")


def _utf16(name: Any) -> bytes:
    """Names sort by their UTF-16 code units, as in JavaScript, not by code points."""
    if not isinstance(name, str):
        raise TypeError(f"A name in JSON is a text; one came as {name!r}.")
    return name.encode("utf-16-be")


def _encode(data: bytes) -> str:
    """Base58 as Bitcoin writes it: a leading zero byte is a ``1``."""
    number, digits = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _BASE58[digit] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def _decode(text: str) -> bytes:
    number = 0
    for digit in text:
        number = number * 58 + _BASE58.index(digit)
    return bytes(len(text) - len(text.lstrip("1"))) + number.to_bytes((number.bit_length() + 7) // 8)
