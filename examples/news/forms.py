"""Forms that readers send: reads a bounded body, checks the fields, and says in words what is missing."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request

MAX_BODY = 8 * 1024
MAX_NAME = 60
MAX_TEXT = 1500

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form from our own pages, the first value of each, without outer blanks."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403, "This form was sent from another site.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413, "That is more text than this form takes.")
    return _fields(bytes(body))


def _fields(body: bytes) -> dict[str, str]:
    try:
        fields = parse_qs(body.decode("ascii"), errors="replace", max_num_fields=16)
    except ValueError:
        raise HTTPException(400, "This form could not be read.") from None
    return {name: values[0].strip() for name, values in fields.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentForm:
    """A comment as it was sent, good or not."""

    name: str = ""
    text: str = ""

    @property
    def errors(self) -> dict[str, str]:
        """What to mend, by field; empty if nothing."""
        return {
            field: message
            for field, message in (
                ("name", _length("your name", self.name, MAX_NAME)),
                ("text", _length("your comment", self.text, MAX_TEXT)),
            )
            if message
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsletterForm:
    """An address for the newsletter as it was sent, good or not."""

    email: str = ""

    @property
    def errors(self) -> dict[str, str]:
        """What to mend, by field; empty if nothing."""
        if len(self.email) <= 254 and _EMAIL.fullmatch(self.email):
            return {}
        return {"email": "Please write an e-mail address, such as ida@example.org."}


def _length(what: str, value: str, most: int) -> str:
    if not value:
        return f"Please write {what}."
    if len(value) > most:
        return f"Please shorten {what} to {most} characters; it has {len(value)}."
    return ""
