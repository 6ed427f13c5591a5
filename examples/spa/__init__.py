"""A single-page app of plain ES modules: no build step, no framework."""
