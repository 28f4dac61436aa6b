"""Parse the records of the learning platform."""

from decimal import Decimal

import pytest

from certbeam.foundation.errors import Rejected
from certbeam.issuing.learning_records import (
    Enrolment,
    Scores,
    User,
    parse_batch_template,
    read_content_type,
    read_course_language,
    remove_control_characters,
)
from certbeam.tests.support import template_row, utc


def test_members_of_a_template_may_be_texts_or_parsed():
    text = {
        "name": "Merit",
        "url": "merit.svg",
        "criteria": '{"enrollment": {"status": 2}}',
        "issuer": '{"name": "A"}',
        "signatoryList": '[{"name": "M"}]',
        "additionalProps": '{"user": ["rootOrgId"]}',
    }
    parsed = {
        **text,
        "criteria": {"enrollment": {"status": 2}},
        "issuer": {"name": "A"},
        "signatoryList": [{"name": "M"}],
        "additionalProps": {"user": '["rootOrgId"]'},
    }
    template = parse_batch_template("t-1", text)
    assert template == parse_batch_template("t-1", parsed)
    assert (template.identifier, template.name, template.url) == ("t-1", "Merit", "merit.svg")
    assert template.criteria == {"enrollment": {"status": 2}}
    assert template.signatories == ({"name": "M"},)
    assert template.additional_props == {"user": ("rootOrgId",)}


def test_missing_members_of_a_template_are_empty():
    template = parse_batch_template("t-1", {})
    assert (template.issuer, template.signatories, template.additional_props) == ({}, (), {})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuer", "[]"),
        ("signatoryList", "{}"),
        ("criteria", "{"),
        ("additionalProps", "[]"),
        ("additionalProps", '{"user": "name"}'),
    ],
)
def test_a_template_with_a_member_of_another_type_is_rejected(field, value):
    with pytest.raises(Rejected, match=field) as error:
        parse_batch_template("t-1", template_row(**{field: value}))
    assert error.value.code == "template-field"


@pytest.mark.parametrize(
    ("url", "is_svg"), [("a.svg", True), ("https://x/a.svg?v=1", True), ("a.html", False), ("", False)]
)
def test_only_svg_files_are_svg_templates(url, is_svg):
    assert parse_batch_template("t-1", {"url": url}).is_svg is is_svg


@pytest.mark.parametrize(("active", "expected"), [(True, True), (False, False), (None, False), (1, False)])
def test_an_enrolment_is_active_only_if_its_column_is_true(active, expected):
    assert Enrolment({"active": active}).is_active is expected


def test_an_enrolment_without_certificates_has_an_empty_list():
    assert Enrolment({}).issued == ()
    assert Enrolment({"issued_certificates": None}).issued == ()
    assert Enrolment({"issued_certificates": [{"name": "x"}]}).issued == ({"name": "x"},)


def test_a_missing_maximum_is_one_point():
    scores = Scores({"score:a": Decimal(3), "max_score:a": Decimal(4), "score:b": Decimal("0.5")})
    assert scores.find_contents() == ("a", "b")
    assert scores.compute_percentages(("a", "b")) == {"a": 75, "b": 50}


@pytest.mark.parametrize("possible", [0, -1])
def test_contents_without_possible_points_have_no_percentage(possible):
    scores = Scores({"score:a": Decimal(3), "max_score:a": Decimal(possible)})
    assert scores.compute_percentages(("a",)) == {}


def test_the_newest_time_is_that_of_the_given_contents():
    updated = {
        "score:a": utc(2026, 3, 1),
        "score:b": utc(2026, 3, 2),
        "score:c": utc(2026, 3, 3),
        "max_score:a": utc(2026, 3, 4),
    }
    scores = Scores({}, updated)
    assert scores.find_newest_time(("a", "b")) == utc(2026, 3, 2)
    assert scores.find_newest_time(("d",)) is None


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("Asha", "Rao", "Asha Rao"),
        (" Asha ", None, "Asha"),
        ("Asha", "null", "Asha"),
        ("NULL", "Rao", "Rao"),
        (None, "", ""),
        ("Null", "null", ""),
        ("Ødegård", "Ýrr", "Ødegård Ýrr"),
    ],
)
def test_the_name_of_a_user_is_first_and_last_name(first, last, name):
    assert User({"firstName": first, "lastName": last}).name == name


def test_a_location_is_found_by_its_type():
    user = User({"userLocations": ["odd", {"type": "state", "name": "Kerala"}, {"type": "block"}]})
    assert (user.find_location("state"), user.find_location("district"), user.find_location("block")) == (
        "Kerala",
        "",
        "",
    )
    assert User({"userLocations": None}).find_location("state") == ""


def test_control_characters_are_removed_from_the_name_of_a_course():
    assert remove_control_characters(" Soil\t&\x00 \\Water\n") == "Soil& \\Water"


def test_the_type_of_a_content_is_read():
    assert read_content_type({"contentType": "SelfAssess"}) == "SelfAssess"
    assert read_content_type({}) == ""


@pytest.mark.parametrize(
    ("language", "tag"),
    [
        (["Hindi", "English"], "hi"),
        ("tamil", "ta"),
        (["pt-BR"], ""),
        (["pt"], "pt"),
        (["Klingonese"], ""),
        ([], ""),
        (None, ""),
        ([7], ""),
    ],
)
def test_the_language_of_a_course_becomes_a_tag(language, tag):
    assert read_course_language({"language": language}) == tag
