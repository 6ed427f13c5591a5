"""Signatures: by W3C's own examples, and by everything that must not pass."""

import json
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from consent.records.signature import MAX_INTEGER, SigningKey, canonical, hash_data, sign, verify
from tests.sites import NOW, SECRET

KEY = SigningKey.derive(SECRET)

# The test vectors for eddsa-jcs-2022 of "Data Integrity EdDSA Cryptosuites v1.0".
SPEC_PUBLIC = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
SPEC_SEED = bytes.fromhex("c96ef9ea10c5e414c471723aff9de72c35fa5b70fae97e8832ecac7d2e2b8ed6")
SPEC_CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]
SPEC_DOCUMENT = {
    "@context": SPEC_CONTEXT,
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}
SPEC_CANONICAL = (
    '{"@context":["https://www.w3.org/ns/credentials/v2","https://www.w3.org/ns/credentials/examples/v2"],'
    '"credentialSubject":{"alumniOf":"The School of Examples","id":"did:example:abcdefgh"},'
    '"description":"A minimum viable example of an Alumni Credential.",'
    '"id":"urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33","issuer":"https://vc.example/issuers/5678",'
    '"name":"Alumni Credential","type":["VerifiableCredential","AlumniCredential"],'
    '"validFrom":"2023-01-01T00:00:00Z"}'
)
SPEC_OPTIONS = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "created": "2023-02-24T23:36:38Z",
    "verificationMethod": f"did:key:{SPEC_PUBLIC}#{SPEC_PUBLIC}",
    "proofPurpose": "assertionMethod",
    "@context": SPEC_CONTEXT,
}
SPEC_HASHES = (
    "66ab154f5c2890a140cb8388a22a160454f80575f6eae09e5a097cabe539a1db"
    "59b7cb6251b8991add1ce0bc83107e3db9dbbab5bd2c28f687db1a03abc92f19"
)
SPEC_VALUE = "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX"
SPEC_TIME = 1_677_281_798.0

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(
    st.text(st.characters(codec="utf-8")).filter(lambda name: name != "proof"), VALUES
)


def test_canonical_form_and_hashes_are_those_of_the_standard() -> None:
    """The standard's example has the same canonical form and the same two hashes here (R27)."""
    assert canonical(SPEC_DOCUMENT).decode() == SPEC_CANONICAL
    assert hash_data(SPEC_DOCUMENT, SPEC_OPTIONS).hex() == SPEC_HASHES


def test_key_and_signature_are_those_of_the_standard() -> None:
    """The standard's key signs its example with the same proof, to the last letter (R27)."""
    key = SigningKey(SPEC_SEED)
    assert key.public == SPEC_PUBLIC
    assert sign(SPEC_DOCUMENT, key, SPEC_TIME) == {
        **SPEC_DOCUMENT,
        "proof": {**SPEC_OPTIONS, "proofValue": SPEC_VALUE},
    }


def test_the_standards_own_proof_verifies() -> None:
    """What others signed by the standard is verified here (R27)."""
    assert verify({**SPEC_DOCUMENT, "proof": {**SPEC_OPTIONS, "proofValue": SPEC_VALUE}}) == SPEC_PUBLIC


@settings(max_examples=50)
@given(DOCUMENTS)
def test_what_is_signed_verifies(document: dict[str, Any]) -> None:
    """Any document, sent as JSON in any order of names, is verified by the key that signed it (R27)."""
    signed = sign(document, KEY, NOW)
    assert verify(json.loads(json.dumps(signed))) == KEY.public
    assert verify(reversed_names(signed)) == KEY.public


def reversed_names(value: Any) -> Any:
    if isinstance(value, list):
        return [reversed_names(item) for item in value]
    if isinstance(value, dict):
        return {name: reversed_names(value[name]) for name in reversed(value)}
    return value


@settings(max_examples=200)
@given(DOCUMENTS, st.data())
def test_no_changed_byte_verifies(document: dict[str, Any], data: st.DataObject) -> None:
    """A signed document with any one byte changed is no longer one (R27)."""
    signed = sign(document, KEY, NOW)
    text = bytearray(canonical(signed))
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] ^= data.draw(st.integers(1, 255))
    try:
        changed = json.loads(text.decode())
    except ValueError:
        return
    assume(json.dumps(changed, sort_keys=True) != json.dumps(signed, sort_keys=True))
    assert verify(changed) is None


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield (*path, name)
        yield from paths(inner, (*path, name))


@settings(max_examples=200)
@given(DOCUMENTS, VALUES, st.booleans(), st.data())
def test_no_changed_field_verifies(
    document: dict[str, Any], value: Any, removed: bool, data: st.DataObject
) -> None:
    """A field replaced or removed anywhere, in the proof too, leaves nothing that verifies (R27)."""
    signed = sign(document, KEY, NOW)
    *path, last = data.draw(st.sampled_from(list(paths(signed))))
    changed = deepcopy(signed)
    place: Any = changed
    for name in path:
        place = place[name]
    if removed:
        del place[last]
    else:
        place[last] = value
    assume(canonical(changed) != canonical(signed))
    assert verify(changed) is None


@given(DOCUMENTS, st.text(st.characters(codec="utf-8")), VALUES)
def test_no_added_field_verifies(document: dict[str, Any], name: str, value: Any) -> None:
    """A field added to the document, or to the proof, leaves nothing that verifies (R27)."""
    signed = sign(document, KEY, NOW)
    assume(name not in signed)
    assume(name not in signed["proof"])
    assert verify({**signed, name: value}) is None
    assert verify({**signed, "proof": {**signed["proof"], name: value}}) is None


def test_another_context_after_the_signature_does_not_verify() -> None:
    """The standard lets contexts be added later; here they would change the meaning, so they do not pass (R27)."""
    signed = sign(SPEC_DOCUMENT, KEY, NOW)
    assert verify({**signed, "@context": [*SPEC_CONTEXT, "https://evil.example/"]}) is None


PROOF = sign({"a": 1}, KEY, NOW)["proof"]


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "text",
        {},
        {"a": 1},
        {"a": 1, "proof": None},
        {"a": 1, "proof": [PROOF]},
        {"a": 1, "proof": {}},
        {"a": 1, "proof": {**PROOF, "proofValue": None}},
        {"a": 1, "proof": {**PROOF, "proofValue": "z"}},
        {"a": 1, "proof": {**PROOF, "proofValue": "z" + "1" * 64}},
        {"a": 1, "proof": {**PROOF, "proofValue": "z" + "z" * 88}},
        {"a": 1, "proof": {**PROOF, "proofValue": "z" + "z" * 1_000_000}},
        {"a": 1, "proof": {**PROOF, "proofValue": "u" + PROOF["proofValue"][1:]}},
        {"a": 1, "proof": {**PROOF, "verificationMethod": "did:web:site.example#key"}},
        {"a": 1, "proof": {**PROOF, "verificationMethod": f"did:key:{KEY.public}#{SPEC_PUBLIC}"}},
        {"a": 1, "proof": {**PROOF, "verificationMethod": f"did:key:{SPEC_PUBLIC}#{SPEC_PUBLIC}"}},
        {
            "a": 1,
            "proof": {**PROOF, "verificationMethod": f"did:key:{'z6Mk' + 'z' * 44}#{'z6Mk' + 'z' * 44}"},
        },
        {"a": 1, "proof": {**PROOF, "cryptosuite": "eddsa-rdfc-2022"}},
        {"a": 1, "proof": {**PROOF, "proofPurpose": "authentication"}},
        {"a": 1.0, "proof": PROOF},
        {"a": True, "proof": PROOF},
        {"a": "\ud800", "proof": PROOF},
        {"a": 2**60, "proof": PROOF},
        {1: 1, "proof": PROOF},
    ],
)
def test_nothing_else_verifies(document: Any) -> None:
    """Whatever comes in, there is an answer and no error (R27)."""
    assert verify(document) is None


def test_a_document_too_deep_to_read_does_not_verify() -> None:
    """A million brackets are no document (R27)."""
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    assert verify({"a": deep, "proof": PROOF}) is None


def test_signing_again_replaces_the_proof() -> None:
    """A document has one proof: the last (R27)."""
    other = SigningKey.derive(SECRET + "!")
    assert verify(sign(sign({"a": 1}, other, NOW), KEY, NOW)) == KEY.public


def test_the_proof_says_when_and_by_whom() -> None:
    """The time is in UTC and in whole seconds; the key is inside, as a DID (R27)."""
    proof = sign({"a": 1}, KEY, NOW + 0.75)["proof"]
    assert proof["created"] == "2027-01-15T08:00:00Z"
    assert proof["verificationMethod"] == f"did:key:{KEY.public}#{KEY.public}"
    assert KEY.public.startswith("z6Mk")


def test_a_secret_has_one_key() -> None:
    """The key follows from the secret alone, for ever, and its text shows nothing of it (R27)."""
    assert SigningKey.derive(SECRET) == KEY
    assert SigningKey.derive(SECRET + "!") != KEY
    assert KEY.public == "z6Mkiz3yjMSvZkSSCiwL3cDQo8ebbMJXGFRCi9DJM524MJak"
    assert repr(KEY) == "SigningKey()"


def test_names_sort_as_in_javascript() -> None:
    """The order of names is that of UTF-16 code units, as RFC 8785 shows it (3.2.3)."""
    names = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert list(json.loads(canonical(names))) == [
        "\r",
        "1",
        "\u0080",
        "\u00f6",
        "\u20ac",
        "\U0001f600",
        "\ufb33",
    ]


def test_texts_are_escaped_as_little_as_possible() -> None:
    """Escapes are those of RFC 8785 (3.2.2.2), and no others."""
    text = "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f\u007f"
    assert canonical(text).decode() == r""""€$\u000f\nA'B\"\\\\\"/""" + '\u007f"'
    assert canonical([None, True, False, -1, {}]) == b"[null,true,false,-1,{}]"


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (1.0, TypeError),
        (float("nan"), TypeError),
        (b"", TypeError),
        ((1,), TypeError),
        ({1: 1}, TypeError),
        (MAX_INTEGER + 1, ValueError),
        (-MAX_INTEGER - 1, ValueError),
        ("\ud800", ValueError),
        ({"\ud800": 1}, ValueError),
    ],
)
def test_what_has_no_canonical_form_is_not_signed(value: Any, error: type[Exception]) -> None:
    """A value that readers of JSON may understand differently is never signed (R27)."""
    with pytest.raises(error):
        sign({"a": value}, KEY, NOW)


def test_sites_that_sign_nothing_load_no_cryptography() -> None:
    """The library is loaded with the first signature and not before."""
    code = "import consent, consent.records.signature, sys; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
