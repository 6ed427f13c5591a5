"""One page in Litestar, with a cookie and a third party that wait for consent."""
