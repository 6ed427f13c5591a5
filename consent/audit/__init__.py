"""What a site does in a real browser, compared with what it declares; only ``browser`` knows Playwright."""
