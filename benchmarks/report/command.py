"""Writes the figures into the pages of the documentation: tables between marks, and plots."""

from argparse import ArgumentParser, Namespace
from typing import Final

from benchmarks.report.figures import sections
from benchmarks.report.pages import rewritten
from benchmarks.report.plots import drawn
from benchmarks.scale.command import FIGURES

PAGES: Final = tuple(FIGURES.parent / name for name in ("performance.md", "scale.md"))


def add_arguments(parser: ArgumentParser) -> None:
    """Nothing can be chosen: the pages show the figures that stand beside them."""


def run(options: Namespace) -> None:
    """Write the pages anew where they differ."""
    report()


def report() -> None:
    """Bring the plots and the pages up to the figures."""
    for name, text in drawn(FIGURES).items():
        (FIGURES / name).write_text(text, "utf-8")
    for page in PAGES:
        before = page.read_text("utf-8")
        after = rewritten(before, sections(FIGURES))
        if after != before:
            page.write_text(after, "utf-8")
            print(f"{page.name} is written.")
