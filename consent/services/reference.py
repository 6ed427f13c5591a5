"""Prints what the ready-made services declare as a page of Markdown; knows no site."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from consent.services.files import Data, ids, read

HEAD: Final = """\
# Ready-made services

<!-- Made by `python -m consent.services reference`; correct the files in consent/services instead. -->

{count} services whose cookies, storage and hosts you need not look up. In `consent.toml`

```toml
[[category.service]]
use = "{example}"
```

and in Python `from consent import services` and `services.{example}()`. How to change what they say is
told in [use a ready-made service](../how-to/use-a-ready-made-service.md).

The category is where the service belongs on an ordinary site; you declare it where it belongs on yours. A
star stands for any end of a name; a cookie with a domain behind it is set on that domain and not on your
site's. A host covers its subdomains. Hosts in *italics* are those from which one vendor loads several of its
services: they are contacted as soon as one of these is allowed.

**Where the facts come from.** From what vendors publish, as far as it could be read, and else from what is
widely observed and no vendor has confirmed: durations above all, and who exactly the provider is. The
addresses at the end are the vendors' own pages on the subject, the day is the one on which the declaration
was last gone through. Vendors change what they set without telling anybody, and what is set depends on how a
service is configured. So take a declaration for a good beginning, compare it with the vendor's page, and
look at your own pages, where cookies that nobody declared are withheld and told in the log. Purposes are in
our own words. None of this is legal advice.

**How to correct one.** On your site: say it in your declaration, which wins over ours. For everybody: change
the file `consent/services/<id>.toml`, put the vendor's address into `sources` and the day into `checked`, run
`python -m consent.services reference > docs/reference/services.md`,
`python -m consent.services setters > consent/services/setters.json` and
`python -m consent.services trackers > consent/services/trackers.json`, and send the change with that address.
"""

HEADINGS: Final = {
    "analytics": "Analytics",
    "tag-manager": "Tag managers",
    "experiment": "Experiments",
    "monitoring": "Monitoring",
    "marketing-automation": "Mails and marketing",
    "advertising": "Advertising",
    "video": "Films",
    "audio": "Sound",
    "map": "Maps",
    "social": "Posts and buttons of social networks",
    "comments": "Comments",
    "chart": "Charts",
    "code": "Program code",
    "form": "Forms and bookings",
    "chat": "Chat",
    "captcha": "Tests against automated programs",
    "payment": "Payment",
    "fonts": "Fonts",
    "cdn": "Content delivery",
    "framework": "Frameworks, servers and sign-in",
}
"""The kinds there are, in the order of the page."""

_ROW: Final = "| id | name | provider | category | cookies and storage | hosts |\n|---|---|---|---|---|---|\n"


def markdown() -> str:
    """The page `docs/reference/services.md`."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for name in ids():
        kinds[read(name)["kind"]].append(name)
    tables = (f"\n## {title}\n\n{_ROW}{_rows(kinds[kind])}" for kind, title in HEADINGS.items())
    sources = "".join(_source(name, read(name)) for name in ids())
    head = HEAD.format(count=len(ids()), example="youtube")
    return f"{head}{''.join(tables)}\n## Sources\n\n| id | checked | pages |\n|---|---|---|\n{sources}"


def _rows(names: list[str]) -> str:
    return "".join(f"| {' | '.join(_cells(name, read(name)))} |\n" for name in names)


def _cells(name: str, data: Data) -> Iterator[str]:
    yield f"`{name}`"
    yield data["name"]
    provider = data.get("provider", "the site itself")
    yield f"{provider} (data goes to {data['country']})" if "country" in data else provider
    yield data["category"]
    yield ", ".join(_items(data)) or "none"
    yield (
        ", ".join([*data.get("hosts", ()), *(f"*{host}*" for host in data.get("shared_hosts", ()))]) or "none"
    )


def _items(data: Data) -> Iterator[str]:
    for cookie in data.get("cookies", ()):
        domain = f" ({cookie['domain']})" if "domain" in cookie else ""
        yield f"`{cookie['name']}`{domain} {cookie['duration']}"
    for item in data.get("storage", ()):
        yield f"`{item['name']}` ({item['kind']}) {item.get('duration', 'persistent')}"


def _source(name: str, data: Data) -> str:
    pages = " ".join(f"<{address}>" for address in data["sources"])
    return f"| `{name}` | {data['checked']} | {pages} |\n"
