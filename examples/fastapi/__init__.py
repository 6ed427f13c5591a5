"""One page in FastAPI, with a cookie and a third party that wait for consent."""
