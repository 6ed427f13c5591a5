"""For the tests of sites and of stores; needs pytest."""

from consent.testing.records import RecordsContract as RecordsContract
