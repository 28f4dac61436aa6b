"""Build audit events, the same on every replay."""

import re
from dataclasses import replace

import orjson

from certbeam.foundation.json_values import MAX_TEXT
from certbeam.io.limits import LEAST_MESSAGE_BYTES
from certbeam.issuing.audit_event import build_audit_event
from certbeam.tests.support import ETS, issued

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def test_an_audit_event_has_all_documented_members():
    outcome = issued("u-7")
    event = build_audit_event(outcome)
    context = event["context"]
    assert {**event, "mid": None, "context": None} == {
        "eid": "AUDIT",
        "ets": ETS,
        "mid": None,
        "ver": "3.0",
        "actor": {"id": "u-7", "type": "User"},
        "context": None,
        "object": {"id": outcome.certificate_id, "type": "Certificate", "rollup": {"l1": "do_1"}},
        "edata": {"props": ["certificates"], "type": "certificate-issued-svg"},
    }
    assert re.fullmatch(rf"LP\.AUDIT\.{ETS}\.{UUID}", event["mid"])
    assert {**context, "sid": None, "did": None} == {
        "channel": "in.ekstep",
        "env": "Course",
        "sid": None,
        "did": None,
        "pdata": {"ver": "1.0", "id": "org.sunbird.learning.platform", "pid": "course-certificate-generator"},
        "cdata": [{"type": "CourseBatch", "id": "batch-1"}],
    }


def test_a_replay_builds_the_same_event_and_each_certificate_has_its_own():
    assert build_audit_event(issued()) == build_audit_event(issued())
    first, other = build_audit_event(issued("u-1")), build_audit_event(issued("u-2"))
    assert first["mid"] != other["mid"]
    assert first["context"]["sid"] != other["context"]["sid"]


def test_an_audit_event_of_the_longest_ids_fits_into_the_smallest_message_limit():
    outcome, longest = issued(), "\x01" * MAX_TEXT
    claim = replace(outcome.claim, user_id=longest, batch_id=longest, course_id=longest)
    event = orjson.dumps(build_audit_event(replace(outcome, claim=claim)))
    assert len(event) + len(outcome.certificate_id) < LEAST_MESSAGE_BYTES
