"""Writes the pages: ``scripts/docs reference``."""

from scripts.reference import PAGES, ROOT

for page, made in PAGES.items():
    (ROOT / page).write_text(made(), "utf-8")
