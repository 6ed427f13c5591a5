"""The files that pages load, and the addresses that change with them."""

import re

import pytest

from consent.ui.assets import Assets

ASSETS = Assets()


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("consent.css", "text/css; charset=utf-8"), ("consent.js", "text/javascript; charset=utf-8")],
)
def test_a_file_is_found_where_its_address_says(name: str, media_type: str) -> None:
    """The address holds a hash of the content and leads to exactly that content (R54)."""
    stem, extension = name.split(".")
    url = ASSETS.url("/shop/consent", name)
    assert re.fullmatch(rf"/shop/consent/assets/{stem}\.[0-9a-f]{{8,}}\.{extension}", url)
    asset = ASSETS.get(url.rpartition("/")[2])
    assert asset is not None
    assert asset.media_type == media_type
    assert asset.content


@pytest.mark.parametrize(
    "name", ["", "consent.css", "consent.000000000000.css", "../texts.py", "rendering.py"]
)
def test_nothing_else_is_served(name: str) -> None:
    """No other name leads anywhere."""
    assert ASSETS.get(name) is None
