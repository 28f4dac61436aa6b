"""The issue date, the additional properties and the template's URL of an earned certificate."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import orjson
import pytest

from certbeam.foundation.errors import Rejected
from certbeam.issuing.earned_certificate import build_related, derive_issue_date, fill_cloud_placeholder
from certbeam.issuing.issue_event import parse_issue_event
from certbeam.issuing.learning_records import Enrolment, User, parse_batch_template
from certbeam.tests.support import BATCH, ETS, TEMPLATE, as_record, issue_event, template_row, user_row, utc

UTC = timezone.utc
NOT_COMPLETED = Enrolment({"completedon": None})


def completed(moment):
    return Enrolment({"completedon": moment})


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
    enrolment = completed(utc(2026, 3, 31, 20, 15, 30))
    assert derive_issue_date(enrolment, None, ETS, ZoneInfo(zone)) == expected


def test_the_time_zone_of_the_stored_time_does_not_matter():
    stored = datetime(2026, 4, 1, 1, 45, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert derive_issue_date(completed(stored), None, ETS, UTC) == date(2026, 3, 31)


def test_without_completion_the_issue_date_is_the_day_of_the_newest_assessment():
    assessed_on = utc(2026, 3, 30, 23)
    assert derive_issue_date(NOT_COMPLETED, assessed_on, ETS, UTC) == date(2026, 3, 30)
    assert derive_issue_date(NOT_COMPLETED, assessed_on, ETS, ZoneInfo("Asia/Kolkata")) == date(2026, 3, 31)


def test_without_completion_and_assessment_the_issue_date_is_the_day_of_the_event():
    assert derive_issue_date(NOT_COMPLETED, None, ETS, UTC) == date(2026, 4, 1)


def test_without_any_time_the_claim_is_rejected():
    with pytest.raises(Rejected) as error:
        derive_issue_date(NOT_COMPLETED, None, None, UTC)
    assert error.value.code == "no-date"


@pytest.mark.parametrize(
    ("moment", "hours", "stated"), [((9999, 12, 31, 23), 14, "9999-12-31"), ((1, 1, 1), -12, "1-01-01")]
)
def test_an_issue_date_out_of_range_in_the_time_zone_is_rejected(moment, hours, stated):
    zone = timezone(timedelta(hours=hours))
    with pytest.raises(Rejected, match=f"{stated} is out of range") as error:
        derive_issue_date(completed(utc(*moment)), None, ETS, zone)
    assert error.value.code == "no-date"


@pytest.mark.parametrize("base", ["https://cdn.example.org/content", "https://cdn.example.org/content/"])
def test_the_cloud_placeholder_is_replaced(base):
    url = fill_cloud_placeholder("CLOUD_BASE_PATH/assets/a.svg", base)
    assert url == "https://cdn.example.org/content/assets/a.svg"


def related(props, *, columns=None, percentages=None, user=None):
    (claim,) = parse_issue_event(as_record(issue_event()))
    return build_related(
        claim.narrow_to_template(TEMPLATE),
        parse_batch_template(TEMPLATE, template_row(additionalProps=props)),
        enrolment=Enrolment(columns or {}),
        percentages=percentages or {},
        user=User(user or user_row()),
        course_name="Soil & Water",
    )


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
