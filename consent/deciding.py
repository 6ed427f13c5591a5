"""The address that takes decisions: reads one, has it recorded, and only then lets it take effect."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from consent.access import RequestConsent
from consent.decision import Decision, parse_decision
from consent.errors import InvalidDecisionError
from consent.gatekeeper import Gatekeeper, Outcome
from consent.gates.cookies import cookie_name, cookie_pairs
from consent.gates.origin import is_same_origin, return_address
from consent.records.log import LogRecords
from consent.records.record import ConsentRecords
from consent.replies import JSON, PRIVATE, RefusedError, refusal, standing, wants_json

MAX_BODY: Final = 8 * 1024
"""Bytes of the largest decision read."""

MAX_FIELDS: Final = 500
"""Fields of the largest form read."""

_FORM: Final = "application/x-www-form-urlencoded"
_log = logging.getLogger("consent")


class DecisionEndpoint:
    """``POST {path}``: same origin, bounded body, record first, then the cookie and the expiries."""

    def __init__(self, gatekeeper: Gatekeeper, records: ConsentRecords, clock: Callable[[], float]) -> None:
        self._gatekeeper = gatekeeper
        self._records = records
        self._fallback = LogRecords()
        self._clock = clock

    async def __call__(self, request: Request, visit: RequestConsent) -> Response:
        """Take one decision; raises `RefusedError` for one that cannot be taken."""
        if not is_same_origin(request.headers):
            raise RefusedError(403, "wrong_origin")
        decision = await self._read(request)
        outcome = self._outcome(decision, visit)
        if outcome.gained and self._gatekeeper.is_outdated(decision):
            raise RefusedError(409, "notice_changed")
        if await self._is_recorded(outcome):
            return self._with_cookies(self._reply(request, visit, decision, outcome), request, visit, outcome)
        return await self._unrecorded(request, visit, decision, outcome)

    async def _read(self, request: Request) -> Decision:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in (_FORM, JSON):
            raise RefusedError(415, "not_understood")
        body = await _body(request)
        try:
            fields = _json_fields(body) if kind == JSON else _form_fields(body)
            return parse_decision(fields, self._gatekeeper.catalogue)
        except (InvalidDecisionError, ValueError, RecursionError) as error:
            raise RefusedError(400, "not_understood") from error

    def _outcome(self, decision: Decision, visit: RequestConsent) -> Outcome:
        language = visit.language(decision.language)
        return self._gatekeeper.outcome(decision, visit.peek, language=language, now=self._clock())

    async def _is_recorded(self, outcome: Outcome) -> bool:
        try:
            await self._records.append(outcome.record, outcome.notice)
        except Exception:  # noqa: BLE001  # whatever a store raises: a refusal counts, a grant does not
            _log.exception("A decision could not be recorded.")
            return False
        return True

    async def _unrecorded(
        self, request: Request, visit: RequestConsent, decision: Decision, outcome: Outcome
    ) -> Response:
        """No grant without evidence (R25); what is taken back is taken back all the same."""
        response = self._reply(request, visit, decision, outcome)
        if outcome.gained:
            response = refusal(request, visit, RefusedError(503, "not_kept"))
            outcome = self._outcome(self._gatekeeper.without_gains(decision, visit.peek), visit)
            if not outcome.lost:
                return response
        await self._fallback.append(outcome.record, outcome.notice)
        return self._with_cookies(response, request, visit, outcome)

    def _reply(
        self, request: Request, visit: RequestConsent, decision: Decision, outcome: Outcome
    ) -> Response:
        if wants_json(request):
            return standing(visit, outcome.consent)
        target = return_address(decision.return_to, request.headers) or visit.settings_url
        fragment = self._gatekeeper.renderer.confirmation_id
        return RedirectResponse(f"{target}#{fragment}", status_code=303, headers=PRIVATE)

    def _with_cookies(
        self, response: Response, request: Request, visit: RequestConsent, outcome: Outcome
    ) -> Response:
        """The signed answer, and an expiry for all that it no longer covers."""
        cookie = self._gatekeeper.set_cookie(outcome.answer, secure=visit.is_secure)
        gate = self._gatekeeper.cookies
        sent = [cookie_name(pair) for pair in cookie_pairs(request.scope["headers"])]
        expired = gate.expiries(
            [*sent, *gate.declared_names(outcome.lost)],
            outcome.consent,
            host=visit.host,
            secure=visit.is_secure,
            taken=frozenset(),
        )
        response.raw_headers += [(b"set-cookie", cookie.encode()), *expired]
        if self._gatekeeper.settings.cache == "shared":
            marker = self._gatekeeper.marker_cookie(outcome.answer, secure=visit.is_secure)
            response.raw_headers.append((b"set-cookie", marker.encode()))
        return response


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                raise RefusedError(413, "too_large")
    except ClientDisconnect as error:
        raise RefusedError(400, "not_understood") from error
    return bytes(body)


def _form_fields(body: bytes) -> Mapping[str, Sequence[str]]:
    return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")


def _json_fields(body: bytes) -> Mapping[str, Sequence[str]]:
    """A flat object of strings and lists of strings, as a form would be."""
    given = json.loads(body)
    if not isinstance(given, dict):
        raise InvalidDecisionError(f"The body came as {type(given).__name__}; allowed is an object.")
    fields = {name: value if isinstance(value, list) else [value] for name, value in given.items()}
    if not all(isinstance(value, str) for values in fields.values() for value in values):
        raise InvalidDecisionError("The body may hold only strings and lists of strings.")
    return fields
