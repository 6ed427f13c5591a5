"""The example news site, as its readers and its third parties meet it."""
