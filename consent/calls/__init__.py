"""The vendors' own consent calls, as data and as one script that makes them; knows no visitor."""
