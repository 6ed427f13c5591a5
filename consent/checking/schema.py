"""Writes the JSON Schema of a settings file from the settings' own classes; checks no file.

Editors complete and check `consent.toml` by it. What it refuses the settings refuse; they refuse more.
"""

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from consent.calls.told import MEANINGS
from consent.calls.vendors import vendor_names
from consent.checks import HOST, ID, Text
from consent.durations import SHAPE
from consent.model import COOKIE_NAME, STANDARD_CATEGORIES, Category, Cookie, Service, Storage
from consent.services.files import ids
from consent.settings import (
    DOMAIN,
    JURISDICTION,
    LANGUAGE,
    LOCAL_PATH,
    MAX_LIFETIME,
    MIN_LIFETIME,
    MIN_SECRET_LENGTH,
    ConsentSettings,
)
from consent.settings_errors import PLURAL
from consent.signals import KNOWN, Signal
from consent.ui.texts import Languages

Schema = dict[str, Any]

_SAYS: Final = r"\S"
"""At least something that is not white space."""

_MENDED: Final = ("purpose", "duration", "kind")
"""What cookies and storage of a ready-made service need not say again."""


def _whole(shape: re.Pattern[str] | str) -> Schema:
    pattern = shape if isinstance(shape, str) else shape.pattern
    return {"type": "string", "pattern": f"^(?:{pattern})$"}


_DURATION: Final = _whole(f"session|persistent|{SHAPE.pattern}")
_HOSTS: Final = {"type": "array", "items": _whole(HOST)}
_FIELDS: Final[Mapping[tuple[type[Any], str], Schema]] = {
    (ConsentSettings, "controller"): {"type": "string", "pattern": _SAYS},
    (ConsentSettings, "controller_name"): {"type": "string", "pattern": _SAYS},
    (ConsentSettings, "secret_keys"): {
        "type": "array", "items": {"type": "string", "minLength": MIN_SECRET_LENGTH}, "minItems": 1,
    },
    (ConsentSettings, "path"): _whole(LOCAL_PATH),
    (ConsentSettings, "policy_url"): _whole(r"/([^/\\\s]\S*)?|https?://\S*"),
    (ConsentSettings, "cookie_domain"): _whole(DOMAIN),
    (ConsentSettings, "exclude"): {"type": "array", "items": {"type": "string", "pattern": "^/"}},
    (ConsentSettings, "language"): _whole(LANGUAGE),
    (ConsentSettings, "default_language"): _whole(LANGUAGE),
    (ConsentSettings, "lifetime"): {"type": "integer", "minimum": MIN_LIFETIME, "maximum": MAX_LIFETIME},
    (ConsentSettings, "jurisdictions"): {"type": "array", "items": _whole(JURISDICTION)},
    (ConsentSettings, "texts"): {"type": "object", "additionalProperties": {"$ref": "#/definitions/Texts"}},
    (ConsentSettings, "consent_calls"): {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"enum": [*MEANINGS]}, "minItems": 1},
    },
    (Category, "id"): {**_whole(ID), "examples": [*STANDARD_CATEGORIES]},
    (Service, "id"): _whole(ID),
    (Service, "hosts"): _HOSTS,
    (Service, "shared_hosts"): _HOSTS,
    (Service, "policy_url"): {"type": "string", "pattern": "^(https?://|/)"},
    (Service, "consent_call"): {"enum": [*vendor_names()]},
    (Cookie, "name"): _whole(COOKIE_NAME),
    (Cookie, "duration"): _DURATION,
    (Cookie, "path"): _whole("/[!-:<-~]*"),
    (Storage, "duration"): _DURATION,
}  # fmt: skip
"""Fields of which more is known than their type."""


def schema() -> Schema:
    """The schema of a whole file, by JSON Schema draft 7, which editors for TOML know best."""
    definitions: Schema = {"Text": _text(), "Texts": _texts()}
    made = _table(ConsentSettings, definitions)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "consent.toml",
        **made,
        "definitions": dict(sorted(definitions.items())),
    }


def schema_text() -> str:
    """What stands in `consent/consent.schema.json`."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _text() -> Schema:
    words = {"type": "string", "pattern": _SAYS}
    return {
        "description": "Words of the site's own: one text, or a table of texts by language.",
        "anyOf": [words, {"type": "object", "additionalProperties": words, "minProperties": 1}],
    }


def _texts() -> Schema:
    languages = Languages({}, default="en")
    keys = {key for tag in languages.tags for key in languages.get(tag).words}
    words = {"type": "string", "pattern": _SAYS}
    return {"type": "object", "propertyNames": {"enum": sorted(keys)}, "additionalProperties": words}


def _table(cls: type[Any], definitions: Schema) -> Schema:
    """A table, and what it is made of put into ``definitions``."""
    hints = get_type_hints(cls)
    properties: Schema = {}
    required: list[str] = []
    told = _told(cls)
    for field in (each for each in fields(cls) if each.init):
        name = PLURAL.get(field.name, field.name)
        given = _FIELDS.get((cls, field.name)) or _of(hints[field.name], definitions)
        properties[name] = _described(given, told.get(field.name))
        if field.default is MISSING and field.default_factory is MISSING:
            required.append(name)
    made = {
        "type": "object",
        "description": _plain(inspect.getdoc(cls) or ""),
        "properties": properties,
        "additionalProperties": False,
    }
    return _exceptions(cls, made, required)


def _exceptions(cls: type[Any], made: Schema, required: list[str]) -> Schema:
    """What is needed in some cases only."""
    if cls is Service:
        made["properties"]["use"] = {
            "description": "The id of a ready-made service; what is given beside it is said otherwise.",
            "enum": [*ids()],
        }
        items = {
            "cookies": {"items": {"required": ["purpose", "duration"]}},
            "storage": {"items": {"required": ["purpose", "kind"]}},
        }
        provided: Schema = {"anyOf": [{"required": ["provider"]}, {"required": ["third_party"]}]}
        whole = {"required": required, "properties": items, **provided}
        return {**made, "if": {"required": ["use"]}, "else": whole}
    if cls is Category:
        own = {"properties": {"id": {"enum": [*STANDARD_CATEGORIES]}}}
        return {**made, "required": required, "if": own, "else": {"required": ["name", "purpose"]}}
    return {**made, "required": [name for name in required if name not in _MENDED]}


_PLAIN: Final[Mapping[Any, Schema]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    Text: {"$ref": "#/definitions/Text"},
    Text | None: {"$ref": "#/definitions/Text"},
    str | Signal: {"enum": [*KNOWN]},
}


def _of(kind: Any, definitions: Schema) -> Schema:
    """What a type of the settings is in a file."""
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    if is_dataclass(kind) and isinstance(kind, type):
        definitions[kind.__name__] = _table(kind, definitions)
        return {"$ref": f"#/definitions/{kind.__name__}"}
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": [*inner]}
    if origin is Sequence:
        return {"type": "array", "items": _of(inner[0], definitions)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _of(inner[1], definitions)}
    [wanted] = [each for each in inner if each is not NoneType]
    return _of(wanted, definitions)


def _described(given: Schema, told: str | None) -> Schema:
    if told is None:
        return dict(given)
    # Beside a reference nothing else counts in draft 7.
    return {"description": told, **({"allOf": [given]} if "$ref" in given else given)}


def _told(cls: type[Any]) -> Mapping[str, str]:
    """The strings under the fields of a class."""
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    told: dict[str, str] = {}
    name = None
    for node in getattr(body, "body", ()):
        if name and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            told[name] = _plain(str(node.value.value))
        name = (
            node.target.id if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else None
        )
    return told


def _plain(text: str) -> str:
    """Without line breaks, and with Markdown's marks for code, which editors show."""
    return re.sub(r"\s+", " ", text).strip().replace("``", "`")
