"""The pages of figures say what the files of figures say."""

from pathlib import Path

import pytest

from benchmarks.report import counts, server
from benchmarks.report.command import PAGES
from benchmarks.report.figures import sections
from benchmarks.report.pages import named, rewritten
from benchmarks.report.plots import drawn
from benchmarks.scale.command import FIGURES
from benchmarks.whole.command import QUICK, STEPS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_agrees_with_the_figures(page: Path) -> None:
    """Every table is the one that `python -m benchmarks report` writes."""
    text = page.read_text("utf-8")
    assert rewritten(text, sections(FIGURES)) == text


def test_every_section_has_its_place() -> None:
    """No table is made in vain, and no mark stands for nothing."""
    assert sorted(name for page in PAGES for name in named(page.read_text("utf-8"))) == sorted(
        sections(FIGURES)
    )


def test_the_plots_agree_with_the_figures() -> None:
    """Each plot in the documentation is drawn from the figures beside it, and none is left over."""
    assert {path.name: path.read_text("utf-8") for path in FIGURES.glob("*.svg")} == drawn(FIGURES)


def test_every_file_of_figures_has_its_measurement() -> None:
    """What the pages show is what `all` measures, and all of it has a quick form."""
    assert {path.stem for path in FIGURES.glob("*.json")} == {*STEPS}
    assert {*QUICK} <= {*STEPS}


def test_of_servers_samples_the_medians_are_kept() -> None:
    """Microseconds above the bare app, round by round; what was promised stays as it was judged."""
    document = {
        "clock": "cpu",
        "packages": {"starlette": "1.0"},
        "targets": {"uvloop": [["HTML, 10 KB: ours", "cost of others", "0.100", "0.15", "reached"]]},
        "loops": {
            "uvloop": {
                name: {"seconds": {"bare": [1e-5, 2e-5, 3e-5], "ours": [2e-5, 4e-5, 4e-5]}}
                for name in (*server.SHOWN, "Django view")
            }
        },
    }
    results = server.kept(document)
    row = results.row("uvloop: JSON", "ours", server.COST)
    assert (row.median, row.ratio, row.against) == (10.0, 2.0, "bare")
    assert "| ours | 10.0 | 10.0 |" in server.costs(results)
    assert "| HTML, 10 KB: ours | cost of others | 0.100 | 0.15 | reached |" in server.targets(results)
    assert server.others(results).count("Django view") == 1


def test_instructions_are_compared_with_their_own_bare_app() -> None:
    """JSON with the bare JSON, pages with the bare page, in shares of what SessionMiddleware adds."""
    document = {
        "packages": {},
        "instructions": {
            "bare": 100,
            "bare, JSON": 400,
            "SessionMiddleware": 200,
            "undecided": 150,
            "JSON": 410,
        },
    }
    results = counts.kept(document)
    ratios = {row.variant: row.ratio for row in results.rows}
    assert ratios == {"bare": 0, "bare, JSON": 0, "SessionMiddleware": 1, "undecided": 0.5, "JSON": 0.1}
    assert "| JSON | 410 | 10 | 0.10 |" in counts.told(results)
