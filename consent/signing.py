"""Signs an answer into a cookie's value and reads it back; the only module that knows itsdangerous.

The value is text that fits a cookie as it is (RFC 6265, 4.1.1), made of parts joined by dots::

    1.<time, hex>.<category>_<fingerprint><g|d|u>~...<dot><service>~...<dot><receipt>.<signature>

It is signed, not encrypted: it holds nothing that its owner may not read.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

from itsdangerous import Signer

from consent.catalogue import FINGERPRINT_LENGTH
from consent.state import Answer, Verdict

MAX_LENGTH: Final = 4_000
"""Characters of the longest value read; name and value together stay under 4,096 bytes."""

_ID = r"[a-z][a-z0-9-]*"
_VERDICT = rf"{_ID}_[0-9a-f]{{{FINGERPRINT_LENGTH}}}[gdu]"
_SHAPE = re.compile(
    rf"1\.([0-9a-f]{{1,11}})\.({_VERDICT}(?:~{_VERDICT})*)?\.({_ID}(?:~{_ID})*)?\.([0-9a-f-]{{36}})?"
)
_LETTERS: Final = {Verdict.GRANTED: "g", Verdict.DENIED: "d", Verdict.UNDECIDED: "u"}
_VERDICTS: Final = {letter: verdict for verdict, letter in _LETTERS.items()}


class ConsentSigner:
    """Signs with the last of ``secret_keys``, verifies with all: HMAC-SHA-256 under a salt of its own."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        self._signer = Signer(
            list(secret_keys), salt="consent.answer.v1", key_derivation="hmac", digest_method=hashlib.sha256
        )

    def dumps(self, answer: Answer) -> str:
        """The cookie's value for ``answer``: under 300 characters for five categories."""
        verdicts = "~".join(
            f"{category}_{fingerprint}{_LETTERS[verdict]}"
            for category, (fingerprint, verdict) in answer.verdicts.items()
        )
        services = "~".join(sorted(answer.services))
        return self._signer.sign(f"1.{answer.time:x}.{verdicts}.{services}.{answer.receipt or ''}").decode()

    def loads(self, value: str) -> Answer | None:
        """The answer in ``value``, however old; ``None`` for anything that this site did not sign."""
        text, _, signature = value.rpartition(".")
        match = _SHAPE.fullmatch(text) if len(value) <= MAX_LENGTH else None
        # The shape first: most junk never costs a hash. Then a comparison that raises nothing.
        if match is None or not value.isascii() or not self._signer.verify_signature(text, signature):
            return None
        time, verdicts, services, receipt = match.groups()
        return Answer(
            time=int(time, 16),
            verdicts=dict(map(_parse_verdict, verdicts.split("~") if verdicts else ())),
            services=frozenset(services.split("~") if services else ()),
            receipt=receipt,
        )


def _parse_verdict(text: str) -> tuple[str, tuple[str, Verdict]]:
    category, _, rest = text.partition("_")
    return category, (rest[:-1], _VERDICTS[rest[-1]])
