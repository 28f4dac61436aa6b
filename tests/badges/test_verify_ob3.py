"""Verification of Open Badges 3.0 credentials: changed and forged credentials fail."""

import base64
import copy
import gzip
import random

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from openbadgeslib.ob3 import Achievement, Issuer, OB3Signer, OpenBadgeCredential
from openbadgeslib.ob3.ldp import OB3LdpSigner

from certbeam.artwork.render.typst_engine import svg_to_png
from certbeam.badges.baking import bake_png, bake_svg, extract_credential
from certbeam.badges.checks import CheckFailed
from certbeam.badges.data_integrity import CRYPTOSUITES, add_proofs, build_hash_data
from certbeam.badges.did_web import verification_method_id
from certbeam.badges.issuer import CredentialIssuer
from certbeam.badges.key_set import sign
from certbeam.badges.multibase import encode_base58btc
from certbeam.badges.rdf_canonical import Canonicalizer
from certbeam.badges.status_list import (
    RevokedIndexes,
    StatusListEntry,
    build_status_list,
    candidate_entries,
)
from certbeam.badges.urls import PublishedUrls
from certbeam.badges.verify_ob3 import verify_credential
from certbeam.badges.verify_proofs import check_json_form, verify_proofs
from certbeam.certificates.documents import build_installation_documents
from certbeam.tests.badges.issuers import BASE_URL, NAMES, issuer, key_set, request
from certbeam.tests.badges.mutations import changes, mutate
from certbeam.tests.badges.publishing import Publication
from certbeam.tests.support import present

ISSUER = issuer()
STATUS_ENTRY = StatusListEntry(1, 77)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30" data-x=">"><text>x</text></svg>'
MUTATIONS = 200


@pytest.fixture
def published():
    publication = Publication(ISSUER)
    publication.publish_list(ISSUER, 1)
    return publication


def baked_svg(credential):
    return b"".join(bake_svg([SVG], credential))


def failures(credential, fetch):
    text = credential if isinstance(credential, str) else orjson.dumps(credential).decode()
    return {check.name for check in verify_credential(text, fetch) if not check.passed}


def signed(suites=("eddsa-rdfc-2022",), **edata):
    return issuer(suites=suites).sign_credential(request(**edata), STATUS_ENTRY).decode()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suites", [CRYPTOSUITES, CRYPTOSUITES[:1], CRYPTOSUITES[1:]])
def test_issued_credentials_are_verified_in_every_script(published, name, suites):
    credential = signed(suites, recipient=name, courseName=name, description=name)
    # openbadgeslib, like most verifiers, requires eddsa-rdfc-2022.
    assert failures(credential, published) == (set() if CRYPTOSUITES[0] in suites else {"form"})


@pytest.mark.parametrize("name", NAMES)
def test_a_baked_credential_is_extracted_unchanged(published, name):
    credential = signed(recipient=name).encode()
    for picture in (baked_svg(credential), bake_png(svg_to_png(SVG), credential)):
        extracted = present(extract_credential(picture))
        assert orjson.loads(extracted) == orjson.loads(credential)
        assert failures(extracted, published) == set()


def test_random_changes_of_a_credential_are_detected(published):
    """No proof of the proof set is removed: the credential with the other proof alone is valid."""
    dice = random.Random(20261122)  # noqa: S311 - the same mutations every time
    credential = orjson.loads(
        signed(CRYPTOSUITES, expiry="2y", logo="https://aranya.example.org/logo.png", recipient=NAMES[3])
    )
    assert failures(credential, published) == set()
    accepted = []
    for number in range(MUTATIONS):
        mutated = copy.deepcopy(credential)
        what = mutate(mutated, dice, spare=[mutated["proof"]])
        if mutated == credential or not failures(mutated, published):
            accepted.append((number, what))
    assert accepted == []


@pytest.mark.slow
def test_every_fifth_change_of_a_credential_is_detected(published):
    """There are 1,400 changes, and a verification takes 30 ms."""
    credential = orjson.loads(
        signed(
            expiry="30y", logo="https://aranya.example.org/logo.png", recipient=NAMES[2], description="Zoë"
        )
    )
    assert failures(credential, published) == set()
    tried = [one for number, one in enumerate(changes(credential, rewritten=True)) if number % 5 == 0]
    assert len(tried) > MUTATIONS
    assert [what for what, changed in tried if not failures(changed, published)] == []


def test_members_swapped_between_two_credentials_are_detected(published):
    one, other = (orjson.loads(signed(recipient=name, user=name)) for name in ("Asha", "Meera"))
    published.publish_list(ISSUER, 2)
    swapped = [{**one, name: value} for name, value in other.items() if one[name] != value]
    assert len(swapped) == 3
    moved = copy.deepcopy(one)
    for member, value in (
        ("statusListIndex", "78"),
        ("statusPurpose", "suspension"),
        ("statusListCredential", f"{BASE_URL}/status/2.json"),
    ):
        moved["credentialStatus"] = {**one["credentialStatus"], member: value}
        swapped.append(copy.deepcopy(moved))
    swapped += [{**one, "proof": []}, {name: value for name, value in one.items() if name != "proof"}]
    swapped += [{**one, "proof": [one["proof"][0], other["proof"][0]]}]
    swapped += [{**one, "@context": context} for context in _contexts(one["@context"])]
    assert [document for document in swapped if not failures(document, published)] == []


def _contexts(context):
    name = {"name": "https://elsewhere.example.org/name"}
    yield from (context[:1], context[::-1], [*context, name], [*context, *context], [*context, {}], name)
    yield [*context, "https://elsewhere.example.org/context.json"]


def test_a_context_in_a_proof_must_be_the_context_of_the_document(published):
    credential = orjson.loads(signed())
    credential["proof"][0]["@context"] = [
        *credential["@context"],
        {"created": "https://elsewhere.example.org"},
    ]
    assert failures(credential, published) == {"signature"}
    credential["proof"][0]["@context"] = credential["@context"]
    assert failures(credential, published) == set()


def test_a_duplicate_member_is_detected(published):
    text = signed()
    for member in ('"name":"Somebody Else",', '"validFrom":"2000-01-01T00:00:00Z",'):
        assert failures("{" + member + text[1:], published) == {"form"}


def test_a_picture_with_two_credentials_is_rejected():
    credential, other = (
        signed(recipient=name).encode() for name in ("Asha <openbadges:credential>", "Meera")
    )
    png = svg_to_png(SVG)
    assert extract_credential(baked_svg(credential)) == credential.decode()
    first = baked_svg(credential).partition(b"<openbadges:credential>")[2].partition(b"</openbadges")[0]
    second = baked_svg(other).replace(
        b"</openbadges:credential>",
        b"</openbadges:credential><openbadges:credential>" + first + b"</openbadges:credential>",
    )
    for picture in (bake_png(bake_png(png, credential), other), second):
        with pytest.raises(ValueError, match="more than one"):
            extract_credential(picture)


def test_a_document_that_is_expensive_to_canonicalise_is_rejected_soon(published):
    """A poison graph: similar blank nodes, each of which refers to all others."""
    nodes = [f"_:b{number}" for number in range(12)]
    credential = orjson.loads(signed())
    credential["credentialSubject"]["achievement"]["related"] = [
        {
            "id": node,
            "type": ["Related"],
            "otherIdentifier": [{"id": other} for other in nodes if other != node],
        }
        for node in nodes
    ]
    assert {"signature"} <= failures(credential, published)


def test_a_proof_of_another_key_is_detected(published):
    other = issuer(key_set(seed=b"3" * 32))
    assert "issuer's key" in failures(other.sign_credential(request(), STATUS_ENTRY).decode(), published)


def test_a_key_of_another_publisher_is_detected(published):
    credential = orjson.loads(signed())
    method = credential["proof"][0]["verificationMethod"]
    credential["proof"][0]["verificationMethod"] = method.replace(
        "certs.example.org", "elsewhere.example.org"
    )
    assert "issuer's key" in failures(credential, published)


def test_signatures_of_an_old_key_are_valid_while_it_is_published(published):
    old, new = key_set(seed=b"1" * 32), key_set(seed=b"3" * 32)
    both = issuer(type(old)((*old.public, *new.public), {**old.private, **new.private}, None, ""))
    publication = Publication(both)
    publication.publish_list(both, 1)
    assert failures(signed(), publication) == set()
    newer = both.sign_credential(request(), STATUS_ENTRY)
    assert orjson.loads(newer)["proof"][0]["verificationMethod"].endswith(new.public[0].kid)
    assert failures(newer.decode(), publication) == set()
    picked = both.sign_credential(request(keys={"id": old.public[0].kid}), STATUS_ENTRY)
    assert orjson.loads(picked)["proof"][0]["verificationMethod"].endswith(old.public[0].kid)


@pytest.mark.parametrize(
    ("edata", "failed"),
    [
        ({"expiry": "2020-01-01"}, {"validity"}),
        ({"data": [{"recipientName": "A", "recipientId": "u", "validFrom": "2999-01-01"}]}, {"validity"}),
    ],
)
def test_credentials_outside_their_validity_period_fail_the_validity_check(published, edata, failed):
    assert failures(signed(**edata), published) == failed


def test_a_credential_with_a_later_issue_date_is_valid_from_the_time_of_the_event():
    credential = orjson.loads(signed(issuedDate="2026-04-02"))
    assert credential["validFrom"] == "2026-04-01T04:30:00Z"
    assert credential["awardedDate"] == "2026-04-02T00:00:00Z"


def test_only_the_revocation_check_fails_for_a_revoked_credential(published):
    published.publish_list(ISSUER, 1, STATUS_ENTRY.index)
    assert failures(signed(), published) == {"revocation"}
    published.publish_list(ISSUER, 1, STATUS_ENTRY.index + 1)
    assert failures(signed(), published) == set()


def test_a_status_list_that_the_issuer_did_not_sign_is_rejected(published):
    good = orjson.loads(published[f"{BASE_URL}/status/1.json"])
    other = issuer(key_set(seed=b"3" * 32))
    bad = [
        orjson.loads(other.sign_status_list(1, _none())),
        {**good, "issuer": "did:web:elsewhere.example.org:certs"},
        {name: value for name, value in good.items() if name != "proof"},
        {**good, "credentialSubject": {**good["credentialSubject"], "encodedList": _full_list()}},
        {**good, "https://www.w3.org/2018/credentials#validUntil": "2020-01-01T00:00:00Z"},
        orjson.loads(ISSUER.sign_status_list(2, _none())),
    ]
    for document in bad:
        published.put("status/1.json", document)
        assert failures(signed(), published) == {"revocation"}
    del published[f"{BASE_URL}/status/1.json"]
    assert failures(signed(), published) == {"revocation"}


@pytest.fixture
def sign_elsewhere(published):
    """The DID of another issuer, whose keys are published, and a function that signs documents with its key."""
    keys = key_set(seed=b"3" * 32)
    elsewhere = "https://elsewhere.example.org/certs"
    other = CredentialIssuer(
        elsewhere, keys.public, lambda key, message: sign(keys.private[key.kid], message)
    )
    for document in build_installation_documents(elsewhere, other):
        published[f"{elsewhere}/{document.name}"] = document.body

    def sign_document(document):
        return add_proofs(
            document,
            CRYPTOSUITES[:1],
            key=other.keys[0],
            verification_method=verification_method_id(other.did, other.keys[0]),
            created="2026-04-01T00:00:00Z",
            sign=lambda key, message: sign(keys.private[key.kid], message),
            canonicalizer=Canonicalizer(),
        )

    return other.did, sign_document


def failed_checks(credential, published):
    text = credential if isinstance(credential, str) else orjson.dumps(credential).decode()
    return [(check.name, check.detail) for check in verify_credential(text, published) if not check.passed]


def test_a_status_list_signed_by_another_issuer_is_rejected(published, sign_elsewhere):
    did, sign_document = sign_elsewhere
    unsigned = build_status_list(1, _none(), issuer=did, urls=PublishedUrls(BASE_URL))
    published.put("status/1.json", sign_document(unsigned))
    ((name, detail),) = failed_checks(signed(), published)
    assert name == "revocation"
    assert did in detail


def test_a_credential_signed_by_another_issuer_is_rejected(published, sign_elsewhere):
    _, sign_document = sign_elsewhere
    document = orjson.loads(signed())
    del document["proof"]
    ((name, detail),) = failed_checks(sign_document(document), published)
    assert name == "issuer's key"
    assert "is not a key of the issuer" in detail


def test_a_term_that_no_context_defines_is_detected(published):
    credential = orjson.loads(signed())
    credential["credentialSubject"]["grade"] = "A"
    assert failures(credential, published) == {"terms"}


def test_credentials_of_other_issuers_and_jwts_are_verified():
    achievement = Achievement(id="urn:uuid:1", name="N", description="D", criteria_narrative="C")
    private = ed25519.Ed25519PrivateKey.generate()
    signer = OB3LdpSigner(private)
    did = signer.verification_method.partition("#")[0]
    theirs = OpenBadgeCredential(
        id="urn:uuid:2",
        issuer=Issuer(id=did, name="I"),
        recipient_id="mailto:a@example.org",
        achievement=achievement,
    )
    assert failures(signer.sign_to_json(theirs), None) == set()
    token = OB3Signer(private, algorithm="EdDSA").sign(theirs)
    assert failures(token, None) == set()
    head, _, signature = token.rpartition(".")
    assert failures(f"{head}.{signature[::-1]}", None) == {"signature"}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "no.jwt.here", '{"proof": 1}', '{"proof": []}', '{"proof": {"type": []}}', "{" * 9999],
)
def test_texts_that_are_no_credentials_are_not_verified(published, text):
    assert failures(text, published)


def test_a_picture_that_cannot_be_read_is_rejected():
    for picture in (b"<svg", b"\x89PNG\r\n\x1a\n", b"<!DOCTYPE x [<!ENTITY a 'b'>]><svg>&a;</svg>"):
        with pytest.raises(ValueError, match="cannot be read"):
            extract_credential(picture)
    assert extract_credential(SVG) is None


def test_candidate_entries_are_reproducible_and_rarely_collide():
    entries = [next(candidate_entries(str(number))) for number in range(1000)]
    assert entries == [next(candidate_entries(str(number))) for number in range(1000)]
    assert len(set(entries)) > 990
    assert {entry.list_number for entry in entries} == {1}


def _none():
    return RevokedIndexes((), None)


def _full_list():
    return "u" + base64.urlsafe_b64encode(gzip.compress(b"\0" * 16384, mtime=1)).decode().rstrip("=")


def no_fetch(url: str) -> bytes:
    raise AssertionError(f"{url} is not needed")


def test_a_jwt_that_another_key_has_signed_is_rejected():
    private, other = (ed25519.Ed25519PrivateKey.generate() for _ in range(2))
    did = OB3LdpSigner(private).verification_method.partition("#")[0]
    theirs = OpenBadgeCredential(
        id="urn:uuid:2",
        issuer=Issuer(id=did, name="I"),
        recipient_id="mailto:a@example.org",
        achievement=Achievement(id="urn:uuid:1", name="N", description="D", criteria_narrative="C"),
    )
    (result,) = verify_credential(OB3Signer(private, algorithm="EdDSA").sign(theirs), no_fetch)
    assert (result.name, result.passed) == ("signature", True)
    assert result.detail == f"the JWT is signed by {did}, valid and not revoked"
    (result,) = verify_credential(OB3Signer(other, algorithm="EdDSA").sign(theirs), no_fetch)
    assert (result.name, result.passed) == ("signature", False)


@pytest.mark.parametrize("proof", [[], None, {}, "proof", [None]])
def test_a_document_without_a_proof_is_not_signed(proof):
    results = list(verify_proofs({"issuer": "did:web:certs.example.org:certs", "proof": proof}, no_fetch))
    assert results
    assert not any(result.passed for result in results)


@pytest.mark.parametrize(
    "document",
    [
        {"@id": "urn:x"},
        {"credentialSubject": {"@type": "Person"}},
        {"credentialSubject": {"identifier": [{"@id": "urn:x"}]}},
        {"credentialSubject": {"@context": {}}},
        {"name": ["a"]},
        {"credentialSubject": {"achievement": {"name": ["a", "a"]}}},
        {"credentialSubject": {"identifier": [{"identityHash": ["a"]}]}},
    ],
)
def test_a_keyword_and_a_list_of_a_single_value_are_rejected_at_any_depth(document):
    with pytest.raises(CheckFailed):
        check_json_form(document)


def test_a_document_may_have_a_context_and_lists_of_values():
    check_json_form({"@context": ["https://x"], "type": ["a", "b"], "alignment": [{"targetName": "x"}]})


def test_the_form_of_a_credential_is_checked_although_its_proof_matches(published):
    credential = signed()
    details = {check.name: check.detail for check in verify_credential(credential, published)}
    assert details["form"] == "it is an Open Badges 3.0 credential"
    assert details["terms"] == "every term is defined, so the signature covers it"
    document = orjson.loads(credential)
    document["credentialSubject"]["achievement"]["name"] = [
        document["credentialSubject"]["achievement"]["name"]
    ]
    (failed,) = (
        check for check in verify_credential(orjson.dumps(document).decode(), published) if not check.passed
    )
    assert (failed.name, failed.detail) == (
        "form",
        "name is a list, but has exactly one value in Open Badges 3.0",
    )


@pytest.mark.parametrize(
    ("change", "passed"),
    [({}, True), ({"type": "OtherProof"}, False), ({"proofPurpose": "authentication"}, False)],
)
def test_a_jcs_proof_must_be_a_data_integrity_proof_of_an_assertion(published, change, passed):
    document = orjson.loads(signed(("eddsa-jcs-2022",)))
    (proof,) = document.pop("proof")
    proof = {name: value for name, value in proof.items() if name != "proofValue"} | change
    context = proof.get("@context", document["@context"])
    hash_data = build_hash_data({**document, "@context": context}, proof, Canonicalizer())
    keys = key_set()
    proof["proofValue"] = encode_base58btc(sign(keys.private[keys.public[0].kid], hash_data))
    results = {check.name: check.passed for check in verify_proofs({**document, "proof": proof}, published)}
    assert results == {"issuer's key": True, "signature": passed}


def sign_list(document):
    """Return a status list that our issuer has signed."""
    keys, did = key_set(), ISSUER.did
    return add_proofs(
        document,
        CRYPTOSUITES[:1],
        key=keys.public[0],
        verification_method=verification_method_id(did, keys.public[0]),
        created="2026-04-01T00:00:00Z",
        sign=lambda key, message: sign(keys.private[key.kid], message),
        canonicalizer=Canonicalizer(),
    )


def test_a_status_list_of_our_issuer_has_only_the_members_of_a_status_list(published):
    unsigned = build_status_list(1, _none(), issuer=ISSUER.did, urls=PublishedUrls(BASE_URL))
    published.put("status/1.json", sign_list(copy.deepcopy(unsigned)))
    assert failed_checks(signed(), published) == []
    subject = unsigned["credentialSubject"]
    for changed in (
        {**unsigned, "description": "more"},
        {**unsigned, "credentialSubject": {**subject, "name": "more"}},
    ):
        published.put("status/1.json", sign_list(copy.deepcopy(changed)))
        ((name, detail),) = failed_checks(signed(), published)
        assert name == "revocation"
        assert "has members that a status list must not have" in detail
    published.put("status/1.json", {**unsigned, "credentialSubject": [subject]})
    ((name, detail),) = failed_checks(signed(), published)
    assert "has members that a status list must not have" in detail


def test_the_findings_of_the_revocation_check_name_the_list(published):
    url = f"{BASE_URL}/status/1.json"
    published.publish_list(ISSUER, 1, STATUS_ENTRY.index)
    assert failed_checks(signed(), published) == [("revocation", f"it is revoked on the status list {url}")]
    unsigned = build_status_list(1, _none(), issuer=ISSUER.did, urls=PublishedUrls(BASE_URL))
    published.put("status/1.json", unsigned)
    assert failed_checks(signed(), published) == [
        ("revocation", f"the status list {url} is not signed by the issuer: it has no proof")
    ]
    del published[url]
    ((_, detail),) = failed_checks(signed(), published)
    assert detail.startswith(f"the status list {url} cannot be read: ")


def test_the_status_list_that_was_verified_is_the_one_that_is_read(published):
    """A server could answer a second request with another list."""
    lists = []

    def fetch(url):
        if "/status/" in url:
            lists.append(url)
        return published[url]

    assert failed_checks(signed(), fetch) == []
    assert lists == [f"{BASE_URL}/status/1.json"]
