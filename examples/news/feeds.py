"""The paper for machines: headlines as JSON, an Atom feed, and a page to download and print."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from examples.news.paper import paper_of

DOWNLOADS = Path(__file__).parent / "static" / "downloads"


def headlines(request: Request) -> Response:
    return JSONResponse(
        [
            {
                "title": story.title,
                "section": story.section,
                "edition": story.edition,
                "published": story.published.isoformat(),
                "url": str(request.base_url.replace(path=story.path)),
            }
            for story in paper_of(request).archive.articles
        ]
    )


def atom(request: Request) -> Response:
    paper = paper_of(request)
    feed = paper.templates.get_template("feed.xml").render(base=str(request.base_url).rstrip("/"))
    return Response(feed, media_type="application/atom+xml")


def ferry_timetable(_: Request) -> Response:
    """A page of HTML that is saved, not shown: nothing is written into it on the way."""
    return FileResponse(
        DOWNLOADS / "ferry-timetable.html", media_type="text/html", filename="courier-ferry-timetable.html"
    )
