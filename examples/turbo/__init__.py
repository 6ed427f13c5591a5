"""A site whose pages Turbo changes in place."""
