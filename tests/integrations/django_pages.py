"""The pages of the Django site: its URL configuration, imported when Django is set up."""

from collections.abc import AsyncIterator
from pathlib import Path

from asgiref.sync import async_to_sync
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import path
from django.utils import translation

from consent.integrations.django import get_consent
from tests.integrations.django_site import PAGE

FILM = "https://www.youtube.com/embed/a"


def template(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, f"{name}.html", {"film": FILM, "title": "<b>Tide</b>"})


async def asked(request: HttpRequest) -> HttpResponse:
    """Async, and given whatever the read gate lets through."""
    seen = sorted(request.COOKIES)
    return JsonResponse({"cookies": seen, "counted": get_consent(request).allows("analytics")})


def count(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(f"{PAGE}<p>Counted</p>")
    response.set_cookie("_ga", "1")
    return response


def form(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        messages.success(request, "It is sent.")
        request.session["sent"] = request.session.get("sent", 0) + 1
        return HttpResponseRedirect("/front")
    return render(request, "form.html")


@login_required
def members(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{PAGE}<p>Hello {request.user}, sent {request.session.get('sent', 0)}")


def grant(request: HttpRequest) -> HttpResponse:
    """A sync view that decides, in a thread of its own."""
    async_to_sync(get_consent(request).grant)("analytics")
    return HttpResponse(PAGE + str(get_consent(request).allows("analytics")))


async def streamed(request: HttpRequest) -> StreamingHttpResponse:
    async def pieces() -> AsyncIterator[str]:
        yield PAGE[:20]
        yield PAGE[20:] + "<p>One"
        yield "<p>Two"

    return StreamingHttpResponse(pieces())


def file(request: HttpRequest) -> FileResponse:
    return FileResponse(Path(__file__).open("rb"), filename="site.py", as_attachment=True)


def broken(request: HttpRequest) -> HttpResponse:
    raise LookupError("on purpose")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(f"{PAGE}<p>Not here", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{PAGE}<p>Our fault", status=500)


def german(request: HttpRequest) -> HttpResponse:
    with translation.override("de"):
        return render(request, "placed.html")


handler404 = not_found
handler500 = server_error
urlpatterns = [
    path("admin/", admin.site.urls),
    path("login/", LoginView.as_view()),
    path("asked", asked),
    path("count", count),
    path("form", form),
    path("members", members),
    path("grant", grant),
    path("streamed", streamed),
    path("file", file),
    path("broken", broken),
    path("german", german),
    path("<name>", template),
]
