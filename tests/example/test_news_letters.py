"""What readers of the example send in: comments, addresses, and the edition they like."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from examples.news.forms import MAX_BODY, CommentForm, NewsletterForm
from examples.news.letters import Letters

STORY = "/news/last-ferry-to-pellary"


def letters(tmp_path: Path) -> Letters:
    return Letters(tmp_path / "instance" / "letters.sqlite3")


def test_a_comment_is_printed(reader: TestClient) -> None:
    """A comment stands below the story, and its author's name stands in the form (R1)."""
    sent = reader.post(
        f"{STORY}/comments", data={"name": "Ida", "text": "Well done."}, follow_redirects=False
    )
    assert (sent.status_code, sent.headers["location"]) == (303, f"{STORY}#comments")
    assert set(reader.cookies) == {"session"}
    page = reader.get(STORY).text
    assert "Well done." in page
    assert 'value="Ida"' in page


def test_reading_starts_no_session(reader: TestClient) -> None:
    """The session cookie comes with a comment and at no other time (R1)."""
    reader.get(STORY)
    assert "session" not in reader.cookies


def test_a_comment_is_text(reader: TestClient) -> None:
    """Markup in a comment is printed, not obeyed."""
    reader.post(f"{STORY}/comments", data={"name": "<b>Ida</b>", "text": "<script>alert(1)</script>"})
    page = reader.get(STORY).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "<b>Ida" not in page


def test_a_faulty_comment_comes_back(reader: TestClient) -> None:
    """A comment without a text is not stored; the page says what is missing and keeps the rest."""
    page = reader.post(f"{STORY}/comments", data={"name": "Ida", "text": "  "})
    assert page.status_code == 422
    assert "Please write your comment." in page.text
    assert 'value="Ida"' in page.text
    assert "Nobody has written yet." in page.text


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        (CommentForm(name="Ida", text="Yes."), set()),
        (CommentForm(), {"name", "text"}),
        (CommentForm(name="I" * 61, text="Yes."), {"name"}),
        (CommentForm(name="Ida", text="y" * 1501), {"text"}),
        (NewsletterForm(email="ida@example.org"), set()),
        (NewsletterForm(email="ida"), {"email"}),
        (NewsletterForm(email="ida@example.org\nBcc: all"), {"email"}),
        (NewsletterForm(email=f"{'i' * 260}@example.org"), {"email"}),
    ],
)
def test_forms_name_the_fields_to_mend(form: CommentForm | NewsletterForm, fields: set[str]) -> None:
    """A form names exactly the fields that are missing, too long or malformed."""
    assert set(form.errors) == fields


def test_the_newsletter_thanks(reader: TestClient, tmp_path: Path) -> None:
    """An address is stored once, however often it is sent, and the answer is a page to come back to."""
    for _ in range(2):
        sent = reader.post("/newsletter", data={"email": "ida@example.org"})
        assert (sent.status_code, sent.url.path) == (200, "/newsletter/thanks")
    assert letters(tmp_path).subscribers() == ("ida@example.org",)


def test_a_faulty_address_comes_back(reader: TestClient, tmp_path: Path) -> None:
    """An address that is none is not stored, and the page says so at the field."""
    page = reader.post("/newsletter", data={"email": "ida"})
    assert page.status_code == 422
    assert 'aria-describedby="email-error"' in page.text
    assert letters(tmp_path).subscribers() == ()


def test_a_letter_has_an_end(reader: TestClient) -> None:
    """A body longer than the limit is refused."""
    page = reader.post(f"{STORY}/comments", data={"name": "Ida", "text": "y" * MAX_BODY})
    assert page.status_code == 413


def test_forms_come_from_our_own_pages(reader: TestClient) -> None:
    """A form that another site sends in a reader's name is refused."""
    page = reader.post(
        "/newsletter", data={"email": "ida@example.org"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert page.status_code == 403


def test_an_unreadable_form_is_refused(reader: TestClient) -> None:
    """Bytes that are no form are answered with 400, never with 500."""
    assert reader.post("/newsletter", content=b"email=\xff").status_code == 400
    assert (
        reader.post("/newsletter", content="&".join(f"f{n}=1" for n in range(99)).encode()).status_code == 400
    )


@pytest.mark.parametrize(
    ("edition", "lead"), [("coast", "The last ferry to Pellary"), ("hills", "Tollen Bridge opens")]
)
def test_the_edition_orders_the_front_page(reader: TestClient, edition: str, lead: str) -> None:
    """The front page leads with the newest story of the edition chosen."""
    page = reader.post("/edition", data={"edition": edition}).text
    assert lead in page.split("teaser--lead")[1].split("</article>")[0]


def test_only_two_editions(reader: TestClient) -> None:
    """An edition that does not appear cannot be chosen."""
    assert reader.post("/edition", data={"edition": "moon"}).status_code == 400
