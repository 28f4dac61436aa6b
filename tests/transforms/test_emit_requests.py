"""EmitRequests: generate events with their outcomes."""

from dataclasses import replace

import orjson

from certbeam.issuing.generate_event import build_generate_event
from certbeam.stages.enrichment import enrich
from certbeam.tests.support import BASE_URL, claims_of, issue_event, run_to_lists, small_platform
from certbeam.transforms.emit_requests import EmitRequests


def earned(worker, *users):
    return [one for _, one in enrich(claims_of(issue_event(*users)), worker)]


def test_each_request_makes_a_message_with_its_batch_as_key_and_an_outcome(platform, worker):
    elements = earned(worker, "u-1")
    found, counted = run_to_lists(elements, EmitRequests(platform.settings()))
    ((key, value),) = found.main
    assert key == b"batch-1"
    assert orjson.loads(value) == build_generate_event(elements[0], base_url=BASE_URL)
    assert [(one.verdict, one.reason) for one in found.outcomes] == [
        ("requested", "certificate Certificate tpl-1 is requested")
    ]
    assert counted == {"outcome:requested": 1}


def test_a_request_above_the_limit_does_not_affect_the_others(platform, worker):
    platform.load(small_platform("u-1", "u-2"))
    small, large = earned(worker, "u-1", "u-2")
    large = replace(large, related={**large.related, "padding": "x" * 100_000})
    size = len(b"batch-1") + len(orjson.dumps(build_generate_event(large, base_url=BASE_URL)))
    for bound, verdict in ((size, "requested"), (size - 1, "failed")):
        found, _ = run_to_lists([large, small], EmitRequests(platform.settings(max_message_bytes=bound)))
        verdicts = {one.claim.user_id: one.verdict for one in found.outcomes}
        assert verdicts == {"u-1": "requested", "u-2": verdict}
        assert max(len(key) + len(value) for key, value in found.main) <= bound
    (letter,) = found.dead_letters
    assert (letter.code, letter.stage) == ("event-too-large", "EmitRequests")
    assert letter.event == large.claim.narrow_event()
    assert f"has {size:,} bytes and --max_message_bytes is {size - 1:,}" in letter.error


def test_a_request_that_cannot_be_serialised_does_not_affect_the_others(platform, worker):
    platform.load(small_platform("u-1", "u-2"))
    good, bad = earned(worker, "u-1", "u-2")
    bad = replace(bad, related={"score": 10**30})
    found, _ = run_to_lists([bad, good], EmitRequests(platform.settings()))
    assert len(found.main) == 1
    assert sorted((one.claim.user_id, one.verdict) for one in found.outcomes) == [
        ("u-1", "requested"),
        ("u-2", "failed"),
    ]
