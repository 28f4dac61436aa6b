"""Members of Open Badges 2.0 assertions."""

from certbeam.badges.ob2_assertion import build_assertion
from certbeam.badges.timestamps import format_timestamp
from certbeam.badges.urls import (
    PublishedUrls,
    badge_class_object_name,
    evidence_object_name,
    issuer_object_name,
)
from certbeam.tests.support import BASE_URL, PIXEL, certificate, utc

AT = PublishedUrls(BASE_URL)


def test_an_assertion_has_exactly_these_members():
    request = certificate(
        expiry="1y",
        description="d",
        logo="l.svg",
        data=[{"recipientName": "Asha Rao", "recipientId": "u-1", "validFrom": "2026-04-01T10:00:00Z"}],
    )
    context = f"{BASE_URL}/v1/context.json"
    assert build_assertion(request, AT) == {
        "@context": context,
        "id": f"{BASE_URL}/batch-1/{request.certificate_id}",
        "issuedOn": "2026-03-31T00:00:00Z",
        "recipient": {
            "@context": context,
            "identity": "u-1",
            "type": ["id"],
            "hashed": False,
            "name": "Asha Rao",
        },
        "badge": {
            "@context": context,
            "id": f"{BASE_URL}/{badge_class_object_name(request)}",
            "type": ["BadgeClass"],
            "name": "Soil & Water",
            "description": "d",
            "image": "l.svg",
            "criteria": {"type": ["Criteria"], "narrative": "course completion"},
            "issuer": {
                "@context": context,
                "id": f"{BASE_URL}/{issuer_object_name(request)}",
                "type": ["Issuer"],
                "name": "Aranya Academy",
                "url": "https://aranya.example.org",
                "publicKey": ["k1"],
            },
        },
        "evidence": {
            "@context": context,
            "id": f"{BASE_URL}/{evidence_object_name(request)}",
            "type": ["Evidence", "Extension", "extensions:TrainingEvidence"],
            "name": "Soil & Water",
        },
        "expires": "2027-03-31T00:00:00Z",
        "revoked": False,
        "type": ["Assertion", "Extension", "extensions:CertificateExtension"],
        "verification": {"type": "HostedBadge"},
        "signatory": [
            {
                "@context": f"{BASE_URL}/v1/extensions/SignatoryExtension/context.json",
                "identity": "SIG-1",
                "type": ["Extension", "extensions:SignatoryExtension"],
                "designation": "Director",
                "image": PIXEL,
                "name": "Meera",
            }
        ],
        "validFrom": "2026-04-01T10:00:00Z",
    }


def test_absent_members_are_left_out():
    document = build_assertion(certificate(courseName=""), AT)
    assert not {"expires", "validFrom", "evidence"} & set(document)
    assert document["badge"]["name"] == "Certificate of Completion"


def test_an_issuer_without_keys_has_an_empty_public_key_list():
    issuer = {"name": "A", "url": "https://a"}
    assert build_assertion(certificate(issuer=issuer), AT)["badge"]["issuer"]["publicKey"] == []


def test_object_names_of_documents_depend_on_their_content():
    one, same = certificate("u-1"), certificate("u-2")
    other = certificate(criteria={"narrative": "another"}, issuer={"name": "B", "url": "https://b"})
    for name in (badge_class_object_name, issuer_object_name, evidence_object_name):
        assert name(one) == name(same)
    assert badge_class_object_name(one) != badge_class_object_name(other)
    assert issuer_object_name(one) != issuer_object_name(other)


def test_the_url_of_a_file_has_the_tag_the_id_and_the_extension():
    assert AT.artefact("tag", "id", "svg") == f"{BASE_URL}/tag/id.svg"


def test_a_timestamp_keeps_the_zeros_of_early_years():
    assert format_timestamp(utc(987, 6, 5, 4, 3, 2)) == "0987-06-05T04:03:02Z"
