"""Behaviour of all stages: windows, batches, failures and counters."""

import threading
from types import SimpleNamespace
from typing import Any, ClassVar

import apache_beam as beam
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.window import FixedWindows, SlidingWindows, TimestampedValue

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.issuing.claim import Claim
from certbeam.issuing.dead_letter import DeadLetter
from certbeam.issuing.outcome import Outcome
from certbeam.issuing.reason_codes import ReasonCode
from certbeam.stages.failure import Failure, to_rejection
from certbeam.tests.support import SOURCE, present, run_to_lists
from certbeam.transforms import stage
from certbeam.transforms.latencies import Latencies
from certbeam.transforms.stage import StageFn, run_stage


def claim(number):
    return Claim("issue", {"edata": {"userIds": []}}, SOURCE, "m", "b", "c", f"u-{number}")


class EveryKind(StageFn):
    """Outputs each kind of result for each number, with the size of its batch."""

    stage = "EveryKind"

    def process_elements(self, elements):
        for position, number in enumerate(elements):
            yield position, (number, len(elements))
            yield position, Outcome(claim(number), "not-eligible", ReasonCode.SCORE_UNMET, "why")
            yield position, DeadLetter({}, "job", self.stage, ErrorCode.NO_USER, "why", SOURCE)
            yield position, Failure(claim(number), Rejected(ErrorCode.NOT_JSON, "why"))


class WithTimes(beam.DoFn):
    def process(self, element, timestamp=beam.DoFn.TimestampParam, window=beam.DoFn.WindowParam):
        yield element, int(timestamp), int(window.start)


def run_windowed(platform, windows):
    pipeline = Pipeline()
    numbers = (
        pipeline
        | beam.Create([TimestampedValue(number, number) for number in (1, 7, 12, 25)])
        | beam.WindowInto(windows)
    )
    outputs = run_stage("Every kind", numbers, EveryKind(platform.settings()))
    onward = outputs.main | beam.Map(lambda one: one[0]) | beam.ParDo(WithTimes())
    outcomes = outputs.outcomes | "users" >> beam.Map(lambda one: (one.claim.user_id, one.verdict))
    return pipeline, onward, outcomes | "times" >> beam.ParDo(WithTimes())


def test_each_result_has_the_timestamp_and_window_of_its_element(platform):
    pipeline, onward, outcomes = run_windowed(platform, FixedWindows(10))
    assert_that(onward, equal_to([(1, 1, 0), (7, 7, 0), (12, 12, 10), (25, 25, 20)]), "onward")
    expected = [
        ((f"u-{number}", verdict), number, number // 10 * 10)
        for number in (1, 7, 12, 25)
        for verdict in ("not-eligible", "failed")
    ]
    assert_that(outcomes, equal_to(expected), "outcomes")
    pipeline.run().wait_until_finish()


def test_an_element_of_two_windows_is_processed_in_each(platform):
    pipeline, onward, _ = run_windowed(platform, SlidingWindows(20, 10))
    expected = [
        (number, number, start)
        for number in (1, 7, 12, 25)
        for start in (number // 10 * 10, number // 10 * 10 - 10)
    ]
    assert_that(onward, equal_to(expected))
    pipeline.run().wait_until_finish()


def test_outcomes_and_dead_letters_are_counted(platform):
    _, counted = run_to_lists([1, 2], None, EveryKind(platform.settings()))
    assert counted == {
        "outcome:not-eligible": 2,
        "not-eligible:score-unmet": 2,
        "outcome:failed": 2,
        "dead-letter:no-user": 2,
        "dead-letter:not-json": 2,
    }


def test_stages_of_one_runner_have_separate_counters(platform):
    pipeline = Pipeline()
    for label in ("one", "other"):
        fn = type(label.title(), (EveryKind,), {"stage": label.title()})(platform.settings())
        run_stage(label, pipeline | f"for {label}" >> beam.Create([1, 2], reshuffle=False), fn)
    counted = pipeline.run().metrics().query(beam.metrics.MetricsFilter().with_name("outcome:failed"))
    assert {(one.key.metric.namespace, one.committed) for one in counted["counters"]} == {
        ("certbeam_One", 2),
        ("certbeam_Other", 2),
    }


def test_a_failure_makes_an_outcome_and_a_dead_letter(platform):
    found, _ = run_to_lists([1], None, EveryKind(platform.settings()))
    assert [(one.verdict, one.reason) for one in found.outcomes if one.verdict == "failed"] == [
        ("failed", "why")
    ]
    assert [one.code for one in found.dead_letters if one.stage == "EveryKind"] == ["no-user", "not-json"]


@pytest.mark.parametrize(("size", "together"), [(1, [1] * 5), (2, [1, 2, 2, 2, 2]), (100, [5] * 5)])
def test_elements_are_processed_in_batches_up_to_the_batch_size(platform, size, together):
    fn = EveryKind(platform.settings(batch_size=size))
    fn.start_bundle()
    results = [result for number in range(5) for result in fn.process(number, 0, None)]
    results += fn.finish_bundle()
    onward = [one.value for one in results if not isinstance(one, beam.pvalue.TaggedOutput)]
    assert sorted(number for number, _ in onward) == [0, 1, 2, 3, 4]
    assert sorted(count for _, count in onward) == together
    assert list(fn.finish_bundle()) == []


class Waits(StageFn):
    """Does not finish its first batch before the next element arrives."""

    stage = "Waits"
    io_bound = True
    begun: ClassVar[list[int]] = []
    next_came = threading.Event()

    def process_elements(self, elements):
        self.begun.append(elements[0])
        self.count("worked")
        assert self.next_came.wait(20)
        yield 0, elements[0]


def test_an_io_bound_batch_is_processed_in_order_while_the_next_is_collected(platform):
    fn = Waits(platform.settings(batch_size=1, registry="certreg+https://registry.example.org"))
    fn.start_bundle()
    assert list(fn.process(1, 0, None)) == []
    fn.next_came.set()
    # One batch may be under way while the next is collected; a second one waits for its end.
    results = [[one.value for one in fn.process(number, 0, None)] for number in (2, 3, 4)]
    assert results == [[1], [2], [3]]
    assert [one.value for one in fn.finish_bundle()] == [4]
    assert fn.begun == [1, 2, 3, 4]
    assert not fn._counted
    present(fn._thread).shutdown()


def test_elements_of_a_failed_bundle_are_discarded(platform):
    fn = EveryKind(platform.settings())
    list(fn.process(1, 0, None))
    fn.start_bundle()
    assert list(fn.finish_bundle()) == []


def test_an_embedded_worker_processes_batches_in_the_thread_of_the_bundle(platform):
    class Embedded(EveryKind):
        io_bound = True

    fn = Embedded(platform.settings(batch_size=1))
    fn.start_bundle()
    assert len(list(fn.process(1, 0, None))) == 5
    assert list(fn.finish_bundle()) == []
    assert fn._thread is None


class Noted:
    """A fake of Beam's metrics that records increments."""

    def __init__(self):
        self.told = []

    def counter(self, namespace, name):
        return SimpleNamespace(inc=lambda amount: self.told.append((namespace, name, amount)))


def test_counts_of_a_failed_bundle_are_discarded(platform, monkeypatch):
    fn = EveryKind(platform.settings(batch_size=1))
    noted = Noted()
    monkeypatch.setattr(stage, "Metrics", noted)
    fn.start_bundle()
    list(fn.process(1, 0, None))
    fn.count("counted", 5)
    fn.start_bundle()
    assert list(fn.finish_bundle()) == []
    assert noted.told == []
    fn.start_bundle()
    list(fn.process(2, 0, None))
    list(fn.finish_bundle())
    assert ("certbeam_EveryKind", "outcome:failed", 1) in noted.told
    assert ("certbeam_latency", "EveryKind:Inf", 1) in noted.told


def test_a_rejection_is_not_changed():
    error = Unavailable(ErrorCode.DATABASE_UNAVAILABLE, "why")
    assert to_rejection("Stage", error) is error


def test_an_unexpected_error_is_logged_with_type_and_location_without_personal_data(caplog):
    def read_name():
        raise ValueError("Asha Rao")

    with pytest.raises(ValueError, match="Asha") as raised:
        read_name()
    error = to_rejection("IssueEnrich", raised.value)
    assert error.code == "unexpected"
    assert error.reason.startswith("unexpected ValueError in IssueEnrich at read_name:")
    assert "Asha" not in error.reason
    assert "Asha" not in caplog.text
    assert "ValueError in IssueEnrich" in caplog.text


def test_a_latency_is_counted_in_the_smallest_bucket_and_all_larger_ones():
    latencies = Latencies()
    for millis, elements in ((30, 1), (500, 2), (501, 4)):
        latencies.add(millis, elements)
    assert dict(latencies.counts()) == {"50": 1, "100": 1, "500": 3, "Inf": 7}


class Stumbles(StageFn):
    """Outputs numbers, and raises an error for 2."""

    stage = "Stumbles"

    def process_elements(self, elements):
        for position, number in enumerate(elements):
            yield position, 1 / (number - 2) and number

    def to_failure(self, element, error):
        return Failure(claim(element), error)


def test_an_error_of_one_element_does_not_affect_the_others(platform):
    kept, counted = run_to_lists([1, 2, 3], None, Stumbles(platform.settings()))
    assert kept.main == [1, 3]
    assert [(one.claim.user_id, one.code) for one in kept.outcomes] == [("u-2", "unexpected")]
    assert counted["dead-letter:unexpected"] == 1


class Blocked(StageFn):
    """Processes a batch only after ``go`` is set."""

    stage = "Blocked"
    io_bound = True
    go = threading.Event()

    def process_elements(self, elements):
        assert self.go.wait(20)
        yield 0, elements[0]


REMOTE = {"batch_size": 1, "registry": "certreg+https://registry.example.org"}


def test_a_new_bundle_waits_for_the_batches_of_a_failed_one_and_emits_nothing_of_them(platform):
    Blocked.go.clear()
    fn = Blocked(platform.settings(**REMOTE))
    fn.start_bundle()
    assert list(fn.process(1, 0, None)) == []
    next_bundle = threading.Thread(target=fn.start_bundle)
    next_bundle.start()
    next_bundle.join(0.1)
    assert next_bundle.is_alive()
    Blocked.go.set()
    next_bundle.join()
    assert list(fn.finish_bundle()) == []
    present(fn._thread).shutdown()


def test_teardown_ends_the_thread_of_the_stage(platform):
    Blocked.go.set()
    fn = Blocked(platform.settings(**REMOTE))
    fn.setup()
    fn.start_bundle()
    results = [*fn.process(1, 0, None), *fn.finish_bundle()]
    assert [one.value for one in results] == [1]
    assert any(thread.name.startswith("Blocked") for thread in threading.enumerate())
    fn.teardown()
    assert not any(thread.name.startswith("Blocked") for thread in threading.enumerate())


def test_a_stage_that_does_not_wait_for_other_machines_has_no_thread(platform):
    fn = EveryKind(platform.settings(**REMOTE))
    fn.start_bundle()
    assert len(list(fn.process(1, 0, None))) == 5
    assert fn._thread is None


def test_counts_between_a_failed_bundle_and_its_replay_are_discarded(platform, monkeypatch):
    fn = EveryKind(platform.settings(batch_size=1))
    noted = Noted()
    monkeypatch.setattr(stage, "Metrics", noted)
    fn.count("counted", 5)
    fn.start_bundle()
    list(fn.process(1, 0, None))
    list(fn.finish_bundle())
    assert "counted" not in {name for _, name, _ in noted.told}


class NoClaims(EveryKind):
    stage = "NoClaims"

    def process_elements(self, _elements):
        raise ValueError("Asha Rao")


def test_an_element_without_a_claim_needs_a_failure_of_its_own(platform):
    fn = NoClaims(platform.settings(batch_size=1))
    fn.start_bundle()
    with pytest.raises(TypeError, match="int belongs to no claim: NoClaims must say how it fails"):
        list(fn.process(1, 0, None))


def test_an_error_that_has_no_failure_to_report_emits_nothing(platform):
    class Silent(NoClaims):
        def to_failure(self, _element, _error):
            return None

    fn = Silent(platform.settings(batch_size=2))
    fn.start_bundle()
    assert [*fn.process(1, 0, None), *fn.process(2, 0, None), *fn.finish_bundle()] == []


@pytest.mark.parametrize(
    ("seconds", "micros", "bounds"),
    [
        (0.2, 100_000, {"100": 2, "500": 2, "Inf": 2}),
        (0.2002, 100_100, {"500": 2, "Inf": 2}),
        (0.0998, 49_900, {"50": 2, "100": 2, "500": 2, "Inf": 2}),
    ],
)
def test_the_processing_time_of_an_element_is_measured(platform, monkeypatch, seconds, micros, bounds):
    times = iter([0.0, seconds])
    measured = []
    noted: Any = Noted()
    noted.distribution = lambda *name: SimpleNamespace(update=lambda value: measured.append((*name, value)))
    monkeypatch.setattr(stage, "Metrics", noted)
    monkeypatch.setattr(stage, "time", SimpleNamespace(perf_counter=lambda: next(times)))
    fn = EveryKind(platform.settings(batch_size=2))
    fn.start_bundle()
    for number in (1, 2):
        list(fn.process(number, 0, None))
    list(fn.finish_bundle())
    ((namespace, name, value),) = measured
    assert (namespace, name) == ("certbeam", "EveryKind_micros")
    assert value == pytest.approx(micros, abs=2)
    latencies = {name: amount for namespace, name, amount in noted.told if namespace == "certbeam_latency"}
    assert latencies == {f"EveryKind:{bound}": amount for bound, amount in bounds.items()}
