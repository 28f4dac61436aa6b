"""The three pipelines: each claim of the input has exactly one outcome."""

import os
import re
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import orjson
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from certbeam.io.events.json_lines import prepare_sink
from certbeam.io.events.kafka_topics import DEFAULTS
from certbeam.io.port_table import AUDIT
from certbeam.issuing.dead_letter import restore_original_message
from certbeam.pipelines import assembly
from certbeam.pipelines.catalogue import build
from certbeam.pipelines.config.job_settings import JobSettings, check_ports
from certbeam.tests.support import (
    MID,
    Platform,
    batch_row,
    counters,
    enrolment_row,
    generate_event,
    issue_event,
    lines_of,
    small_platform,
    template_row,
    with_value,
)

MAX_INFLIGHT = 2000
SINKS = {
    "issue": ("outcomes", "dead_letters", "audit"),
    "enrich": ("outcomes", "dead_letters", "requests_output"),
    "generate": ("outcomes", "dead_letters", "audit"),
}
WRITES = {"Write outcomes": 7, "Write dead letters": 7, "Write audit events": 1}
"""The last steps of ``issue``, and the number of stages whose messages each writes."""


def run(platform, name, events, **changes):
    """Run one pipeline over some events; return its counters."""
    source = platform.folder / f"{name}.jsonl"
    source.write_bytes(
        b"".join((one if isinstance(one, bytes) else orjson.dumps(one)) + b"\n" for one in events)
    )
    return run_file(platform, name, str(source), **changes)


def run_file(platform, name, source, **changes):
    job = JobSettings(
        name,
        source,
        {sink: str(platform.folder / sink) for sink in SINKS[name]},
        platform.settings(**changes),
        DEFAULTS,
        MAX_INFLIGHT,
    )
    check_ports(job)
    for flag, folder in job.sinks.items():
        prepare_sink(flag, folder)
    pipeline = Pipeline()
    build(pipeline, job)
    result = pipeline.run()
    result.wait_until_finish()
    return counters(result)


def lines(platform, sink):
    return lines_of(platform.folder / sink)


def verdicts(platform):
    return Counter(line["outcome"] for line in lines(platform, "outcomes"))


def state(platform):
    """Return the rows and files that a run stores."""
    rows = []
    for file, query in (
        ("registry.db", "SELECT * FROM cert_registry ORDER BY id"),
        (
            "lms.db",
            "SELECT userid, batchid, issued_certificates FROM user_enrolments ORDER BY userid, batchid",
        ),
    ):
        connection = sqlite3.connect(platform.folder / file)
        rows.append(connection.execute(query).fetchall())
        connection.close()
    files = {}
    for folder, _, names in os.walk(platform.storage):
        for name in names:
            path = os.path.join(folder, name)
            files[os.path.relpath(path, platform.storage)] = open(path, "rb").read()  # noqa: SIM115
    return rows, files


def test_issuing_stores_registers_records_and_audits(platform):
    counted = run(platform, "issue", [issue_event("u-1")])
    (outcome,) = lines(platform, "outcomes")
    identifier = outcome["certificateId"]
    assert outcome["outcome"] == "issued"
    (registry, enrolments), files = state(platform)
    own = {name for name in files if identifier in name}
    assert own == {f"batch-1/{identifier}{suffix}" for suffix in ("", ".json", ".svg")}
    assert [row[0] for row in registry] == [identifier]
    assert orjson.loads(enrolments[0][2])[0]["identifier"] == identifier
    assert [event["object"]["id"] for event in lines(platform, "audit")] == [identifier]
    assert lines(platform, "dead_letters") == []
    assert counted == {
        "events:read": 1,
        "template-cache:misses": 1,
        "bytes:stored": sum(map(len, files.values())),
        "outcome:issued": 1,
    }


@pytest.fixture(autouse=True)
def notices_in_files(monkeypatch):
    """Write notices to files like other messages, because a topic needs Java when a pipeline is built."""
    monkeypatch.setitem(assembly._SINKS, "notify", replace(AUDIT, flag="notify"))


def graph(platform, name="issue", *more, **settings):
    """Return the components of a pipeline's graph, with further sinks."""
    source = platform.folder / "events.jsonl"
    source.write_bytes(b"")
    sinks = {sink: str(platform.folder / sink) for sink in (*SINKS[name], *more)}
    pipeline = Pipeline()
    build(
        pipeline,
        JobSettings(
            name,
            str(source),
            sinks,
            platform.settings(signer="keys.json", status_slots="sqlite:slots.db"),
            **{"kafka": DEFAULTS, "max_inflight": MAX_INFLIGHT, **settings},
        ),
    )
    return pipeline.to_runner_api().components


def test_one_write_step_of_each_sink_takes_the_messages_of_all_stages(platform):
    steps = graph(platform).transforms.values()
    writes = {step.unique_name: len(step.inputs) for step in steps if step.unique_name in WRITES}
    assert writes == WRITES


@pytest.mark.parametrize(("name", "more"), [("issue", ("notify",)), ("enrich", ()), ("generate", ())])
def test_messages_are_pairs_of_bytes_as_topics_require(platform, name, more):
    parts = graph(platform, name, *more)
    sinks = [step for step in parts.transforms.values() if re.fullmatch("Write [^/]+", step.unique_name)]
    assert len(sinks) == len(SINKS[name]) + len(more)
    for messages in {one for sink in sinks for one in sink.inputs.values()}:
        coder = parts.coders[parts.pcollections[messages].coder_id]
        urns = [coder.spec.urn, *(parts.coders[one].spec.urn for one in coder.component_coder_ids)]
        assert urns == ["beam:coder:kv:v1", "beam:coder:bytes:v1", "beam:coder:bytes:v1"]


def test_reshuffles_are_added_if_fusion_is_broken(platform):
    steps = [
        step.unique_name for step in graph(platform, "issue", "notify", break_fusion=True).transforms.values()
    ]
    assert {step for step in steps if re.fullmatch("Reshuffle to [^/]+", step)} == {
        "Reshuffle to GenerateCert",
        "Reshuffle to RegisterCertificate",
        "Reshuffle to MakeNotices",
    }
    steps = graph(platform, "issue", "notify").transforms.values()
    assert not any("Reshuffle to" in step.unique_name for step in steps)


def test_certificates_are_stored_before_they_are_registered_and_recorded_last(platform):
    ports = {"signer": "keys.json", "assertion_signer": "enc+http://enc"}
    stages = assembly.certificate_stages(platform.settings(**ports))
    assert [type(stage).__name__ for stage in stages] == [
        "ClaimStatus",
        "SignAssertions",
        "GenerateCert",
        "StoreCertificate",
        "RegisterCertificate",
        "RecordEnrolment",
    ]
    unsigned, *_ = assembly.certificate_stages(platform.settings())
    assert type(unsigned).__name__ == "GenerateCert"


def test_a_second_run_changes_nothing(platform):
    events = [issue_event("u-1"), issue_event("u-1", mid="LP.2", reIssue=True)]
    run(platform, "issue", events[:1])
    run(platform, "issue", events[1:])
    before = state(platform)
    run(platform, "issue", events)
    assert verdicts(platform) == {"already-issued": 2}
    assert state(platform) == before
    assert lines(platform, "audit") == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "event"), [("issue", issue_event("u-1")), ("generate", generate_event("u-1"))]
)
def test_an_event_that_a_stream_reads_again_has_the_same_audit_event(platform, monkeypatch, name, event):
    monkeypatch.setattr(JobSettings, "streaming", True)
    run(platform, name, [event])
    first = lines(platform, "audit")
    assert len(first) == 1
    run(platform, name, [event, {**event, "ets": event["ets"] + 1}])
    assert verdicts(platform) == {"already-issued": 2}
    assert lines(platform, "audit") == first


@pytest.mark.slow
@pytest.mark.parametrize("reissue", [False, True])
def test_enrich_and_generate_have_the_result_of_issue(tmp_path, reissue):
    tables = small_platform("u-1", "u-2", templates=[template_row("a"), template_row("b")])
    tables["user_enrolments"].append(enrolment_row("u-3", status=1))
    states = []
    for name in ("whole", "halves"):
        (tmp_path / name).mkdir()
        platform = Platform(tmp_path / name).load(tables)
        platform.add_template("plain.svg")
        if reissue:
            run(platform, "issue", [issue_event("u-1", "u-2", mid="LP.0")])
        events = [issue_event("u-1", "u-2", "u-3", reIssue=reissue)]
        if name == "whole":
            run(platform, "issue", events)
        else:
            run(platform, "enrich", events)
            assert verdicts(platform) == {"requested": 4, "not-eligible": 2}
            run_file(platform, "generate", f"{platform.folder}/requests_output/*.jsonl")
        assert verdicts(platform)["reissued" if reissue else "issued"] == 4
        states.append(state(platform))
    assert states[0] == states[1]


def test_the_second_outcome_of_a_generate_event_is_already_issued(platform):
    platform.load(small_platform("u-1", "u-2"))
    run(platform, "generate", [generate_event("u-1", "u-2", "u-9")])
    assert verdicts(platform) == {"issued": 2, "not-eligible": 1}
    before = state(platform)
    run(platform, "generate", [generate_event("u-1", "u-2", "u-9")])
    assert verdicts(platform) == {"already-issued": 2, "not-eligible": 1}
    assert state(platform) == before


def test_replayed_dead_letters_are_issued_after_the_cause_is_fixed(platform):
    platform.load(
        small_platform("u-1", "u-2", templates=[template_row("a"), template_row("b", url="missing.svg")])
    )
    run(platform, "issue", [issue_event("u-1", "u-2"), b"not json"])
    assert verdicts(platform) == {"issued": 2, "failed": 2}
    letters = [restore_original_message(orjson.dumps(line)) for line in lines(platform, "dead_letters")]
    assert b"not json" in letters
    platform.add_template("missing.svg")
    run(platform, "issue", letters)
    assert verdicts(platform) == {"issued": 2}
    assert len(lines(platform, "dead_letters")) == 1


def test_an_event_with_a_fault_does_not_affect_the_others(platform):
    deep = b'{"a":' * 300 + b"1" + b"}" * 300
    odd = with_value(issue_event("u-1"), "edata.batchId", "x" * 1000)
    run(platform, "issue", [deep, odd, {"jobName": "mine"}, issue_event("u-1")])
    assert verdicts(platform) == {"issued": 1, "failed": 1}
    assert len(lines(platform, "dead_letters")) == 3


# Conservation ------------------------------------------------------------------------------------------------

BATCHES = {
    "one": ["t-1"],
    "two": ["t-1", "t-2"],
    "none": [],
    "mixed": ["t-1", "t-html", "t-broken", "t-lost"],
}
USERS = ["u-1", "u-2", "u-inactive", "u-nameless", "u-unknown", "u-held"]
BAD = [
    b"not json",
    b"[]",
    b'{"edata": {}}',
    orjson.dumps(issue_event(action="other")),
    orjson.dumps(issue_event(userIds=[])),
    orjson.dumps(issue_event(courseId=None)),
]
TEMPLATES = {
    "t-1": template_row("t-1"),
    "t-2": template_row("t-2", name="Certificate t-1"),
    "t-html": template_row("t-html", url="a.html"),
    "t-broken": template_row("t-broken", criteria="{"),
    "t-lost": template_row("t-lost", url="lost.svg"),
}
EVENTS = st.builds(
    lambda batch, users, reissue, number: issue_event(
        *users, batchId=batch, reIssue=reissue, mid=f"{MID}{number}"
    ),
    st.sampled_from([*BATCHES, "unknown"]),
    st.lists(st.sampled_from(USERS), min_size=1, max_size=5),
    st.booleans(),
    st.integers(0, 2),
)


def claims_of(event):
    """Return the claims of an event: each user once with each template of the batch, or with None."""
    edata = event["edata"]
    templates: Sequence[str | None] = BATCHES.get(edata["batchId"]) or [None]
    return [
        (event["mid"], edata["batchId"], user, template)
        for user in dict.fromkeys(edata["userIds"])
        for template in templates
    ]


def mixed_platform(folder):
    held = [{"name": "Certificate t-1", "identifier": "held", "templateId": "t-1"}]
    tables = small_platform(*(user for user in USERS if user != "u-unknown"))
    tables["course_batch"] = [
        {**batch_row(batch=name), "cert_templates": {one: TEMPLATES[one] for one in templates}}
        for name, templates in BATCHES.items()
    ]
    tables["user_enrolments"] = [
        enrolment_row(
            user, name, active=user != "u-inactive", issued_certificates=held if user == "u-held" else None
        )
        for user in USERS
        for name in BATCHES
    ]
    tables["users"] = [
        {**user, "firstName": "", "lastName": "null"} if user["id"] == "u-nameless" else user
        for user in tables["users"]
    ]
    folder.mkdir()
    platform = Platform(folder).load(tables)
    platform.add_template("plain.svg")
    return platform


@pytest.mark.slow
# Without shrinking: each example is a pipeline, and small already.
@settings(max_examples=4, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
@given(st.lists(EVENTS | st.sampled_from(BAD), max_size=10), st.integers(1, 4))
def test_every_claim_has_exactly_one_outcome(tmp_path_factory, events, batch_size):
    platform = mixed_platform(tmp_path_factory.mktemp("run") / "platform")
    events = [*events, issue_event("u-1", batchId="one")]
    counted = run(platform, "issue", events, batch_size=batch_size)

    outcomes, letters = lines(platform, "outcomes"), lines(platform, "dead_letters")
    good = [one for one in events if isinstance(one, dict)]
    accounted = Counter((one["mid"], one["batchId"], one["userId"], one["templateId"]) for one in outcomes)
    assert accounted == Counter(claim for event in good for claim in claims_of(event))
    unreadable = [one for one in letters if one["failInfo"]["stage"] == "ParseEvents"]
    assert len(unreadable) == len(events) - len(good)
    failed = [
        (one["mid"], one["batchId"], one["userId"], one["templateId"])
        for one in outcomes
        if one["outcome"] == "failed"
    ]
    narrowed = [(one["mid"], one["edata"]) for one in letters if one not in unreadable]
    assert Counter(failed) == Counter(
        (mid, edata["batchId"], *edata["userIds"], edata.get("templateId")) for mid, edata in narrowed
    )
    told = Counter(one["outcome"] for one in outcomes)
    assert {name: count for name, count in counted.items() if name.startswith("outcome:")} == {
        f"outcome:{verdict}": count for verdict, count in told.items()
    }
    assert counted["events:read"] == len(events)
    assert len(lines(platform, "audit")) == told["issued"] + told["reissued"]
    _only_what_is_held_is_valid(platform, outcomes)


def _only_what_is_held_is_valid(platform, outcomes):
    (registry, enrolments), files = state(platform)
    held = {
        entry["identifier"]
        for row in enrolments
        for entry in orjson.loads(row[2] or "[]") or ()
        if entry["identifier"] != "held"
    }
    revoked_column = 5
    assert {row[0] for row in registry if not row[revoked_column]} == held
    assert {name.rpartition("/")[2].partition(".")[0] for name in files} >= held
    assert held <= {one["certificateId"] for one in outcomes}
    assert all(row[1] in BATCHES for row in enrolments)
