"""What the log says about an undeclared cookie can be pasted into the settings as it stands."""

import json
import re
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import Category, ConsentSettings, services
from consent.pasting import to_paste
from consent.services import setters
from tests.sites import SECRET, categories

HEAD = 'controller = "The Example Post, 1 Mill Lane"\n'
NECESSARY = '[[category]]\nid = "necessary"\n[[category.service]]\nuse = "django-csrf"\n'
MARKETING = '[[category]]\nid = "marketing"\n[[category.service]]\nuse = "youtube"\n'
AT_THE_END = "at the end of the settings file:\n\n"


def load(folder: Path, text: str) -> ConsentSettings:
    path = folder / "consent.toml"
    path.write_text(text)
    return ConsentSettings.from_toml(path, environ={"CONSENT_SECRET_KEYS": SECRET})


def pasted(told: str) -> str:
    assert told.startswith(AT_THE_END)
    return told.removeprefix(AT_THE_END)


@pytest.mark.parametrize(
    ("name", "category", "service"),
    [
        ("session", "necessary", "starlette-session"),
        ("sessionid", "necessary", "django-session"),
        ("_ga", "analytics", "google-analytics"),
        ("_pk_id.7.1fff", "analytics", "matomo"),
        ("sid", "marketing", "sid"),
        ("_gac_1", "marketing", "gac-1"),
        ("__Host-Basket_2", "marketing", "host-basket-2"),
        ("9", "marketing", "cookie-9"),
        ("$", "marketing", "cookie"),
        ("marketing", "marketing", "marketing-2"),
    ],
)
def test_what_the_log_says_can_be_pasted(tmp_path: Path, name: str, category: str, service: str) -> None:
    """At the end of the file it is valid and declares the cookie, where it is known in its category (R48)."""
    after = load(tmp_path, HEAD + pasted(to_paste(name, ())))
    assert after.catalogue.requires(name) == {service}
    assert [one.id for one in after.categories] == [category]


@pytest.mark.parametrize(
    ("name", "before", "places"),
    [
        ("session", NECESSARY, ["necessary", "necessary"]),
        ("session", MARKETING, ["necessary", "marketing"]),
        ("mine", NECESSARY, ["necessary", "marketing"]),
        ("mine", MARKETING + "[texts.en]\n", ["marketing", "marketing"]),
    ],
)
def test_what_is_there_already_stays(tmp_path: Path, name: str, before: str, places: list[str]) -> None:
    """A category is begun only if the file has none of it, and a service lands in the one it is for."""
    made = load(tmp_path, HEAD + before)
    after = load(tmp_path, HEAD + before + pasted(to_paste(name, made.categories)))
    assert after.catalogue.requires(name)
    assert [category.id for category, _ in after.catalogue.services] == places


def test_a_category_that_is_not_the_last_is_named(tmp_path: Path) -> None:
    """At the end of the file the service would land in another one: the sentence says below which it goes."""
    made = load(tmp_path, HEAD + NECESSARY + MARKETING)
    where, _, block = to_paste("session", made.categories).partition("\n\n")
    assert where == "to the category 'necessary' of the settings file, below its last service:"
    after = load(tmp_path, HEAD + NECESSARY + block + MARKETING)
    assert after.catalogue.requires("session") == {"starlette-session"}


def test_a_service_that_is_used_already_is_not_used_twice(tmp_path: Path) -> None:
    """A site that has renamed the cookie of a ready-made service is shown another one, or its own."""
    made = load(tmp_path, HEAD + NECESSARY)
    assert 'use = "starlette-csrf"  # or, whichever sets it: asgi-csrf, litestar-csrf\n' in to_paste(
        "csrftoken", made.categories
    )
    one = [Category(id="analytics", services=[services.google_analytics(cookies=[])])]
    assert 'id = "ga"' in to_paste("_ga", one)


def test_where_services_disagree_all_are_named() -> None:
    """What is analytics on one site and marketing on another the site decides."""
    assert "# It may be: google-ads, google-analytics.\n[[category.service]]\nid =" in to_paste("_gac_1", ())


@pytest.mark.parametrize("name", ["", "a*", "a b", 'a"b', "a\nb", "a\\b", "é", "a" * 65])
def test_what_no_declaration_can_hold_is_not_written(name: str) -> None:
    """Nothing that a visitor makes up gets out of its string of TOML."""
    assert to_paste(name, categories()) == ""


@given(st.from_regex(re.compile(r"[\w.!#$%&'+^`|~-]{1,64}", re.ASCII), fullmatch=True))
def test_whatever_the_name_it_is_toml(name: str) -> None:
    """Names come from visitors as well: each that can be declared makes a table of its own."""
    written = tomllib.loads(to_paste(name, ()).partition("\n\n")[2])
    [[service]] = [one["service"] for one in written["category"]]
    assert "use" in service or service["cookies"][0]["name"] == name


def test_the_list_is_current() -> None:
    """It was made from the declarations as they are: `python -m consent.services setters`."""
    written = resources.files("consent.services").joinpath(setters.LIST).read_text("utf-8")
    assert json.loads(written)["sessionid"] == ["django-session"]
    assert written == setters.derived()
