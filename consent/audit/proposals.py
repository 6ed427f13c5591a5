"""Writes the declarations that are missing, as TOML to put into the settings file; knows no file."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from consent.audit.comparing import Finding
from consent.audit.known import candidates, recognised
from consent.audit.sightings import STORED, Thing
from consent.catalogue import Catalogue
from consent.checks import is_host
from consent.claims import is_under
from consent.durations import UNITS
from consent.errors import ConfigurationError
from consent.model import NECESSARY, Cookie, Storage
from consent.printing import visible
from consent.services.files import read

STRICTEST: Final = "marketing"
"""Where services go of which nothing is known."""

_BLANK: Final = "..."
_FORMS: Final = (
    ("year", 0.005),
    ("month", 0.01),
    ("week", 0.0),
    ("day", 0.0),
    ("hour", 0.0),
    ("minute", 0.0),
)


def propose(findings: Iterable[Finding], catalogue: Catalogue) -> str:
    """The TOML that declares what is undeclared among ``findings``; empty if nothing is.

    A known service is used by its name. Of others it holds what was seen and ``...`` where a person has to
    write: for what, by whom and in which category nobody can see from outside. What has no name is left out.
    """
    missing = {_thing(one): one for one in findings if one.fault == "undeclared" and one.name}
    known = recognised(missing)
    taken = frozenset(name for name in known.values() if name in catalogue.ids)
    ready = _grouped({thing: name for thing, name in known.items() if name not in taken})
    parts: dict[str, list[str]] = {}
    for name, things in ready.items():
        parts.setdefault(read(name)["category"], []).append(_used(name, things))
    others = [thing for thing in missing if thing not in known or known[thing] in taken]
    for host, things in _by_host(others).items():
        parts.setdefault(STRICTEST, []).append(
            _skeleton(host, [missing[thing] for thing in things], catalogue)
        )
    declared = {
        category.id for category in catalogue.categories if category.services or category.id != NECESSARY
    }
    return "\n".join(_category(name, services, name in declared) for name, services in parts.items())


def _thing(finding: Finding) -> Thing:
    return Thing(kind=finding.what, name=finding.name, host=finding.host)  # type: ignore[arg-type]


def _grouped(services: Mapping[Thing, str]) -> Mapping[str, list[Thing]]:
    groups: dict[str, list[Thing]] = {}
    for thing, name in services.items():
        groups.setdefault(name, []).append(thing)
    return groups


def _by_host(things: Iterable[Thing]) -> Mapping[str, list[Thing]]:
    """What probably comes from one party together; the site's own under no name."""
    groups: dict[str, list[Thing]] = {}
    for thing in sorted(things, key=lambda thing: len(thing.host or thing.name)):
        host = thing.name if thing.kind == "host" else thing.host
        group = next((each for each in groups if each and is_under(host, each)), host)
        groups.setdefault(group, []).append(thing)
    return groups


def _category(name: str, services: Sequence[str], is_declared: bool) -> str:
    head = f'# In the category "{name}":\n' if is_declared else f'[[category]]\nid = "{name}"\n'
    return "\n".join([head, *services])


def _used(name: str, things: Iterable[Thing]) -> str:
    seen = ", ".join(sorted(_plain(thing.name) for thing in things))
    return _indented(f'# Seen: {seen}\n[[category.service]]\nuse = "{name}"\n')


def _skeleton(host: str, findings: Sequence[Finding], catalogue: Catalogue) -> str:
    """A service with what was seen of it."""
    name = host or "this site"
    lines = [*_remarks(findings), "[[category.service]]", f"id = {_text(_free_id(host, catalogue))}"]
    lines += [f"name = {_text(name)}", f"purpose = {_text(_BLANK)}"]
    lines += [f"provider = {_text(_BLANK)}"] if host else ["third_party = false"]
    hosts = [one.name for one in findings if one.what == "host" and is_host(one.name)]
    lines += [f"hosts = [{', '.join(map(_text, hosts))}]"] if hosts else []
    lines += _table("cookies", [_cookie(one) for one in findings if one.what == "cookie"])
    lines += _table("storage", [_stored(one) for one in findings if one.what in STORED])
    return _indented("\n".join(lines) + "\n")


def _remarks(findings: Sequence[Finding]) -> Iterator[str]:
    yield "# Move it to the category that it belongs to, and say what it is for."
    found = {name for one in findings for name in candidates(_thing(one))}
    if found:
        yield f"# It may be: {', '.join(sorted(found))}."
    for one in findings:
        if not _can_be_declared(one):
            yield f"# Cannot be declared by this name: {one.what} {_plain(one.name)}"


def _can_be_declared(one: Finding) -> bool:
    if one.what == "host":
        return is_host(one.name)
    return _cookie(one) is not None if one.what == "cookie" else _stored(one) is not None


def _cookie(one: Finding) -> Mapping[str, Any] | None:
    facts = one.facts
    given: dict[str, Any] = {"name": one.name, "duration": duration(facts.seconds), "purpose": _BLANK}
    domain = one.host or facts.domain
    given |= {"domain": domain} if domain else {}
    given |= {"path": facts.path} if facts.path != "/" else {}
    given |= {name: True for name in ("http_only", "partitioned") if getattr(facts, name)}
    return given if not one.name.endswith("*") and _is_accepted(Cookie, given) else None


def _stored(one: Finding) -> Mapping[str, Any] | None:
    lasts = "session" if one.what == "session" else "persistent"
    given = {"name": one.name, "kind": one.what, "duration": lasts, "purpose": _BLANK}
    return given if not one.name.endswith("*") and _is_accepted(Storage, given) else None


def _is_accepted(kind: type[Cookie | Storage], given: Mapping[str, Any]) -> bool:
    try:
        kind(**given)
        given["name"].encode()
    except (ConfigurationError, UnicodeEncodeError):
        return False
    return True


def duration(seconds: int | None) -> str:
    """How a declaration says a lifetime: in the largest unit that does, give or take what a visit takes."""
    if seconds is None:
        return "session"
    long = seconds > 3 * UNITS["day"]
    for unit, tolerance in _FORMS[:4] if long else _FORMS:
        amount = seconds / UNITS[unit]
        whole = max(1, round(amount))
        if amount >= 0.9 and abs(amount - whole) * UNITS[unit] <= max(90, tolerance * seconds):
            return f"{whole} {unit}{'s' if whole > 1 else ''}"
    unit = "day" if long else "minute"
    whole = max(1, math.ceil(seconds / UNITS[unit]))
    return f"{whole} {unit}{'s' if whole > 1 else ''}"


def _free_id(host: str, catalogue: Catalogue) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", host or "own").strip("-") or "other"
    stem = stem if stem[0].isalpha() else f"host-{stem}"
    name, number = stem, 2
    while name in catalogue.ids:
        name, number = f"{stem}-{number}", number + 1
    return name


def _table(name: str, rows: Iterable[Mapping[str, Any] | None]) -> list[str]:
    kept = [row for row in rows if row is not None]
    written = [
        "  { " + ", ".join(f"{key} = {_value(value)}" for key, value in row.items()) + " }," for row in kept
    ]
    return [f"{name} = [", *written, "]"] if kept else []


def _value(value: str | bool) -> str:
    return "true" if value is True else _text(str(value))


def _text(text: str) -> str:
    """A basic string of TOML: as in JSON, with more of it escaped."""
    return visible(json.dumps(text, ensure_ascii=False))


def _plain(name: str) -> str:
    """A name as it can stand in a comment."""
    return visible(json.dumps(name)[1:-1])


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.rstrip("\n").split("\n"))
