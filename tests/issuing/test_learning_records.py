"""What is made of the learning platform's records."""

from decimal import Decimal

import pytest

from certbeam.foundation.errors import Rejected
from certbeam.issuing.learning_records import (
    Enrolment,
    Scores,
    User,
    clean_course_name,
    content_type,
    course_language,
    parse_batch_template,
)
from certbeam.tests.support import template_row, utc


def test_a_template_is_read_from_text_columns_and_from_parsed_ones_alike():
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


def test_a_bare_template_has_empty_fields():
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
def test_a_template_with_a_field_of_another_kind_is_rejected(field, value):
    with pytest.raises(Rejected, match=field) as error:
        parse_batch_template("t-1", template_row(**{field: value}))
    assert error.value.code == "template-field"


@pytest.mark.parametrize(
    ("url", "is_svg"), [("a.svg", True), ("https://x/a.svg?v=1", True), ("a.html", False), ("", False)]
)
def test_only_svg_templates_can_be_filled(url, is_svg):
    assert parse_batch_template("t-1", {"url": url}).is_svg is is_svg


@pytest.mark.parametrize(("active", "expected"), [(True, True), (False, False), (None, False), (1, False)])
def test_an_enrolment_is_active_only_when_it_says_so(active, expected):
    assert Enrolment({"active": active}).active is expected


def test_an_enrolment_without_certificates_holds_none():
    assert Enrolment({}).issued == ()
    assert Enrolment({"issued_certificates": None}).issued == ()
    assert Enrolment({"issued_certificates": [{"name": "x"}]}).issued == ({"name": "x"},)


def test_the_per_cent_reached_count_possible_points_or_one():
    scores = Scores({"score:a": Decimal(3), "max_score:a": Decimal(4), "score:b": Decimal("0.5")})
    assert scores.contents() == ("a", "b")
    assert scores.percentages(("a", "b")) == {"a": 75, "b": 50}


@pytest.mark.parametrize("possible", [0, -1])
def test_contents_without_possible_points_are_not_assessed(possible):
    scores = Scores({"score:a": Decimal(3), "max_score:a": Decimal(possible)})
    assert scores.percentages(("a",)) == {}


def test_the_newest_assessment_is_the_newest_of_those_asked_for():
    updated = {
        "score:a": utc(2026, 3, 1),
        "score:b": utc(2026, 3, 2),
        "score:c": utc(2026, 3, 3),
        "max_score:a": utc(2026, 3, 4),
    }
    scores = Scores({}, updated)
    assert scores.newest(("a", "b")) == utc(2026, 3, 2)
    assert scores.newest(("d",)) is None


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
def test_a_user_is_called_by_first_and_last_name(first, last, name):
    assert User({"firstName": first, "lastName": last}).name == name


def test_a_location_is_found_by_its_type():
    user = User({"userLocations": ["odd", {"type": "state", "name": "Kerala"}, {"type": "block"}]})
    assert (user.location("state"), user.location("district"), user.location("block")) == ("Kerala", "", "")
    assert User({"userLocations": None}).location("state") == ""


def test_control_characters_are_taken_out_of_a_course_name():
    assert clean_course_name(" Soil\t&\x00 \\Water\n") == "Soil& \\Water"


def test_the_kind_of_a_content():
    assert content_type({"contentType": "SelfAssess"}) == "SelfAssess"
    assert content_type({}) == ""


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
def test_the_language_of_a_course_is_told_as_a_tag(language, tag):
    assert course_language({"language": language}) == tag
