"""A site whose pages htmx changes in place."""
