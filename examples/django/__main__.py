"""Runs the site: `python -m examples.django`; PORT chooses the port (default 8000)."""

import os

import uvicorn

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "examples.django.settings")
    port = int(os.environ.get("PORT", "8000"))
    uvicorn.run("examples.django.asgi:application", host="127.0.0.1", port=port)
