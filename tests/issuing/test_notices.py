"""Build notices; texts with quotation marks stay valid JSON."""

from dataclasses import replace

import orjson
import pytest

from certbeam.foundation.errors import Rejected
from certbeam.issuing.certificate_request import parse_certificate_request
from certbeam.issuing.generate_event import parse_generate_event
from certbeam.issuing.learning_records import User
from certbeam.issuing.notices import build_notices
from certbeam.issuing.record import Record
from certbeam.tests.support import generate_event

COURSE = 'Soil & "Water" for $1'


@pytest.fixture
def request_of_one():
    (claim,) = parse_generate_event(Record(orjson.dumps(generate_event()), {}))
    return replace(parse_certificate_request(claim), course_name=COURSE)


def notices(request, mail_template='{"subject":"s","stateImgUrl":"CLOUD_BASE_PATH/a.png"}', **user):
    return build_notices(
        request, User({"firstName": "Ada", **user}), {"notifyTemplate": mail_template}, "https://cdn/x/"
    )


def test_names_of_courses_are_unchanged(request_of_one):
    made = notices(request_of_one, maskedPhone="**34")
    assert made.feed["request"]["data"]["actionData"]["title"] == COURSE
    assert made.email["request"]["TrainingName"] == COURSE


def test_the_mail_has_the_members_of_the_batchs_template(request_of_one):
    mail = notices(request_of_one).email["request"]
    assert mail["stateImgUrl"] == "https://cdn/x/a.png"
    assert mail["firstName"] == "Ada"
    assert mail["heldDate"] == request_of_one.issued_on.date().isoformat()
    assert mail["recipientUserIds"] == [request_of_one.recipient_id]


def test_only_users_with_a_telephone_number_get_an_sms(request_of_one):
    assert notices(request_of_one).sms is None
    assert notices(request_of_one, maskedPhone=" ").sms is None
    sms = notices(request_of_one, maskedPhone="**34").sms
    assert sms["request"]["body"].startswith("Congratulations!")
    assert sms.keys() == {"request"}


def test_without_a_template_or_a_user_there_is_only_the_feed(request_of_one):
    assert notices(request_of_one, mail_template="").email is None
    assert build_notices(request_of_one, None, {"notifyTemplate": '{"a":"b"}'}, "").email is None


def test_a_mail_template_that_is_not_an_object_is_rejected(request_of_one):
    with pytest.raises(Rejected, match="notifyTemplate"):
        notices(request_of_one, mail_template="[1]")
