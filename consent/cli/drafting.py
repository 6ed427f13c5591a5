"""Writes a settings file from a few answers, with comments on what to do next; asks nobody."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from consent.model import NECESSARY, STANDARD_CATEGORIES
from consent.services.files import read

SCHEMA: Final = "consent.schema.json"
"""The file by which editors complete and check the settings, beside them."""

_HEAD: Final = """\
#:schema ./{schema}
# What this site stores on a visitor's device, by whom and what for. Everything that is not declared here is
# withheld. `consent check {name}` tells what is wrong or could be better, and why.
# The secret keys come from the environment (CONSENT_SECRET_KEYS), never from this file.

# Who is responsible: name and address, as the visitor should read it.
controller = {controller}
{named}
# When the policy was last changed. Write the day when you change what is declared below.
policy_date = {day}
"""

_NAMED: Final = """
# The name alone, for the first sentence of the banner.
controller_name = {name}
"""

_POLICY: Final = """
# Your own page with the cookie policy. Without this key, ours at /consent is linked.
{policy}
"""

_LANGUAGES: Final = """
# {comment}
{language}
"""

_GATES: Final = """
# Scripts, frames and images of the hosts declared below are held back in pages until the visitor has agreed.
gate_markup = true

# Browsers report hosts that nobody has declared, and block nothing. "enforce" lets them block these.
csp = "report"
"""

_OWN: Final = """
# One table for each service of your own. Of {count} well-known ones it is enough to say use = "youtube".
#
#   [[category.service]]
#   id = "readership"
#   name = "Readership counter"
#   third_party = false              # true where somebody else learns of the visit: then name the provider
#   purpose = "Counts how often an article is read."{tables}
#   cookies = [{{ name = "reader", duration = "30 days", purpose = "Recognises a returning reader." }}]
"""

_ABOUT: Final = {
    NECESSARY: "Never asked for. What is your own says in 'justification' why nobody can do without it.",
    "preferences": "What remembers a visitor's choices, or makes the site more comfortable.",
    "analytics": "What counts and measures.",
    "marketing": "What advertises, or lets others recognise the visitor on other sites.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What somebody says of a new site; ``services`` are ids of ready-made ones."""

    controller: str
    policy_url: str = ""
    categories: Sequence[str] = ()
    services: Sequence[str] = ()
    languages: Sequence[str] = ("en",)


def draft(answers: Answers, *, name: str, day: date, ready_made: int) -> str:
    """The text of the file ``name``."""
    policy = (
        f"policy_url = {quoted(answers.policy_url)}" if answers.policy_url else '# policy_url = "/cookies"'
    )
    head = _HEAD.format(
        schema=SCHEMA,
        name=name,
        controller=quoted(answers.controller),
        named=_named(answers.controller),
        day=day.isoformat(),
    )
    tables = ""
    if len(answers.languages) > 1:
        tables = "\n#   # or for each language: purpose = { "
        tables += ", ".join(f'{tag} = "..."' for tag in answers.languages) + " }"
    own = _OWN.format(count=ready_made, tables=tables)
    parts = (head, _POLICY.format(policy=policy), _languages(answers.languages), _GATES, own)
    return "".join((*parts, *_categories(answers)))


def _named(controller: str) -> str:
    """The name before the address, where it is plain where that begins; the owner sees it and may mend it."""
    name, comma, _ = controller.partition(",")
    return _NAMED.format(name=quoted(name.strip())) if comma and name.strip() else ""


def _languages(languages: Sequence[str]) -> str:
    first, *others = languages
    if others:
        comment = f"Visitors read their own language; {first} if the layer does not speak it."
        return _LANGUAGES.format(comment=comment, language=f"default_language = {quoted(first)}")
    comment = "The one language of the site. Leave it out, and visitors read their own."
    return _LANGUAGES.format(comment=comment, language=f"language = {quoted(first)}")


def _categories(answers: Answers) -> Iterator[str]:
    for category in STANDARD_CATEGORIES:
        services = [name for name in answers.services if read(name)["category"] == category]
        if services:
            tables = "".join(f"\n  [[category.service]]\n  use = {quoted(name)}\n" for name in services)
            yield f"\n# {_ABOUT[category]}\n[[category]]\nid = {quoted(category)}\n{tables}"
        elif category in answers.categories:
            # A category without services would ask visitors for nothing.
            yield f"\n# {_ABOUT[category]}\n# [[category]]\n# id = {quoted(category)}\n"


def quoted(text: str) -> str:
    """A string of TOML: as JSON writes it, and without the one sign that only JSON allows."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
