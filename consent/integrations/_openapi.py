"""The layer's JSON addresses as OpenAPI tells of them (3.1); knows their shapes, and no framework."""

from typing import Any, Final

from consent.decision import METHODS, Action
from consent.settings import ConsentSettings

_TEXT: Final = {"type": "string"}
_IDS: Final = {"type": "array", "items": _TEXT}
_JSON: Final = "application/json"

STANDING: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What this visitor has granted and denied: ids of categories and services.",
    "properties": {
        "granted": _IDS,
        "denied": _IDS,
        "undecided": _IDS,
        "signals": {**_IDS, "description": "What the browser says by itself, such as gpc."},
        "objected": {**_IDS, "description": "What is denied for no other reason than a signal."},
        "decided": {"type": ["string", "null"], "format": "date-time"},
        "receipt": {"type": ["string", "null"], "description": "Names the evidence of a grant."},
        "notice": {"type": "string", "description": "Names the text that is shown today."},
    },
    "required": ["granted", "denied", "undecided", "signals", "objected", "decided", "receipt", "notice"],
    "additionalProperties": False,
}
"""``GET {path}/state``, and the answer to a decision sent as JSON."""

DECISION: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "action": {"enum": [action.value for action in Action]},
        "granted": {**_IDS, "description": "For save: the categories and services that are allowed."},
        "asked": {**_IDS, "minItems": 1, "description": "Limits the decision to these."},
        "method": {"enum": [*METHODS], "default": "api", "description": "Where the visitor decided."},
        "notice": {"type": "string", "description": "Names the text that was on the screen."},
        "language": {"type": "string", "description": "The language of that text."},
    },
    "required": ["action"],
}
"""``POST {path}``."""

ERROR: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"error": {"type": "string", "description": "One sentence in the visitor's language."}},
    "required": ["error"],
    "additionalProperties": False,
}
"""Whatever cannot be answered."""

_KEYS: Final = {"type": "object", "properties": {"keys": _IDS}, "required": ["keys"]}
_FILE: Final = {"type": "object"}
_LIST: Final = {"type": "array", "items": _FILE}
_GPC: Final = {
    "type": "object",
    "properties": {"gpc": {"type": "boolean"}, "lastUpdate": {"type": "string", "format": "date"}},
}

_REFUSED: Final = {
    "400": "The decision is not understood.",
    "403": "The request came from another site.",
    "409": "The notice has changed since it was shown.",
    "413": "The body is too large.",
    "415": "Neither a form nor JSON.",
    "503": "The decision could not be recorded, so nothing was granted.",
}


def paths(settings: ConsentSettings) -> dict[str, Any]:
    """The path items of a site with these settings."""
    at = settings.path
    standing = _answer("The visitor's standing.", STANDING)
    refused = {status: _answer(sentence, ERROR) for status, sentence in _REFUSED.items()}
    body = {"required": True, "content": {_JSON: {"schema": DECISION}}}
    decide = _operation("decide", "Take a decision", {"200": standing, **refused}, requestBody=body)
    nothing = {"404": _answer("Nothing was decided yet.", ERROR)}
    receipt = {"200": _answer("The receipt.", _FILE, "application/ld+json"), **nothing}
    found = {
        at: {"post": decide},
        f"{at}/state": _get("state", "The visitor's standing", {"200": standing}),
        f"{at}/receipt": _get("receipt", "The signed receipt of the visitor's last decision", receipt),
        f"{at}/keys": _get("keys", "The public keys that receipts are signed with", _only(_KEYS)),
        f"{at}/policy.json": _get("policy", "What is stored, and what for", _only(_LIST)),
        f"{at}/device-storage.json": _get("device_storage", "The same by the IAB's format", _only(_FILE)),
    }
    if settings.listens_to("gpc"):
        found["/.well-known/gpc.json"] = _get("gpc", "That the site abides by GPC", _only(_GPC))
    return found


def _get(name: str, summary: str, responses: dict[str, Any]) -> dict[str, Any]:
    return {"get": _operation(name, summary, responses)}


def _operation(name: str, summary: str, responses: dict[str, Any], **more: Any) -> dict[str, Any]:
    told = {"tags": ["consent"], "summary": summary, "operationId": f"consent_{name}"}
    return {**told, **more, "responses": responses}


def _only(schema: dict[str, Any]) -> dict[str, Any]:
    return {"200": _answer("Found.", schema)}


def _answer(description: str, schema: dict[str, Any], media_type: str = _JSON) -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"schema": schema}}}
