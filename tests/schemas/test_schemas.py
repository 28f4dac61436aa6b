"""The JSON Schemas, and every kind of message that certbeam writes."""

import subprocess
import sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import MAX_REASON, Rejected, Unavailable
from certbeam.io.limits import MAX_MESSAGE_BYTES
from certbeam.issuing.dead_letter import restore_original_message
from certbeam.issuing.record import Record
from certbeam.pipelines import enrich, generate, issue
from certbeam.pipelines.assembly import name_of
from certbeam.stages.messages import dead_letter_message, outcome_message
from certbeam.tests.pipelines.conftest import Installation
from certbeam.tests.schemas.validators import FOLDER, SUFFIX, faults, schema, schema_names
from certbeam.tests.support import (
    MID,
    Platform,
    as_record,
    certificate,
    claims_of,
    generate_event,
    is_down,
    issue_event,
    lines_of,
    requested,
    run_to_lists,
    small_platform,
    template_row,
    user_row,
    watch,
)
from certbeam.transforms.check_issued import CheckIssued
from certbeam.transforms.claim_status import ClaimStatus
from certbeam.transforms.emit_requests import EmitRequests
from certbeam.transforms.generate_cert import GenerateCert
from certbeam.transforms.issue_enrich import IssueEnrich
from certbeam.transforms.notify_learners import MakeNotices, notice_messages
from certbeam.transforms.parse_events import ParseEvents
from certbeam.transforms.record_enrolment import RecordEnrolment
from certbeam.transforms.register_certificate import RegisterCertificate
from certbeam.transforms.sign_assertions import SignAssertions
from certbeam.transforms.store_certificate import StoreCertificate

ROOT = Path(__file__).parents[2]
STAGES = (
    *(ParseEvents, CheckIssued, IssueEnrich, EmitRequests, ClaimStatus, SignAssertions),
    *(GenerateCert, StoreCertificate, RegisterCertificate, RecordEnrolment),
)
"""The stages that write dead letters, in the order in which a message reaches them."""

VERDICTS = schema("outcome")["properties"]["outcome"]["enum"]
DEAD_LETTER_STAGES = schema("dead-letter")["properties"]["failInfo"]["properties"]["stage"]["enum"]


# The schemas themselves --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", schema_names())
def test_a_schema_is_valid_and_has_the_id_of_its_file(name):
    Draft202012Validator.check_schema(schema(name))
    assert schema(name)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema(name)["$id"] == f"urn:certbeam:schema:{name}:1"


def test_the_schemas_are_part_of_the_package(tmp_path):
    command = [sys.executable, "setup.py", "-q", "build_py", "--build-lib", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own command
    shipped = {file.name: file.read_bytes() for file in (tmp_path / "certbeam" / "schemas").iterdir()}
    assert shipped == {
        f"{name}{SUFFIX}": (FOLDER / f"{name}{SUFFIX}").read_bytes() for name in schema_names()
    }


def test_the_schema_of_dead_letters_lists_the_stages_of_the_pipelines(platform):
    settings = platform.settings(signer="keys.json", assertion_signer="enc+http://localhost")
    in_pipelines = {name_of(stage) for one in (issue, enrich, generate) for stage in one.stages(settings)}
    assert set(DEAD_LETTER_STAGES) == in_pipelines == {one.__name__ for one in STAGES}


# What the pipelines write -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The lines that the pipelines write for the events of the demo, by sink."""
    installation = Installation(tmp_path_factory.mktemp("demo"))
    lines: dict[str, list[dict[str, Any]]] = {"outcomes": [], "dead_letters": [], "audit": [], "requests": []}
    for pipeline in ("enrich", "issue", "generate"):
        installation.run(pipeline)
        for sink in ("outcomes", "dead_letters", "audit"):
            lines[sink] += installation.lines(sink, pipeline)
    lines["requests"] = lines_of(installation.root / "requests")
    return lines


@pytest.mark.parametrize(
    ("sink", "name"),
    [
        ("outcomes", "outcome"),
        ("dead_letters", "dead-letter"),
        ("audit", "audit-event"),
        ("requests", "generate-event"),
    ],
)
def test_every_line_of_the_pipelines_matches_its_schema(runs, sink, name):
    assert len(runs[sink]) > 10
    assert {orjson.dumps(line): found for line in runs[sink] if (found := faults(name, line))} == {}


def test_the_pipelines_write_every_verdict(runs):
    assert {line["outcome"] for line in runs["outcomes"]} == set(VERDICTS)


def test_the_pipelines_write_messages_with_and_without_optional_members(runs):
    assert {"reIssue" in line["edata"] for line in runs["requests"]} == {True, False}
    assert {"raw" in line for line in runs["dead_letters"]} == {True, False}


def test_a_generate_event_of_records_without_optional_members_matches(tmp_path):
    """No ets, no mid, no organisation, and a language."""
    tables = small_platform()
    tables["users"] = [user_row(rootOrgId=None)]
    tables["courses"][0]["language"] = ["Hindi"]
    platform = Platform(tmp_path).load(tables)
    event = issue_event(mid=None, ets=None)
    found, _ = run_to_lists(claims_of(event), IssueEnrich(platform.settings()))
    messages, _ = run_to_lists(found.main, EmitRequests(platform.settings()))
    ((_, value),) = messages.main
    written = orjson.loads(value)
    assert (written["ets"], written["edata"]["issueMid"], written["edata"]["orgId"]) == (None, None, "")
    assert written["edata"]["language"] == "hi"
    assert faults("generate-event", written) == []


# What fails ---------------------------------------------------------------------------------------------------


def refuse_all(_method, elements, *_):
    return [Unavailable(ErrorCode.STORAGE_UNAVAILABLE, "the service does not answer")] * len(elements)


def make_fail(stage, worker):
    """Make a port of a stage fail, if no input makes the stage fail."""
    if stage is ClaimStatus:
        watch(worker, "status_slots", claim=is_down)
    elif stage is SignAssertions:
        watch(worker, "assertion_signer", sign=refuse_all)
    elif stage is StoreCertificate:
        watch(worker, "storage", put=refuse_all)
    elif stage is RegisterCertificate:
        watch(worker, "registry", add=is_down)
    elif stage in (CheckIssued, RecordEnrolment):
        watch(worker, "learning", enrolments=is_down)


def input_of(stage, settings):
    """Return an element that fails in a stage, for most stages because of :func:`make_fail`."""
    if stage is ParseEvents:
        return [Record(b"not json", {"topic": "issue", "partition": 0, "offset": 7})]
    if stage is IssueEnrich:
        return claims_of(issue_event(batchId="batch-404"))
    if stage is EmitRequests:
        (earned,) = run_to_lists(claims_of(issue_event()), IssueEnrich(settings))[0].main
        return [replace(earned, related={"score": 10**30})]
    if stage is GenerateCert:
        return requested(generate_event(svgTemplate="missing.svg"))
    elements = requested(generate_event())
    for before in (GenerateCert, StoreCertificate, RegisterCertificate):
        if STAGES.index(before) < STAGES.index(stage):
            elements = run_to_lists(elements, before(settings))[0].main
    return elements


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_a_dead_letter_of_every_stage_matches(platform, stage):
    changes = {
        "status_slots": f"sqlite:{platform.folder / 'registry.db'}",
        "assertion_signer": "enc+http://localhost?key=1",
    }
    settings = platform.settings(**changes)
    elements = input_of(stage, settings)
    with platform.worker(**changes) as worker:
        make_fail(stage, worker)
        transform = stage("issue", settings) if stage is ParseEvents else stage(settings)
        found, _ = run_to_lists(elements, transform)
    (letter,) = (orjson.loads(dead_letter_message(one)[1]) for one in found.dead_letters)
    assert letter["failInfo"]["stage"] == stage.__name__
    assert faults("dead-letter", letter) == []
    outcomes = [orjson.loads(outcome_message(one)[1]) for one in found.outcomes]
    assert [one["outcome"] for one in outcomes] == ([] if stage is ParseEvents else ["failed"])
    assert [faults("outcome", one) for one in outcomes] == [[]] * len(outcomes)


@pytest.mark.parametrize(
    "event",
    [
        {"jobName": "theirs", "edata": {}},
        {"failInfo": 1},
        {"raw": "theirs"},
        {"raw": 1},
        {"raw": 1, "more": 2, "edata": 7},
        {},
    ],
)
def test_a_dead_letter_of_an_event_that_resembles_one_matches(platform, event):
    found, _ = run_to_lists([as_record(event)], ParseEvents("generate", platform.settings()))
    (letter,) = (dead_letter_message(one)[1] for one in found.dead_letters)
    assert faults("dead-letter", orjson.loads(letter)) == []
    assert orjson.loads(restore_original_message(letter)) == event


def test_the_longest_reason_matches(platform):
    longest = Rejected(ErrorCode.USER_MISSING, "ö" * (MAX_REASON + 1)).reason
    source = {"file": "f", "line": 1}
    fail_info = {"stage": "ParseEvents", "errorCode": "x", "source": source, "error": longest}
    assert faults("dead-letter", {"jobName": "certbeam-issue", "failInfo": fail_info}) == []


# Notices ------------------------------------------------------------------------------------------------------


def test_notices_of_every_kind_match(tmp_path):
    tables = small_platform(
        templates=(template_row(notifyTemplate='{"subject": "s", "regards": {"by": "r"}}'),)
    )
    tables["users"] = [user_row(maskedPhone="******12")]
    platform = Platform(tmp_path).load(tables)
    found, _ = run_to_lists([certificate()], MakeNotices(platform.settings()))
    messages = [
        orjson.loads(value)
        for one in found.main
        for _, value in notice_messages(one, max_message_bytes=MAX_MESSAGE_BYTES)
    ]
    assert [one["kind"] for one in messages] == ["feed", "email", "sms"]
    assert [faults("notice", one) for one in messages] == [[], [], []]


# What does not match ------------------------------------------------------------------------------------------


def objects(value, path="$"):
    """Yield every object in a message, with its path."""
    if isinstance(value, dict):
        yield path, value
        for name, one in value.items():
            yield from objects(one, f"{path}.{name}")
    elif isinstance(value, list):
        for one in value:
            yield from objects(one, f"{path}[]")


OPEN = {
    "generate-event": {"$.edata.issuer", "$.edata.signatoryList[]", "$.edata.related"},
    "dead-letter": {"$"},
}
"""The objects in which members that a schema does not describe are allowed."""


@pytest.mark.parametrize(
    ("sink", "name"),
    [
        ("outcomes", "outcome"),
        ("audit", "audit-event"),
        ("requests", "generate-event"),
        ("dead_letters", "dead-letter"),
    ],
)
def test_a_member_that_the_schema_does_not_describe_is_rejected(runs, sink, name):
    message = next(line for line in runs[sink] if "raw" in line or sink != "dead_letters")
    for path, _ in objects(message):
        changed = deepcopy(message)
        next(one for at, one in objects(changed) if at == path)["surprise"] = 1
        allowed = any(
            path == one or (path.startswith(f"{one}.") and one != "$") for one in OPEN.get(name, ())
        )
        assert bool(faults(name, changed)) is not allowed, path


@pytest.mark.parametrize(
    "member", ["outcome", "reason", "mid", "batchId", "courseId", "userId", "templateId", "certificateId"]
)
def test_every_member_of_an_outcome_is_required(runs, member):
    line = {name: value for name, value in runs["outcomes"][0].items() if name != member}
    assert faults("outcome", line) != []


def test_an_issued_certificate_has_an_id_and_a_failed_one_has_none(runs):
    by_verdict = {line["outcome"]: line for line in runs["outcomes"]}
    assert faults("outcome", {**by_verdict["issued"], "certificateId": None}) != []
    assert faults("outcome", {**by_verdict["failed"], "certificateId": MID}) != []
