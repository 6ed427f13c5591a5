"""What readers send: comments, newsletter addresses and the edition they like; each answered with a 303."""

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from examples.news.content import EDITIONS
from examples.news.forms import CommentForm, NewsletterForm, read_form
from examples.news.habits import YEAR
from examples.news.pages import find_article, render_article
from examples.news.paper import paper_of, render


async def comment(request: Request) -> Response:
    """Store a comment and remember the name; a faulty one comes back with what to mend."""
    story, fields = find_article(request), await read_form(request)
    form = CommentForm(name=fields.get("name", ""), text=fields.get("text", ""))
    if form.errors:
        return await run_in_threadpool(render_article, request, story, form, form.errors)
    await run_in_threadpool(paper_of(request).letters.add_comment, story.slug, form.name, form.text)
    request.session["name"] = form.name
    return RedirectResponse(f"{story.path}#comments", 303)


async def subscribe(request: Request) -> Response:
    """Store an address; a faulty one comes back with what to mend."""
    form = NewsletterForm(email=(await read_form(request)).get("email", ""))
    if form.errors:
        return render(request, "newsletter.html", status=422, form=form, errors=form.errors)
    await run_in_threadpool(paper_of(request).letters.subscribe, form.email)
    return RedirectResponse("/newsletter/thanks", 303)


def newsletter(request: Request) -> Response:
    return render(request, "newsletter.html", form=NewsletterForm(), errors={})


def thanks(request: Request) -> Response:
    return render(request, "thanks.html")


async def edition(request: Request) -> Response:
    """Show the edition asked for, and try to remember it."""
    wanted = (await read_form(request)).get("edition", "")
    if wanted not in EDITIONS:
        raise HTTPException(400, f"The Courier has two editions: {' and '.join(EDITIONS)}.")
    response = RedirectResponse(f"/?edition={wanted}", 303)
    response.set_cookie("edition", wanted, max_age=YEAR, samesite="lax")
    return response
