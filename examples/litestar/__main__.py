"""Runs the site: `python -m examples.litestar`; PORT chooses the port (default 8000)."""

import os

import uvicorn

from examples.litestar.app import create_app

if __name__ == "__main__":
    uvicorn.run(create_app(), host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
