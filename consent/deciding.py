"""The address that takes decisions: reads one, has it recorded, and answers with what took effect."""

import json
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from consent.decision import Decision, parse_decision
from consent.errors import InvalidDecisionError
from consent.gatekeeper import Gatekeeper, Outcome
from consent.gates.origin import is_same_origin, return_address
from consent.outgoing import cookies_for
from consent.registrar import Registrar
from consent.replies import JSON, RefusedError, is_by_script, private, refusal, standing, wants_json
from consent.request_consent import RequestConsent

MAX_BODY: Final = 8 * 1024
"""Bytes of the largest decision read."""

MAX_FIELDS: Final = 500
"""Fields of the largest form read."""

_FORM: Final = "application/x-www-form-urlencoded"


class DecisionEndpoint:
    """``POST {path}``: same origin, bounded body, record first, then the cookie and the expiries."""

    def __init__(self, gatekeeper: Gatekeeper, registrar: Registrar) -> None:
        self._gatekeeper = gatekeeper
        self._registrar = registrar

    async def __call__(self, request: Request, visit: RequestConsent) -> Response:
        """Take one decision; raises `RefusedError` for one that cannot be taken."""
        if not is_same_origin(request.headers):
            raise RefusedError(403, "wrong_origin")
        decision = await self._read(request)
        outcome = self._outcome(decision, visit)
        ruling = await self._registrar.rule(outcome, decision, visit.peek)
        if ruling.whole:
            response = self._reply(request, visit, decision, outcome)
        else:
            response = refusal(request, visit, RefusedError(503, "not_kept"))
        if ruling.outcome is not None:
            response.raw_headers += cookies_for(visit, ruling.outcome)
        return response

    def _outcome(self, decision: Decision, visit: RequestConsent) -> Outcome:
        """What it comes to: nobody consents to what was not on their screen, but anybody may refuse."""
        language = visit.language(decision.language)
        outcome = self._registrar.outcome(decision, visit.peek, language)
        if not self._gatekeeper.is_outdated(decision, language):
            return outcome
        if outcome.gained:
            raise RefusedError(409, "notice_changed")
        return self._registrar.outcome(decision, visit.peek, language, grants=False)

    async def _read(self, request: Request) -> Decision:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in (_FORM, JSON):
            raise RefusedError(415, "not_understood")
        body = await read_body(request)
        try:
            fields = _json_fields(body) if kind == JSON else _form_fields(body)
            return parse_decision(fields, self._gatekeeper.catalogue)
        except (InvalidDecisionError, ValueError, RecursionError) as error:
            raise RefusedError(400, "not_understood") from error

    def _reply(
        self, request: Request, visit: RequestConsent, decision: Decision, outcome: Outcome
    ) -> Response:
        if wants_json(request):
            return standing(visit, outcome.consent)
        target = return_address(decision.return_to, request.headers) or visit.settings_url
        if is_by_script(request):
            html = self._gatekeeper.renderer.saved(
                outcome.consent, language=outcome.record.language, base=visit.base, return_to=target
            )
            return HTMLResponse(html, headers=private(visit))
        fragment = self._gatekeeper.renderer.confirmation_id
        return RedirectResponse(f"{target}#{fragment}", status_code=303, headers=private(visit))


async def read_body(request: Request) -> bytes:
    """The whole body, if it is at most `MAX_BODY`; else raises `RefusedError`."""
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
