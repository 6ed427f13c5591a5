"""Hands visitors a signed copy of what is kept of their last decision; decides nothing itself."""

import logging
from collections.abc import Callable
from typing import Any, Final

from anyio import to_thread
from starlette.responses import JSONResponse, Response

from consent._version import __version__
from consent.gatekeeper import Gatekeeper
from consent.records.receipt import Disclosure, consent_receipt
from consent.records.record import ConsentRecords, Record, new_id, timestamp
from consent.records.signature import SigningKey, sign
from consent.replies import RefusedError, private
from consent.request_consent import RequestConsent
from consent.state import Answer, Consent

_FILE: Final = {"content-disposition": 'attachment; filename="consent-receipt.jsonld"'}
_log: Final = logging.getLogger("consent")


class ReceiptEndpoint:
    """The visitor's receipt by ISO/IEC TS 27560 (R27), verifiable by whoever knows the site's public keys."""

    def __init__(self, gatekeeper: Gatekeeper, records: ConsentRecords, clock: Callable[[], float]) -> None:
        self._gatekeeper = gatekeeper
        self._find = getattr(records, "find", None)
        self._clock = clock

    async def __call__(self, visit: RequestConsent) -> Response:
        """The last decision of who asks; `RefusedError` if there is none."""
        answer, now = visit.peek.answer, self._clock()
        if answer is None:
            raise RefusedError(404, "not_found")
        kept = await self._kept(answer.receipt)
        document = consent_receipt(
            kept or self._remembered(visit.peek, answer, visit.language(), now),
            self._disclosure(visit),
            language=visit.language(),
            now=now,
            identifier=answer.receipt,
            previous=await self._kept(kept.previous) if kept else None,
        )
        # In a thread, since the library that signs takes a moment to load.
        signed = await to_thread.run_sync(self._sign, document, now)
        return JSONResponse(signed, media_type="application/ld+json", headers={**private(visit), **_FILE})

    async def keys(self, _: RequestConsent) -> Response:
        """The public keys, the last of which signs."""
        keys = await to_thread.run_sync(self._keys)
        return JSONResponse({"keys": keys}, headers={"cache-control": "public, max-age=86400"})

    def _sign(self, document: dict[str, Any], now: float) -> dict[str, Any]:
        return sign(document, SigningKey.derive(self._gatekeeper.settings.secret_keys[-1]), now)

    def _keys(self) -> list[str]:
        secrets = self._gatekeeper.settings.secret_keys
        return [SigningKey.derive(secret).verification_method for secret in secrets]

    async def _kept(self, identifier: str | None) -> Record | None:
        """What the store has, if it can be asked."""
        if identifier is None or self._find is None:
            return None
        try:
            entry = await self._find(identifier)
        except Exception:  # noqa: BLE001  # whatever a store raises: visitors get what their cookie says
            _log.exception("A receipt was written from the cookie, for the records cannot be read.")
            return None
        return None if entry is None else Record.from_json(entry.body)

    def _remembered(self, consent: Consent, answer: Answer, language: str, now: float) -> Record:
        """What the cookie alone says: not which button it was, and not on which notice."""
        partly = "save" if consent.denied - consent.objected else "accept"
        action = partly if answer.receipt else "reject"
        return Record(
            id=answer.receipt or new_id(now),
            time=timestamp(answer.time),
            action=action,
            method="cookie",
            granted=tuple(sorted(consent.granted)),
            denied=tuple(sorted(consent.denied)),
            language=language,
            notice="",
            catalogue=self._gatekeeper.catalogue.fingerprint,
            version=__version__,
            policy_url=self._gatekeeper.settings.policy_address,
            signals=consent.signals,
        )

    def _disclosure(self, visit: RequestConsent) -> Disclosure:
        settings = self._gatekeeper.settings
        return Disclosure(
            controller=settings.controller,
            categories=self._gatekeeper.catalogue.categories,
            lifetime=settings.lifetime,
            jurisdictions=settings.jurisdictions,
            policy=settings.policy_address,
            control=visit.settings_url,
        )
