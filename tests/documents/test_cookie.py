"""The page on the cookie's format: its examples are cookies, and its figures are true."""

import re

from consent.gatekeeper import Gatekeeper
from consent.own_cookies import OwnCookies
from consent.signing import MAX_LENGTH, ConsentSigner
from consent.state import Answer, Verdict
from tests.sites import settings
from tests.test_docs import ROOT, blocks

PAGE = "docs/reference/cookie.md"
TEXT = (ROOT / PAGE).read_text()
KEY = "a key for the documents, and for nothing else"
RECEIPT = "01a0d5ed-e67b-701b-af22-8539cc728a01"
TIME = 1_795_867_200


def answer(verdict: Verdict) -> Answer:
    """The same answer to all that the site of the tests asks about."""
    verdicts = {name: (digits, verdict) for name, digits in settings().catalogue.fingerprints.items()}
    return Answer(time=TIME, verdicts=verdicts, receipt=RECEIPT if verdict is Verdict.GRANTED else None)


def test_the_example_is_what_the_layer_writes_and_reads() -> None:
    """Every part of it means what the page says (R29)."""
    [value] = [block.strip() for block in blocks(PAGE, "text") if block.startswith("1.6b0ac240")]
    whole = Answer(
        time=TIME,
        verdicts={
            "preferences": ("1f0c9a4e21", Verdict.GRANTED),
            "analytics": ("7be2d90c55", Verdict.DENIED),
            "marketing": ("c03d18aa6f", Verdict.GRANTED),
        },
        services=frozenset({"youtube"}),
        ages={"preferences": 86_400},
        against={"marketing": frozenset({"gpc"})},
        receipt=RECEIPT,
    )
    signer = ConsentSigner([KEY])
    assert signer.dumps(whole) == value
    assert signer.loads(value) == whole


def test_the_signature_can_be_checked_as_printed() -> None:
    """The program of the page says yes to its value, and no to any other."""
    [program] = blocks(PAGE, "python")
    exec(program, {})  # noqa: S102  # our own document
    signature = re.findall(r"\.([\w-]{43})\"", program)[0]
    broken = program.replace(signature, signature[::-1])
    try:
        exec(broken, {})  # noqa: S102  # as above
    except AssertionError:
        return
    raise AssertionError("the program takes any signature")


def test_the_header_shown_is_a_refusal_of_three_categories() -> None:
    """But for its key it is what the site of the tests sends."""
    [shown] = blocks(PAGE, "http")
    made = "Set-Cookie: " + OwnCookies(settings()).set_cookie(answer(Verdict.DENIED), secure=True)
    assert shown.strip() == made


def test_the_sizes_are_true() -> None:
    """What the page counts is counted here."""
    cookies = OwnCookies(settings())
    for verdict, told in ((Verdict.DENIED, "refused | "), (Verdict.GRANTED, "with a receipt | ")):
        pair = cookies.set_cookie(answer(verdict), secure=True).partition(";")[0]
        assert f"{told}{len(pair)} |" in TEXT
    assert f"{MAX_LENGTH:,} characters" in TEXT


def test_the_marker_has_the_form_shown() -> None:
    """Its fingerprint is that of whatever is declared; the rest is the same for all who chose alike."""
    site = settings(cache="shared")
    said = {"analytics": Verdict.GRANTED, "marketing": Verdict.DENIED}
    prints = Gatekeeper(site).catalogue.fingerprints
    kept = Answer(time=TIME, verdicts={name: (prints[name], verdict) for name, verdict in said.items()})
    made = OwnCookies(site).marker_cookie(kept, secure=True).partition(";")[0]
    [shown] = [block.strip() for block in blocks(PAGE, "text") if block.startswith("consent-known")]
    assert re.sub(r"=\w{10}\.", "=.", made) == re.sub(r"=\w{10}\.", "=.", shown)
