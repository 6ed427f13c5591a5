"""Template tags, found by Django."""
