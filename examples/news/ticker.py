"""The live ticker: a short evening of reports, of which the last arrive as server-sent events."""

import asyncio
import json
import tomllib
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import StreamingResponse

from examples.news.paper import paper_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One line of the ticker, with the time of day as it is printed."""

    time: str
    text: str


def _read(file: Path) -> tuple[Report, ...]:
    return tuple(Report(**report) for report in tomllib.loads(file.read_text("utf-8"))["report"])


REPORTS = _read(Path(__file__).parent / "content" / "ticker.toml")
SETTLED = 3
"""So many reports stand in the page from the start; the stream brings the others."""


def events(request: Request) -> StreamingResponse:
    """The reports still to come, one event each, then one that says it is over."""
    stream = _stream(paper_of(request).tick)
    return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _stream(pause: float) -> AsyncIterator[str]:
    yield "retry: 3600000\n\n"
    for number, report in enumerate(REPORTS[SETTLED:], SETTLED):
        await asyncio.sleep(pause)
        yield f"id: {number}\nevent: report\ndata: {json.dumps(asdict(report))}\n\n"
    yield "event: over\ndata: {}\n\n"
