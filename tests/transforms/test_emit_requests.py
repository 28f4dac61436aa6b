"""EmitRequests: generate events with their outcomes."""

import orjson

from certbeam.stages.elements import Requested
from certbeam.stages.enrichment import enrich
from certbeam.tests.support import asked, generate_event, issue_event, requested, run_to_lists
from certbeam.transforms.emit_requests import EmitRequests


def test_each_request_makes_a_message_with_its_batch_as_key_and_an_outcome(platform, worker):
    elements = [one for _, one in enrich(asked(issue_event()), worker)]
    found, counted = run_to_lists(elements, EmitRequests(platform.settings()))
    ((key, value),) = found.main
    assert key == b"batch-1"
    assert orjson.loads(value) == elements[0].payload
    assert [(one.verdict, one.reason) for one in found.outcomes] == [
        ("requested", "certificate Certificate tpl-1 is requested")
    ]
    assert counted == {"outcome:requested": 1}


def test_a_request_above_the_limit_does_not_affect_the_others(platform):
    small, large = requested(generate_event("u-1"), generate_event("u-2", padding="x" * 100_000))
    size = len(b"batch-1") + len(orjson.dumps(large.payload))
    for bound, verdict in ((size, "requested"), (size - 1, "failed")):
        found, _ = run_to_lists([large, small], EmitRequests(platform.settings(max_message_bytes=bound)))
        told = {one.claim.user_id: one for one in found.outcomes}
        assert (told["u-1"].verdict, told["u-2"].verdict) == ("requested", verdict)
        assert max(len(key) + len(value) for key, value in found.main) <= bound
    (letter,) = found.dead_letters
    assert (letter.code, letter.stage, letter.event) == ("event-too-large", "EmitRequests", large.claim.event)
    assert f"has {size:,} bytes and --max_message_bytes is {size - 1:,}" in letter.error


def test_a_request_that_cannot_be_serialised_does_not_affect_the_others(platform):
    good, bad = requested(generate_event("u-1"), generate_event("u-2"))
    bad = Requested(bad.claim, {**bad.payload, "edata": {**bad.payload["edata"], "score": 10**30}})
    found, _ = run_to_lists([bad, good], EmitRequests(platform.settings()))
    assert len(found.main) == 1
    assert sorted((one.claim.user_id, one.verdict) for one in found.outcomes) == [
        ("u-1", "requested"),
        ("u-2", "failed"),
    ]
