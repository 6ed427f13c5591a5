"""The pages: sync and async, with a session, a form, messages and a cookie that needs consent."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from consent.integrations.django import get_consent

ARTICLES = {
    "ferry": "The last ferry leaves at nine",
    "bridge": "The bridge opens again on Monday",
    "choir": "A choir without notes",
}


def front(request: HttpRequest) -> HttpResponse:
    kept = request.session.get("later", [])
    return render(request, "front.html", {"articles": ARTICLES, "later": [ARTICLES[name] for name in kept]})


async def article(request: HttpRequest, name: str) -> HttpResponse:
    """Counts its readers: the cookie leaves the server only for who has agreed, so nothing asks here."""
    if name not in ARTICLES:
        raise Http404
    response = render(request, "article.html", {"name": name, "title": ARTICLES[name]})
    read = int(request.COOKIES.get("read_articles", "0")) + 1
    response.set_cookie("read_articles", str(read), max_age=365 * 24 * 3600)
    return response


@require_POST
def later(request: HttpRequest) -> HttpResponse:
    """Keeps an article for later in the session, which the reader asks for and which needs no consent."""
    name = request.POST.get("name", "")
    if name in ARTICLES:
        request.session["later"] = [*request.session.get("later", []), name]
        messages.success(request, f"Kept for later: {ARTICLES[name]}.")
    return HttpResponseRedirect("/")


def cookies(request: HttpRequest) -> HttpResponse:
    """The site's own cookie policy; it says how far a reader has been counted."""
    counted = get_consent(request).allows("readership")
    return render(request, "cookies.html", {"counted": counted, "read": request.COOKIES.get("read_articles")})
