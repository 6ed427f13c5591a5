"""What the benchmarks write, and the plots and tables that are made of it."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.plots import Line, Plot, svg
from benchmarks.report.pages import markdown, named, rewritten
from benchmarks.results import Results, Row

SVG = "{http://www.w3.org/2000/svg}"
ROW = Row.of("uvicorn", "ours", "us", [3, 1, 2], ratio=1.5, against="bare")


def test_results_come_back_as_they_were_written(tmp_path: Path) -> None:
    """A file of figures holds all that was found, under which conditions, and one row a line."""
    results = Results.here("wire", (ROW, Row.of("looks", "ours", "MiB", [7], at=0.5)), rounds=3)
    results.write(tmp_path / "wire.json")
    assert Results.read(tmp_path / "wire.json") == results
    assert (tmp_path / "wire.json").read_text().count('"variant"') == 2
    assert '"variant": "ours", "unit": "us", "median": 2.0' in (tmp_path / "wire.json").read_text()


def test_a_row_is_found_by_its_names() -> None:
    """Case, variant and unit name one row; no row and several are errors, not guesses."""
    results = Results.here("wire", [ROW, Row.of("uvicorn", "ours", "ms", [1])])
    assert results.row("uvicorn", "ours", "us") is ROW
    for asked in (("uvicorn", "ours"), ("granian", "ours", "us")):
        with pytest.raises(ValueError, match="unpack"):
            results.row(*asked)


def test_what_stands_between_marks_is_replaced() -> None:
    """A page keeps its prose, and twice is the same as once."""
    page = "Before.\n<!-- figures: wire -->\nold\n<!-- end of figures -->\nAfter.\n"
    once = rewritten(page, {"wire": lambda: markdown(["", "us"], [["ours", "1"]])})
    assert once == (
        "Before.\n<!-- figures: wire -->\n\n|  | us |\n|---|---:|\n| ours | 1 |\n\n<!-- end of figures -->\nAfter.\n"
    )
    assert rewritten(once, {"wire": lambda: markdown(["", "us"], [["ours", "1"]])}) == once
    assert named(once) == ["wire"]


values = st.lists(st.floats(-10, 5_000), min_size=1, max_size=7)


@given(values, values)
def test_a_plot_shows_every_value_inside_it(one: list[float], other: list[float]) -> None:
    """Well-formed, named and described; the higher of two values is drawn higher, and nothing outside."""
    places = [str(index) for index in range(min(len(one), len(other)))]
    lines = [
        Line(name="<undecided>", values=one[: len(places)]),
        Line(name="decided", values=other[: len(places)]),
    ]
    text = svg(Plot(title="A & B", places=places, along="n", unit="us", lines=lines))
    root = ET.fromstring(text)  # noqa: S314  # our own
    assert root.attrib["role"] == "img"
    assert root.findtext(f"{SVG}title") == "A & B"
    told = root.findtext(f"{SVG}desc") or ""
    groups = root.findall(f"{SVG}g")
    for line, group in zip(lines, groups, strict=True):
        dots = group.findall(f"{SVG}circle")
        drawn = [float(dot.attrib["cy"]) for dot in dots]
        assert all(f"{value:.1f}" in told for value in line.values)
        assert sorted(line.values, reverse=True) == [
            value
            for _, value in sorted(zip(drawn, line.values, strict=True), key=lambda pair: (pair[0], -pair[1]))
        ]
        assert all(40 <= height <= 244 for height in drawn)
    ends = [float(group.findall(f"{SVG}text")[-1].attrib["y"]) for group in groups]
    assert abs(ends[0] - ends[1]) > 15.9


def test_a_plot_can_be_read_in_the_dark() -> None:
    """Its colours follow the reader's scheme, and lines differ by more than colour."""
    text = svg(
        Plot(
            title="t",
            places=["1", "2"],
            along="n",
            unit="us",
            lines=[Line(name="a", values=[1, 2]), Line(name="b", values=[2, 3])],
        )
    )
    assert "@media (prefers-color-scheme: dark)" in text
    assert text.count('stroke-dasharray="none"') == 1
    assert text.count('stroke-dasharray="7 5"') == 1
