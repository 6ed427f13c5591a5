"""Pages to read: front page, sections, stories, tags, search, notices and the wire."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from examples.news.content import SECTIONS, Article, slugify
from examples.news.forms import CommentForm
from examples.news.paper import edition_of, paper_of, render, render_plain
from examples.news.ticker import REPORTS, SETTLED
from examples.news.wire import MAX_KEPT, browser_of


def front(request: Request) -> Response:
    lead, *stories = paper_of(request).archive.front(edition_of(request))
    asked = "edition" in request.query_params
    return render(request, "front.html", lead=lead, stories=stories, asked_for_edition=asked)


def section(request: Request) -> Response:
    name = request.url.path.strip("/")
    stories = paper_of(request).archive.in_section(name)
    return render(request, "listing.html", title=SECTIONS[name], stories=stories, current=name)


def find_article(request: Request) -> Article:
    """The article of this address; 404 if there is none."""
    story = paper_of(request).archive.find(request.path_params["section"], request.path_params["slug"])
    if story is None:
        raise HTTPException(404)
    return story


def article(request: Request) -> Response:
    form = CommentForm(name=request.session.get("name", ""))
    return render_article(request, find_article(request), form)


def render_article(
    request: Request, story: Article, form: CommentForm, errors: dict[str, str] | None = None
) -> Response:
    """A story with its comments; with errors, also what to mend in the comment just sent."""
    paper = paper_of(request)
    return render(
        request,
        "article.html",
        status=422 if errors else 200,
        story=story,
        current=story.section,
        comments=paper.letters.comments(story.slug),
        see_also=paper.archive.see_also(story),
        form=form,
        errors=errors or {},
    )


def tag(request: Request) -> Response:
    archive, slug = paper_of(request).archive, request.path_params["tag"]
    stories = archive.tagged(slug)
    if not stories:
        raise HTTPException(404)
    name = next(tag for tag in stories[0].tags if slugify(tag) == slug)
    return render(request, "listing.html", title=name, stories=stories, kicker="Stories about")


def search(request: Request) -> Response:
    query = request.query_params.get("q", "").strip()[:100]
    stories = paper_of(request).archive.search(query)
    return render(request, "search.html", query=query, stories=stories)


def live(request: Request) -> Response:
    everything = "all" in request.query_params
    reports = REPORTS if everything else REPORTS[:SETTLED]
    return render(request, "live.html", reports=reports, everything=everything)


def wire(request: Request) -> Response:
    log, browser = paper_of(request).wire, browser_of(request.scope)
    timeline, assets = log.timeline(browser), log.assets.of(browser)
    return render(request, "wire.html", timeline=timeline, assets=assets, most=MAX_KEPT)


def cookies(request: Request) -> Response:
    return render(request, "cookies.html")


def jobs(request: Request) -> Response:
    return render(request, "jobs.html")


def about(request: Request) -> Response:
    return render(request, "about.html")


def press_jam(_: Request) -> Response:
    """Fail on purpose, to show that the page about it still offers the way back."""
    raise RuntimeError("The press jams here on purpose.")


def failed(request: Request, error: Exception) -> Response:
    """The page for any error: the reader's, with its own status, or ours."""
    if isinstance(error, HTTPException):
        code = error.status_code
        return render(request, "error.html", status=code, code=code, detail=error.detail)
    return render_plain(request, "error.html", status=500, code=500, detail="")
