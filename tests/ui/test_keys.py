"""What the script may delete: declared names that it can see, and what each of them needs."""

import json

from consent import Category, Storage
from consent.catalogue import Catalogue
from consent.ui.keys import keys_of
from tests.sites import cookie, service

ITEMS = [
    Storage(name="_seen_*", kind="local", purpose="Remembers."),
    Storage(name="p.gif", kind="pixel", purpose="Tells of the visit."),
]


def test_each_key_is_told_with_the_services_it_needs() -> None:
    """Cookies that scripts cannot see and pixels are left out; a shared name needs all its services (R13, R19)."""
    one = service("one", "_id", cookie("secret", http_only=True), storage=ITEMS)
    two = service("two", "_id", "x*")
    found = keys_of(Catalogue([Category(id="analytics", services=[one, two])]))
    assert json.loads(found or b"") == {
        "cookie": {"_id": ["one", "two"], "x*": ["two"]},
        "local": {"_seen_*": ["one"]},
    }


def test_a_site_without_such_keys_serves_no_table() -> None:
    """Nothing to delete, nothing to fetch."""
    assert keys_of(Catalogue([Category(id="analytics", services=[service("one")])])) is None
