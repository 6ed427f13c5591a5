"""What a consent interface costs the browser: ours beside others, on one page, in one run."""
