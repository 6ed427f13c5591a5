"""Every state, layout, theme and language of what the consent layer shows, from named examples."""
