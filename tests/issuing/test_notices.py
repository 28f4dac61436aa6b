"""Notices: JSON made of values, never of text pasted together."""

from dataclasses import replace

import orjson
import pytest

from certbeam.foundation.errors import Rejected
from certbeam.issuing.certificate_request import certificate_request
from certbeam.issuing.generate_event import parse_generate_event
from certbeam.issuing.learning_records import User
from certbeam.issuing.notices import make_notices
from certbeam.issuing.record import Record
from certbeam.tests.support import generate_event

COURSE = 'Soil & "Water" for $1'


@pytest.fixture
def request_of_one():
    (claim,) = parse_generate_event(Record(orjson.dumps(generate_event()), {}))
    return replace(certificate_request(claim, claim.event), course_name=COURSE)


def notices(request, look='{"subject":"s","stateImgUrl":"CLOUD_BASE_PATH/a.png"}', **user):
    return make_notices(
        request, User({"firstName": "Ada", **user}), {"notifyTemplate": look}, "https://cdn/x/"
    )


def test_course_names_of_any_kind_are_told_as_they_are(request_of_one):
    made = notices(request_of_one, maskedPhone="**34")
    assert made.feed["request"]["data"]["actionData"]["title"] == COURSE
    assert made.email["request"]["TrainingName"] == COURSE


def test_the_mail_looks_as_the_batch_says(request_of_one):
    mail = notices(request_of_one).email["request"]
    assert mail["stateImgUrl"] == "https://cdn/x/a.png"
    assert mail["firstName"] == "Ada"
    assert mail["heldDate"] == request_of_one.issued_on.date().isoformat()
    assert mail["recipientUserIds"] == [request_of_one.recipient_id]


def test_a_short_message_goes_to_those_with_a_telephone_only(request_of_one):
    assert notices(request_of_one).sms is None
    assert notices(request_of_one, maskedPhone=" ").sms is None
    sms = notices(request_of_one, maskedPhone="**34").sms
    assert sms["request"]["body"].startswith("Congratulations!")
    assert sms.keys() == {"request"}


def test_without_a_look_or_a_user_the_feed_alone_is_told(request_of_one):
    assert notices(request_of_one, look="").email is None
    assert make_notices(request_of_one, None, {"notifyTemplate": '{"a":"b"}'}, "").email is None


def test_a_look_that_is_no_object_is_rejected(request_of_one):
    with pytest.raises(Rejected, match="notifyTemplate"):
        notices(request_of_one, look="[1]")
