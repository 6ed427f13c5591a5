"""The views of the Django site: the same page from a plain view and from a coroutine."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from benchmarks.server.site import page

_PAGE: Final = page(10)


def view(request: HttpRequest) -> HttpResponse:
    """What Django runs in a thread."""
    return HttpResponse(_PAGE)


async def async_view(request: HttpRequest) -> HttpResponse:
    """What it runs in the loop, as long as its middleware can be."""
    return HttpResponse(_PAGE)


urlpatterns = [
    path("sync", view),
    path("async", async_view),
    path("cookies/", include("cookie_consent.urls")),
]
