"""Parse certificate requests, with each member present, missing and invalid."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certbeam.foundation.errors import Rejected
from certbeam.issuing.certificate_request import (
    Signatory,
    build_certificate_request,
    parse_certificate_request,
)
from certbeam.issuing.dates import parse_expiry
from certbeam.issuing.earned_certificate import EarnedCertificate
from certbeam.issuing.generate_event import build_generate_event, parse_generate_event
from certbeam.issuing.ids import derive_certificate_id
from certbeam.issuing.learning_records import EnrolmentKey, parse_batch_template
from certbeam.tests.issuing.earned import earned_certificate
from certbeam.tests.support import (
    BASE_URL,
    BATCH,
    COURSE,
    ETS,
    PIXEL,
    SOURCE,
    TEMPLATE,
    as_record,
    certificate,
    generate_event,
    issue_event,
    requests_of,
    template_row,
    utc,
    with_value,
    without,
)


def rejection(event):
    with pytest.raises(Rejected) as error:
        requests_of(event)
    return error.value


def test_a_request_has_all_values_of_its_event():
    request = certificate(
        expiry="2027-03-31",
        description="What it is for",
        logo="logo.svg",
        keys={"id": 5768},
        data=[{"recipientName": " Asha Rao ", "recipientId": "u-1", "validFrom": "2026-04-01"}],
    )
    assert (request.recipient_id, request.recipient_name) == ("u-1", "Asha Rao")
    assert (request.course_id, request.batch_id, request.tag) == (COURSE, BATCH, BATCH)
    assert (request.template_id, request.template_url) == (TEMPLATE, "plain.svg")
    assert (request.name, request.course_name) == ("Certificate of Completion", "Soil & Water")
    assert (request.description, request.narrative) == ("What it is for", "course completion")
    assert (request.issued_on, request.expires) == (utc(2026, 3, 31), utc(2027, 3, 31))
    assert request.valid_from == utc(2026, 4, 1)
    assert (request.logo, request.key_id, request.ets) == ("logo.svg", "5768", ETS)
    assert request.issuer["publicKey"] == ["k1"]
    assert request.signatories == (Signatory("SIG-1", "Meera", "Director", PIXEL),)
    assert request.related == {"courseId": COURSE, "batchId": BATCH, "type": "course-completion"}
    assert request.enrolment == EnrolmentKey("u-1", COURSE, BATCH)
    assert (request.old_id, request.reissue) == ("", False)


@pytest.mark.parametrize(
    "path",
    [
        "name",
        "svgTemplate",
        "tag",
        "issuer.name",
        "issuer.url",
        "criteria.narrative",
        "signatoryList.0.name",
        "signatoryList.0.id",
        "signatoryList.0.designation",
        "signatoryList.0.image",
        "data.0.recipientName",
        "data.0.recipientId",
        "related.batchId",
        "related.courseId",
    ],
)
@pytest.mark.parametrize("blank", [None, " ", [], True])
def test_a_missing_or_blank_required_member_is_rejected_by_name(path, blank):
    for event in (
        with_value(generate_event(), f"edata.{path}", blank),
        without(generate_event(), f"edata.{path}"),
    ):
        error = rejection(event)
        assert error.code == "field-missing"
        assert error.reason == f"edata.{path} is missing or blank".replace(".data.0", ".data").replace(
            ".0", "[0]"
        )


@pytest.mark.parametrize("path", ["issuer", "criteria", "signatoryList", "related", "data"])
@pytest.mark.parametrize("empty", [None, {}, [], "text"])
def test_an_empty_required_object_is_rejected(path, empty):
    assert rejection(with_value(generate_event(), f"edata.{path}", empty)).code == "field-missing"


@pytest.mark.parametrize("edata", [None, {}, [], "text"])
def test_an_event_without_edata_is_rejected(edata):
    assert rejection({"edata": edata}).reason == "edata is missing or empty"
    assert rejection({}).code == "field-missing"


@pytest.mark.parametrize(
    "path",
    ["templateId", "courseName", "description", "logo", "expiry", "keys", "orgId", "oldId", "basePath"],
)
def test_an_optional_member_may_be_missing_or_null(path):
    given = generate_event(description="d", logo="l", expiry="1y", keys={"id": "k"})
    requests_of(with_value(given, f"edata.{path}", None))
    requests_of(without(given, f"edata.{path}"))


def test_keys_without_an_id_are_rejected():
    assert rejection(generate_event(keys={"name": "x"})).reason == "edata.keys.id is missing or blank"


@pytest.mark.parametrize("entry", ["text", None, 7])
def test_entries_that_are_not_objects_are_rejected(entry):
    assert rejection(generate_event(data=[entry])).code == "field-invalid"
    assert rejection(generate_event(signatoryList=[entry])).code == "field-invalid"


@pytest.mark.parametrize("base_path", ["certs", "/certs", "https://", "https://[::1/certs", "mailto:a@b"])
def test_a_base_path_that_is_not_a_url_is_rejected(base_path):
    assert rejection(generate_event(basePath=base_path)).code == "field-invalid"


def test_the_base_path_of_sunbirds_job_with_its_placeholder_is_a_url():
    assert certificate(basePath="https://{{domain_name}}/certs").tag == BATCH


@pytest.mark.parametrize("tag", ["../up", "a/b", "a b", "a.b", "keys"])
def test_a_tag_outside_of_the_prefix_is_rejected(tag):
    assert rejection(generate_event(tag=tag)).code == "tag-unsafe"


def test_a_tag_may_have_dashes():
    assert certificate(tag="batch-reading-01").tag == "batch-reading-01"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-03-31", utc(2026, 3, 31)),
        ("2026-03-31T20:15:30Z", utc(2026, 3, 31)),
        ("2026-03-31T00:30:00+0530", utc(2026, 3, 31)),
        ("2026-03-31T23:30:00-0800", utc(2026, 3, 31)),
        (" 2026-03-31 ", utc(2026, 3, 31)),
        ("2024-02-29", utc(2024, 2, 29)),
    ],
)
def test_an_issue_date_is_midnight_of_the_written_day(written, expected):
    assert certificate(issuedDate=written).issued_on == expected


@pytest.mark.parametrize(
    "written",
    ["31-03-2026", "2026-02-30", "2025-02-29", "2026-3-1", "20260331", "today", "2026-03-31 20:15:30", "0"],
)
def test_an_invalid_issue_date_is_rejected(written):
    error = rejection(generate_event(issuedDate=written))
    assert error.code == "field-invalid"
    assert "edata.issuedDate" in error.reason


def test_a_blank_issue_date_is_the_day_of_the_event():
    assert certificate(issuedDate="").issued_on == utc(2026, 4, 1)


def test_a_request_without_any_date_is_rejected():
    assert rejection(without(generate_event(issuedDate=""), "ets")).code == "no-date"


def test_the_time_of_an_event_without_ets_is_the_issue_date():
    assert requests_of(without(generate_event(), "ets"))[0].ets == utc(2026, 3, 31).timestamp() * 1000


@pytest.mark.parametrize(
    ("issued", "expiry", "expected"),
    [
        ((2026, 3, 31), "2027-01-15", (2027, 1, 15)),
        ((2026, 3, 31), "10d", (2026, 4, 10)),
        ((2026, 3, 31), "10D", (2026, 4, 10)),
        ((2026, 1, 31), "1m", (2026, 2, 28)),
        ((2024, 1, 31), "1m", (2024, 2, 29)),
        ((2026, 3, 31), "1M", (2026, 4, 30)),
        ((2026, 12, 15), "1m", (2027, 1, 15)),
        ((2024, 2, 29), "1y", (2025, 2, 28)),
        ((2024, 2, 29), "4Y", (2028, 2, 29)),
        ((2026, 3, 31), "2m 2y", (2028, 5, 31)),
        ((2026, 1, 31), "1m 1d", (2026, 3, 1)),
        ((2026, 3, 31), "  2y   6m ", (2028, 9, 30)),
        ((2026, 3, 31), "0d", (2026, 3, 31)),
        ((2026, 11, 30), "1m", (2026, 12, 30)),
    ],
)
def test_an_expiry_is_a_date_or_periods_after_the_issue_date(issued, expiry, expected):
    assert parse_expiry(expiry, utc(*issued)) == utc(*expected)


def test_an_expiry_may_be_a_time():
    assert parse_expiry("2027-01-15T10:00:00Z", utc(2026, 3, 31)) == utc(2027, 1, 15, 10)
    assert parse_expiry("2027-01-15T10:00:00+0530", utc(2026, 3, 31)) == utc(2027, 1, 15, 4, 30)


@pytest.mark.parametrize(
    "expiry", ["never", "1w", "1y 2", "2y,6m", "-1d", "9999y", "9999y 9999m", "8000y 9999d", "1.5y"]
)
def test_an_invalid_expiry_is_rejected(expiry):
    assert rejection(generate_event(expiry=expiry)).code == "field-invalid"


def test_an_invalid_begin_of_validity_is_rejected():
    recipient = {"recipientName": "A", "recipientId": "u", "validFrom": "soon"}
    assert "validFrom" in rejection(generate_event(data=[recipient])).reason


def test_each_recipient_makes_one_claim():
    event = generate_event("u-1", "u-2")
    claims = parse_generate_event(as_record(event))
    assert [(one.user_id, one.job, one.source) for one in claims] == [
        ("u-1", "generate", SOURCE),
        ("u-2", "generate", SOURCE),
    ]
    assert [one.event for one in claims] == [
        {**event, "edata": {**event["edata"], "data": [recipient]}} for recipient in event["edata"]["data"]
    ]
    assert [parse_certificate_request(one).recipient_name for one in claims] == [
        "Learner u-1",
        "Learner u-2",
    ]


def test_a_claim_has_the_ids_of_its_event():
    (claim,) = parse_generate_event(as_record(generate_event(issueMid="LP.1")))
    assert (claim.mid, claim.batch_id, claim.course_id, claim.template_id) == (
        "LP.1",
        BATCH,
        COURSE,
        TEMPLATE,
    )
    bare = without(without(generate_event(related=None), "mid"), "edata.templateId")
    (claim,) = parse_generate_event(as_record(bare))
    assert (claim.mid, claim.batch_id, claim.course_id, claim.template_id) == (None, BATCH, "", None)


def test_a_repeated_recipient_makes_one_claim_and_each_entry_without_an_id_makes_one():
    entries = [
        {"recipientId": "u-1"},
        {},
        {"recipientId": "u-2"},
        {"recipientId": "u-1"},
        {"recipientId": ""},
    ]
    claims = parse_generate_event(as_record(generate_event(data=entries)))
    assert [claim.user_id for claim in claims] == ["u-1", None, "u-2", None]
    assert [claim.event["edata"]["data"] for claim in claims] == [[entries[index]] for index in (0, 1, 2, 4)]


def test_the_id_of_a_first_issue_is_derived_from_batch_course_user_and_template():
    expected = derive_certificate_id(batch_id=BATCH, course_id=COURSE, user_id="u-1", template_id=TEMPLATE)
    assert certificate(issueMid="LP.1").certificate_id == expected
    assert certificate(issueMid="LP.2", ets=1).certificate_id == expected


def test_the_id_of_a_re_issue_is_derived_from_the_mid_of_the_issue_event_too():
    first, second = (
        certificate(reIssue=True, issueMid=mid, oldId="old").certificate_id for mid in ("LP.1", "LP.2")
    )
    assert len({first, second, certificate().certificate_id}) == 3


def test_the_id_of_a_re_issue_without_issue_mid_is_derived_from_the_replaced_id():
    request = certificate(oldId="old-1")
    assert request.reissue is True
    assert request.old_id == "old-1"
    assert request.certificate_id == derive_certificate_id(
        batch_id=BATCH, course_id=COURSE, user_id="u-1", template_id=TEMPLATE, reissue_of="old-1"
    )


def test_without_a_template_id_the_id_is_derived_from_the_name():
    assert (
        certificate(templateId=None).certificate_id
        != certificate(templateId=None, name="Other").certificate_id
    )


@pytest.mark.parametrize("path", ["mid", "edata.issueMid", "edata.related.batchId", "edata.related.courseId"])
def test_an_id_that_is_too_long_is_rejected(path):
    assert requests_of(with_value(generate_event(), path, "x" * 1024))
    assert rejection(with_value(generate_event(), path, "x" * 1025)).code == "id-too-long"


def test_a_template_id_that_is_too_long_is_rejected():
    assert rejection(generate_event(templateId="x" * 1025)).code == "id-too-long"


def test_the_claims_of_several_recipients_share_their_event():
    assert not certificate("u-1").claim.shares_event
    claims = parse_generate_event(as_record(generate_event("u-1", "u-2")))
    assert [claim.shares_event for claim in claims] == [True, True]


# Requests of earned certificates -------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = TEXTS.map(str.strip).filter(bool)
IDS = st.text("abc-_ ", max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
ISSUERS = st.fixed_dictionaries({"name": NAMES | st.integers(0, 99), "url": NAMES}, optional={"x": JSON})
SIGNATORIES = st.lists(
    st.fixed_dictionaries(dict.fromkeys(("name", "id", "designation", "image"), NAMES | st.integers(0, 99))),
    min_size=1,
    max_size=2,
)


@st.composite
def issue_events(draw):
    """Issue events of one user, with any time, id and flag that the parser accepts."""
    event = issue_event(
        draw(NAMES),
        mid=draw(NAMES),
        ets=draw(st.none() | st.integers(0, 253_402_300_799_999)),
        batchId=draw(st.sampled_from(["batch-1", " b "])),
        courseId=draw(NAMES),
        reIssue=draw(st.booleans()),
    )
    return event if event["edata"]["reIssue"] or draw(st.booleans()) else without(event, "mid")


@st.composite
def earned_certificates(draw):
    """Earned certificates with any texts, ids and dates that a request can have."""
    row = template_row(
        name=draw(NAMES),
        issuer=draw(ISSUERS),
        signatoryList=draw(SIGNATORIES),
    )
    template = parse_batch_template(draw(IDS), row)
    earned = earned_certificate(
        event=draw(issue_events()),
        template_url=draw(TEXTS) + "a.svg" + draw(TEXTS),
        issue_date=draw(st.dates()),
        recipient_name=draw(NAMES),
        organisation_id=draw(JSON),
        course_name=draw(TEXTS.map(str.strip)),
        language=draw(st.sampled_from(["", "hi", "en-IN"])),
        replaces=draw(IDS),
    )
    claim = earned.claim.narrow_to_template(template.identifier)
    ids = {"batchId": claim.batch_id, "courseId": claim.course_id, "type": template.name}
    related = {**draw(st.dictionaries(TEXTS, JSON, max_size=2)), **ids}
    return replace(earned, claim=claim, template=template, related=related)


def parse_built_event(earned: EarnedCertificate):
    (claim,) = parse_generate_event(as_record(build_generate_event(earned, base_url=BASE_URL)))
    return replace(parse_certificate_request(claim), claim=earned.claim)


@settings(max_examples=300, deadline=None)
@given(earned_certificates())
def test_a_request_is_the_same_with_and_without_a_generate_event(earned):
    assert build_certificate_request(earned) == parse_built_event(earned)


@pytest.mark.parametrize(
    ("template", "batch", "code"),
    [
        ({"name": " "}, BATCH, "field-missing"),
        ({"issuer": {"name": "Aranya Academy"}}, BATCH, "field-missing"),
        ({"issuer": {"url": "https://aranya.example.org"}}, BATCH, "field-missing"),
        ({"signatoryList": []}, BATCH, "field-missing"),
        ({"signatoryList": [{"name": "Meera"}]}, BATCH, "field-missing"),
        ({"signatoryList": ["Meera"]}, BATCH, "field-invalid"),
        ({}, "keys", "tag-unsafe"),
        ({}, "a/b", "tag-unsafe"),
        ({"name": "", "issuer": {}, "signatoryList": []}, "keys", "field-missing"),
        ({"issuer": {}, "signatoryList": []}, "keys", "tag-unsafe"),
    ],
)
def test_an_earned_certificate_is_rejected_as_its_generate_event_is(template, batch, code):
    earned = earned_certificate(event=issue_event(batchId=batch), template=template_row(**template))
    with pytest.raises(Rejected) as direct:
        build_certificate_request(earned)
    with pytest.raises(Rejected) as parsed:
        parse_built_event(earned)
    assert direct.value.code == parsed.value.code == code
    assert direct.value.reason == parsed.value.reason


def test_an_earned_certificate_without_a_time_has_that_of_its_issue_date():
    earned = earned_certificate(event=issue_event(ets=None), issue_date=date(1970, 1, 2))
    assert build_certificate_request(earned).ets == 86_400_000


@pytest.mark.parametrize("base_path", ["//certs.example.org/certs", "//certs.example.org"])
def test_a_base_path_without_a_scheme_is_rejected(base_path):
    assert rejection(generate_event(basePath=base_path)).code == "field-invalid"


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+1400", "9999-12-31T23:59:59-1200"])
def test_a_time_that_is_out_of_range_in_utc_is_rejected(written):
    assert rejection(generate_event(expiry=written)).code == "field-invalid"
    assert rejection(generate_event(issuedDate=written)).code == "field-invalid"
