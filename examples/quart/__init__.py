"""One page in Quart, with a cookie and a third party that wait for consent."""
