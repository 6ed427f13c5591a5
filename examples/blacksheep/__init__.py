"""One page in BlackSheep, with a cookie and a third party that wait for consent."""
