"""Settings files to be checked: one in which nothing is to be found, and changes of it."""

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from consent import ConsentSettings, services
from consent.checking import findings
from consent.settings_errors import Place, written
from consent.settings_file import structured
from tests.sites import SECRET

DAY = services.about("youtube").checked
"""When the policy was last changed: not before what it lists."""
TODAY = DAY + timedelta(days=7)
HEAD = f"""controller = "The Example Post, 1 Mill Lane, Exampleton"
policy_date = {DAY}
gate_markup = true
csp = "report"
"""
CLEAN = f"""{HEAD}
[[category]]
id = "necessary"

  [[category.service]]
  id = "login"
  name = "Login"
  third_party = false
  purpose = "Keeps you logged in."
  justification = "You ask for it by logging in; nobody can without it."
  cookies = [{{ name = "session", duration = "session", purpose = "Names your session." }}]

[[category]]
id = "analytics"

  [[category.service]]
  id = "counter"
  name = "Counter"
  provider = "Counter Ltd"
  policy_url = "https://counter.example/privacy"
  purpose = "Counts how often an article is read."
  hosts = ["counter.example"]
  cookies = [{{ name = "reader", duration = "13 months", purpose = "Recognises a returning reader." }}]
  storage = [{{ name = "seen", kind = "local", purpose = "Remembers which articles were counted." }}]

[[category]]
id = "marketing"

  [[category.service]]
  use = "youtube"
"""


def changed(*changes: tuple[str, str], text: str = CLEAN) -> str:
    """The file with each first text replaced by the second, where it first stands."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def made(text: str) -> ConsentSettings:
    """The settings of a file that can be used."""
    settings, problems = structured(ConsentSettings, {"secret_keys": [SECRET], **tomllib.loads(text)})
    assert settings is not None, problems
    return settings


def told(text: str, *, today: date = TODAY) -> list[tuple[str, str]]:
    """The code and the place of each finding in settings that can be used."""
    return [(found.kind.code, written(found.place)) for found in findings(made(text), today=today)]


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 500), st.text(max_size=4), st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
    st.sampled_from(["analytics", "necessary", "de", "13 months", "session", "/x", "//x", "https://x", "a.example", "A b", "gpc", ["EU"], "google"]),
)  # fmt: skip
WHOLE = {
    **tomllib.loads(CLEAN),
    "policy_url": "/cookies", "path": "/choices", "control": "inject", "layout": "bar", "signals": ["gpc"],
    "undeclared": "allow", "exclude": ["/x"], "gate_excluded": True, "gate_markup": False, "language": "de",
    "default_language": "en", "texts": {"en": {"heading": "Hello"}}, "lifetime": 200, "cache": "private",
    "jurisdictions": ["EU"], "cookie_domain": "a.example", "consent_calls": {"analytics": ["analytics"]},
    "google_regions": [], "secret_keys": [SECRET],
}  # fmt: skip


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (*place, step)
        yield from places(inner, (*place, step))


def replaced(value: Any, place: Place, other: Any) -> Any:
    """``value`` with ``other`` at ``place``; without the key or item if that is ``None``."""
    if not place:
        return other
    step, rest = place[0], place[1:]
    copy = value.copy()
    if rest or other is not None:
        copy[step] = replaced(value[step], rest, other)
    else:
        del copy[step]
    return copy
