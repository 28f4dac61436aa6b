"""Open Badges 3.0 credentials before they are signed."""

from certbeam.badges.ob3_credential import build_credential
from certbeam.badges.urls import PublishedUrls, badge_class_object_name, evidence_object_name
from certbeam.tests.badges.issuers import request
from certbeam.tests.support import BASE_URL

AT = PublishedUrls(BASE_URL)


def credential(**edata):
    return build_credential(request(**edata), AT, issuer="did:web:x", status_entry=None)


def test_evidence_lists_the_training_and_then_each_signatory():
    signatories = [
        {"name": name, "designation": role, "id": "S", "image": "x"}
        for name, role in (("Meera", "Director"), ("Ravi", "Dean"))
    ]
    assert credential(signatoryList=signatories)["evidence"] == [
        {
            "id": f"{BASE_URL}/{evidence_object_name(request())}",
            "type": ["Evidence"],
            "name": "Soil & Water",
            "genre": "Training",
        },
        {"type": ["Evidence"], "name": "Meera", "description": "Director", "genre": "Signatory"},
        {"type": ["Evidence"], "name": "Ravi", "description": "Dean", "genre": "Signatory"},
    ]


def test_without_a_course_name_evidence_lists_signatories_only():
    assert [one["genre"] for one in credential(courseName="")["evidence"]] == ["Signatory"]


def test_the_subject_is_identified_by_name_and_id():
    subject = credential(recipient="Asha Rao", user="u-asha")["credentialSubject"]
    assert [(one["identityType"], one["identityHash"], one["hashed"]) for one in subject["identifier"]] == [
        ("name", "Asha Rao", False),
        ("identifier", "u-asha", False),
    ]


def test_the_achievement_is_the_badge_class_of_the_assertion():
    achievement = credential()["credentialSubject"]["achievement"]
    assert achievement["id"] == f"{BASE_URL}/{badge_class_object_name(request())}"
    assert achievement["achievementType"] == "CertificateOfCompletion"
    assert achievement["description"] == achievement["criteria"]["narrative"] == "course completion"
    assert credential(description="d")["credentialSubject"]["achievement"]["description"] == "d"


def test_valid_from_is_not_later_than_the_event_unless_the_event_sets_it():
    assert credential(issuedDate="2026-04-02")["validFrom"] == "2026-04-01T04:30:00Z"
    assert credential(issuedDate="2026-03-31")["validFrom"] == "2026-03-31T00:00:00Z"
    data = [{"recipientName": "A", "recipientId": "u", "validFrom": "2026-05-01"}]
    assert credential(data=data)["validFrom"] == "2026-05-01T00:00:00Z"
