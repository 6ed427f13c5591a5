"""The regulator suite: one test for each failure that has been sanctioned, to be run against any site."""
