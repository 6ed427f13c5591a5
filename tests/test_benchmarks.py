"""What the benchmarks compute without a browser and without other people's packages."""

from benchmarks.client.contestants import BARE, CONTESTANTS, OURS, SETUPS
from benchmarks.client.site import article
from benchmarks.client.weights import our_files, weigh
from benchmarks.tables import Summary, table
from consent.ui.assets import Assets


def test_our_weight_is_that_of_the_files_in_the_package() -> None:
    """What the page names is what the package serves, byte for byte."""
    assets = Assets()
    loaded = our_files()
    for address, content in loaded.items():
        asset = assets.get(address.rpartition("/")[2])
        assert asset is not None
        assert asset.content == content
    weight = weigh(OURS)
    assert weight.html > 0
    assert 0 < weight.js + weight.css < sum(map(len, loaded.values()))


def test_the_bare_page_weighs_nothing() -> None:
    """All others are measured against it."""
    assert weigh(BARE).total == 0


def test_every_page_is_the_same_article() -> None:
    """A set-up adds to the page and takes nothing away."""
    bare = article(BARE)
    assert 28_000 < len(bare.encode()) < 34_000
    for contestant in CONTESTANTS:
        page = article(contestant)
        for part in (SETUPS / contestant.name).glob("*.html"):
            assert part.read_text("utf-8").splitlines()[-1] in page
        assert [line for line in bare.splitlines() if line not in page] == []


def test_tables_have_columns() -> None:
    """Medians with quartiles, the first column to the left and the others to the right."""
    assert Summary.of([1, 2, 3, 4, 5]).text(1) == "3.0 [2.0-4.0]"
    assert Summary.of([7]).text() == "7 [7-7]"
    assert table(["", "ms"], [["ours", "1"], ["x", "1,000"]]) == "         ms\nours      1\nx     1,000"
