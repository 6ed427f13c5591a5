"""Writes the one script that makes a site's consent calls; knows no visitor and no page."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from consent.calls.told import Told

_HEARD: Final = {"gpc": "navigator.globalPrivacyControl", "dnt": 'navigator.doNotTrack == "1"'}
"""How a script hears the signals that it can hear at all."""


def script_of(told: Iterable[Told], *, shared: bool, catalogue: str, signals: Iterable[str] = ()) -> str:
    """The script for exactly these vendors.

    A visitor's standing reaches it by the attributes of its tag; where pages are ``shared``, by the cookie
    that scripts may read, which names the fingerprint of the whole ``catalogue``. Where one of ``signals``
    may outweigh that cookie, it waits for our other script.
    """
    signalled = " || ".join(_HEARD.get(name, "true") for name in signals) or "false"
    everybody = tuple(told)
    early = [one for one in everybody if not one.vendor.when]
    late = [one for one in everybody if one.vendor.when]
    parts = _parts()
    lines = [
        parts["core"],
        *([parts["arrival"]] if any(one.vendor.arrives for one in early) else []),
        *(_early(one) for one in early),
        parts["shared"].replace("$catalogue", catalogue).replace("$signalled", f"({signalled})")
        if shared
        else parts["private"],
        *(_late(one) for one in late),
        parts["change"],
        *([parts["late"]] if late else []),
    ]
    return "\n".join(["(() => {", *lines, "})();"])


@cache
def _parts() -> Mapping[str, str]:
    """The parts of `calls.js` by name."""
    source = (files("consent.calls") / "calls.js").read_text("utf-8")
    _, *found = re.split(r"^// --- (\w+) ---\n", source, flags=re.MULTILINE)
    return dict(zip(found[::2], found[1::2], strict=True))


def _early(told: Told) -> str:
    """Queue, default, and from then on whatever changes."""
    vendor = told.vendor
    default = "\n".join(_default(told))
    known = json.dumps(_json(_state(told, "denied")) if vendor.default_denies else "")
    telling = f"vendor({_table(told)}, {_call(told)}, {known})"
    if not vendor.arrives:
        return "\n".join(part for part in (vendor.queue, default, f"{telling};") if part)
    name = vendor.arrives
    return f'arrival("{name}", ({name}) => {vendor.ready}, () => {{\n{default}\n{telling}();\n}});'


def _late(told: Told) -> str:
    """What the vendor keeps by itself: it is told of changes only."""
    table = _table(told)
    return f"vendor({table}, {_call(told)}, JSON.stringify(read({table})), () => {told.vendor.when});"


def _default(told: Told) -> Iterator[str]:
    """The default denies: everywhere, or in these regions, where it is granted elsewhere."""
    denied = {**_mapping(_state(told, "denied")), **told.vendor.fixed}
    states = [denied]
    if told.regions:
        granted = {**_mapping(_state(told, "granted")), **told.vendor.fixed}
        states = [{**denied, "region": told.regions}, granted]
    for statement in told.vendor.default:
        if "$state" in statement:
            yield from (statement.replace("$state", _json(state)) for state in states)
        else:
            yield statement


def _call(told: Told) -> str:
    vendor = told.vendor
    if vendor.update:
        return f"(state) => {{ {vendor.update.replace('$state', 'state')} }}"
    return f"(on) => {{ if (on) {vendor.grant} else {vendor.withdraw} }}"


def _table(told: Told) -> str:
    return _json(told.parameters or told.services)


def _state(told: Told, verdict: str) -> Mapping[str, str] | bool:
    """As `read` in the script gives it."""
    return dict.fromkeys(told.parameters, verdict) if told.parameters else verdict == "granted"


def _mapping(state: Mapping[str, str] | bool) -> Mapping[str, str]:
    return {} if isinstance(state, bool) else state


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
