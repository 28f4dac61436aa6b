"""Build the generate event of an earned certificate, and derive its issue date."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import orjson
import pytest

from certbeam.foundation.errors import Rejected
from certbeam.issuing.generate_event import EarnedCertificate, build_generate_event, derive_issue_date
from certbeam.issuing.issue_event import parse_issue_event
from certbeam.issuing.learning_records import Enrolment, User, parse_batch_template
from certbeam.tests.support import (
    BASE_URL,
    BATCH,
    COURSE,
    ETS,
    MID,
    TEMPLATE,
    as_record,
    issue_event,
    requests_of,
    template_row,
    user_row,
    utc,
)

UTC = timezone.utc


def earned(
    *,
    event=None,
    template=None,
    columns=None,
    percentages=None,
    assessed_on=None,
    user=None,
    replaces="",
    language="",
):
    (claim,) = parse_issue_event(as_record(event or issue_event()))
    return EarnedCertificate(
        language=language,
        claim=claim.narrow_to_template(TEMPLATE),
        template=parse_batch_template(TEMPLATE, template or template_row()),
        enrolment=Enrolment({"completedon": utc(2026, 3, 31, 20, 15, 30), **(columns or {})}),
        percentages=percentages or {},
        assessed_on=assessed_on,
        user=User(user or user_row()),
        course_name="Soil & Water",
        replaces=replaces,
    )


def build_event(one, zone=UTC, template_base="https://cdn.example.org/content/"):
    return build_generate_event(one, base_url=BASE_URL, template_base=template_base, zone=zone)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", date(2026, 3, 31)),
        ("Asia/Kolkata", date(2026, 4, 1)),
        ("America/New_York", date(2026, 3, 31)),
        ("Pacific/Kiritimati", date(2026, 4, 1)),
    ],
)
def test_the_issue_date_is_the_day_of_completion_in_the_given_time_zone(zone, expected):
    assert derive_issue_date(earned(), ZoneInfo(zone)) == expected


def test_the_time_zone_of_the_stored_time_does_not_matter():
    stored = datetime(2026, 4, 1, 1, 45, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert derive_issue_date(earned(columns={"completedon": stored}), UTC) == date(2026, 3, 31)


def test_without_completion_the_issue_date_is_the_day_of_the_newest_assessment():
    one = earned(columns={"completedon": None}, assessed_on=utc(2026, 3, 30, 23))
    assert derive_issue_date(one, UTC) == date(2026, 3, 30)
    assert derive_issue_date(one, ZoneInfo("Asia/Kolkata")) == date(2026, 3, 31)


def test_without_completion_and_assessment_the_issue_date_is_the_day_of_the_event():
    one = earned(columns={"completedon": None})
    assert derive_issue_date(one, UTC) == date(2026, 4, 1)


def test_without_any_time_the_claim_is_rejected():
    with pytest.raises(Rejected) as error:
        derive_issue_date(earned(event=issue_event(ets=None), columns={"completedon": None}), UTC)
    assert error.value.code == "no-date"


def test_the_event_has_all_documented_members():
    event = build_event(earned())
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
    assert orjson.dumps(build_event(earned())) == orjson.dumps(build_event(earned()))
    assert build_event(earned())["mid"].startswith("LMS.")
    assert build_event(earned(event=issue_event(mid="LP.other")))["mid"] != build_event(earned())["mid"]


def test_a_re_issue_has_its_flag_and_the_replaced_id():
    edata = build_event(earned(event=issue_event(reIssue=True), replaces="old-1"))["edata"]
    assert (edata["oldId"], edata["reIssue"]) == ("old-1", True)
    assert requests_of({"edata": edata, "ets": ETS})[0].reissue is True


def test_a_first_issue_has_no_flag():
    assert "reIssue" not in build_event(earned())["edata"]


def test_the_event_is_parsed_as_a_request():
    (request,) = requests_of(build_event(earned()))
    assert (request.recipient_id, request.issued_on, request.ets) == ("u-1", utc(2026, 3, 31), ETS)


@pytest.mark.parametrize("base", ["https://cdn.example.org/content", "https://cdn.example.org/content/"])
def test_the_cloud_placeholder_is_replaced(base):
    one = earned(template=template_row(url="CLOUD_BASE_PATH/assets/a.svg"))
    assert (
        build_event(one, template_base=base)["edata"]["svgTemplate"]
        == "https://cdn.example.org/content/assets/a.svg"
    )


def related(props, **parts):
    return build_event(earned(template=template_row(additionalProps=props), **parts))["edata"]["related"]


def test_locations_of_the_user_are_listed_by_type():
    user = user_row(userLocations=[{"type": "state", "name": "Kerala"}, {"type": "block", "name": "B"}])
    assert related({"location": ["state", "district"]}, user=user)["location"] == {"state": "Kerala"}


def test_enrolment_columns_have_the_templates_names_and_times_in_milliseconds():
    columns = {"completedon": utc(2026, 3, 31, 20, 15, 30), "progress": 7, "addedby": None}
    assert related({"enrollment": ["completedOn", "progress", "addedBy"]}, columns=columns)["enrollment"] == {
        "completedOn": 1_774_988_130_000,
        "progress": 7,
        "addedBy": None,
    }


def test_an_unknown_enrolment_column_is_rejected():
    with pytest.raises(Rejected, match="'grade'") as error:
        related({"enrollment": ["grade"]})
    assert error.value.code == "template-field"


def test_scores_are_json_numbers():
    percentages = {"do_1": Decimal(80), "do_2": Decimal("66.5")}
    values = related({"assessment": ["score"]}, percentages=percentages)["assessment"]
    assert values == {"score": {"do_1": 80, "do_2": 66.5}}
    assert orjson.dumps(values) == b'{"score":{"do_1":80,"do_2":66.5}}'


def test_members_of_the_user_do_not_replace_ids_of_the_claim():
    user = user_row(framework={"board": "X"}, batchId="forged")
    values = related({"user": ["rootOrgId", "framework", "batchId", "missing"]}, user=user)
    assert values["rootOrgId"] == "org-1"
    assert values["framework"] == {"board": "X"}
    assert values["batchId"] == BATCH
    assert "missing" not in values


def test_the_name_of_the_course_is_added_if_the_template_lists_it():
    assert related({"course": ["name"]})["course"] == {"name": "Soil & Water"}
    assert "course" not in related({"course": []})


def test_a_user_without_an_organisation_has_an_empty_one():
    assert build_event(earned(user=user_row(rootOrgId=None)))["edata"]["orgId"] == ""


def test_the_event_has_the_language_of_the_course_if_it_is_known():
    assert build_event(earned(language="hi"))["edata"]["language"] == "hi"
    assert "language" not in build_event(earned())["edata"]
