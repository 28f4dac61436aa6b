"""Build the generate event of an earned certificate."""

from dataclasses import replace

import orjson
import pytest

from certbeam.issuing.generate_event import build_generate_event
from certbeam.tests.issuing.earned import earned_certificate
from certbeam.tests.support import (
    BASE_URL,
    BATCH,
    COURSE,
    ETS,
    MID,
    TEMPLATE,
    issue_event,
    requests_of,
    template_row,
    utc,
)


def build_event(earned):
    return build_generate_event(earned, base_url=BASE_URL)


def test_the_event_has_all_documented_members():
    event = build_event(earned_certificate())
    assert {**event, "edata": None, "mid": None} == {
        "actor": {"id": "Certificate Generator", "type": "System"},
        "eid": "BE_JOB_REQUEST",
        "edata": None,
        "ets": ETS,
        "context": {"pdata": {"ver": "1.0", "id": "org.sunbird.learning.platform"}},
        "mid": None,
        "object": {"id": "u-1", "type": "GenerateCertificate"},
    }
    template = template_row()
    assert event["edata"] == {
        "issuedDate": "2026-03-31",
        "data": [{"recipientName": "Asha u-1", "recipientId": "u-1"}],
        "criteria": {"narrative": "Certificate tpl-1"},
        "svgTemplate": "plain.svg",
        "oldId": "",
        "templateId": TEMPLATE,
        "userId": "u-1",
        "orgId": "org-1",
        "issuer": template["issuer"],
        "signatoryList": template["signatoryList"],
        "courseName": "Soil & Water",
        "basePath": BASE_URL,
        "related": {"batchId": BATCH, "courseId": COURSE, "type": "Certificate tpl-1"},
        "name": "Certificate tpl-1",
        "tag": BATCH,
        "issueMid": MID,
    }


def test_a_replay_builds_the_same_bytes():
    assert orjson.dumps(build_event(earned_certificate())) == orjson.dumps(build_event(earned_certificate()))
    assert build_event(earned_certificate())["mid"].startswith("LMS.")
    assert (
        build_event(earned_certificate(event=issue_event(mid="LP.other")))["mid"]
        != build_event(earned_certificate())["mid"]
    )


def test_a_re_issue_has_its_flag_and_the_replaced_id():
    edata = build_event(earned_certificate(event=issue_event(reIssue=True), replaces="old-1"))["edata"]
    assert (edata["oldId"], edata["reIssue"]) == ("old-1", True)
    assert requests_of({"edata": edata, "ets": ETS})[0].reissue is True


def test_a_first_issue_has_no_flag():
    assert "reIssue" not in build_event(earned_certificate())["edata"]


def test_the_event_is_parsed_as_a_request():
    (request,) = requests_of(build_event(earned_certificate()))
    assert (request.recipient_id, request.issued_on, request.ets) == ("u-1", utc(2026, 3, 31), ETS)


def test_an_event_without_an_organisation_has_an_empty_one():
    assert build_event(earned_certificate(organisation_id=""))["edata"]["orgId"] == ""


def test_the_event_has_the_language_of_the_course_if_it_is_known():
    assert build_event(earned_certificate(language="hi"))["edata"]["language"] == "hi"
    assert "language" not in build_event(earned_certificate())["edata"]


@pytest.mark.parametrize("name", ["mid", "batch_id", "course_id", "user_id", "template_id"])
def test_each_certificate_of_each_issue_event_has_a_generate_event_of_its_own_mid(name):
    one = earned_certificate()
    other = replace(one, claim=replace(one.claim, **{name: "other"}))
    assert build_event(other)["mid"] != build_event(one)["mid"]
