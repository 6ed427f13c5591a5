"""One page in Starlette, with a cookie and a third party that wait for consent."""
