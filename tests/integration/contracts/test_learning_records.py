"""Contract of LearningRecords for every adapter, embedded or with a server."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from certbeam.io.port_table import LEARNING
from certbeam.io.protocols import IssuedChange, LearningRecords
from certbeam.issuing.learning_records import BatchKey, EnrolmentKey

Load = Callable[..., dict[str, int]]
WRITERS = 20


def row(key: EnrolmentKey, **columns: Any) -> dict[str, Any]:
    return {"userid": key.user_id, "courseid": key.course_id, "batchid": key.batch_id, **columns}


def entry(number: int) -> dict[str, str]:
    return {"name": f"Certificate {number}", "identifier": f"id-{number}", "token": "A1B2C3"}


@pytest.fixture
def records(load: Load, lms_address: str) -> Iterator[LearningRecords]:
    load()
    opened = LEARNING.open(lms_address)
    yield opened
    opened.close()


class TestBatches:
    def test_templates_are_read_as_they_were_loaded(
        self, records: LearningRecords, load: Load, key: EnrolmentKey
    ):
        template = {"identifier": "t1", "name": "Completion", "criteria": '{"enrollment":{"status":2}}'}
        load(
            course_batch=[
                {"courseid": key.course_id, "batchid": key.batch_id, "cert_templates": {"t1": template}}
            ]
        )
        batch = BatchKey(key.course_id, key.batch_id)
        assert records.batch_templates({batch}) == {batch: {"t1": template}}

    def test_a_batch_without_templates_is_found(
        self, records: LearningRecords, load: Load, key: EnrolmentKey
    ):
        load(course_batch=[{"courseid": key.course_id, "batchid": key.batch_id, "name": "Autumn"}])
        batch = BatchKey(key.course_id, key.batch_id)
        assert records.batch_templates({batch, BatchKey("none", "none")}) == {batch: {}}


class TestEnrolments:
    def test_columns_have_the_types_of_production(
        self, records: LearningRecords, load: Load, key: EnrolmentKey
    ):
        load(
            user_enrolments=[
                row(
                    key,
                    active=True,
                    status=2,
                    completedon="2026-03-31T10:15:00Z",
                    contentstatus={"do_1": 2},
                    issued_certificates=[entry(1)],
                )
            ]
        )
        enrolment = records.enrolments({key})[key]
        assert enrolment.is_active
        assert enrolment.completed_on == datetime(2026, 3, 31, 10, 15, tzinfo=timezone.utc)
        assert enrolment.issued == (entry(1),)
        assert enrolment.columns["contentstatus"] == {"do_1": 2}
        assert enrolment.columns["status"] == 2
        assert enrolment.columns["addedby"] is None

    def test_missing_batches_and_enrolments_are_left_out(self, records: LearningRecords, key: EnrolmentKey):
        assert records.enrolments({key}) == {}
        assert records.enrolments(set()) == {}


class TestScores:
    def test_the_column_aggregates_has_priority_over_agg(
        self, records: LearningRecords, load: Load, key: EnrolmentKey
    ):
        load(
            user_activity_agg=[
                {
                    "activity_type": "Course",
                    "activity_id": key.course_id,
                    "user_id": key.user_id,
                    "context_id": f"cb:{key.batch_id}",
                    "agg": {"score:do_1": 3, "max_score:do_1": 10},
                    "aggregates": {"score:do_1": 4.5},
                    "agg_last_updated": {"score:do_1": "2026-03-30T08:00:00Z"},
                }
            ]
        )
        scores = records.scores({key})[key]
        assert scores.compute_percentages(("do_1",)) == {"do_1": Decimal(45)}
        assert scores.find_newest_time(("do_1",)) == datetime(2026, 3, 30, 8, tzinfo=timezone.utc)

    def test_a_learner_without_scores_is_left_out(self, records: LearningRecords, key: EnrolmentKey):
        assert records.scores({key}) == {}


class TestReplaceIssued:
    def test_a_first_certificate_is_recorded(self, records: LearningRecords, load: Load, key: EnrolmentKey):
        load(user_enrolments=[row(key, active=True)])
        assert records.replace_issued([IssuedChange(key, (), (entry(1),))]) == [True]
        assert records.enrolments({key})[key].issued == (entry(1),)

    def test_a_list_that_another_writer_changed_is_not_replaced(
        self, records: LearningRecords, load: Load, key: EnrolmentKey
    ):
        load(user_enrolments=[row(key, issued_certificates=[entry(1)])])
        assert records.replace_issued([IssuedChange(key, (), (entry(2),))]) == [False]
        assert records.replace_issued([IssuedChange(key, (entry(3),), (entry(2),))]) == [False]
        assert records.enrolments({key})[key].issued == (entry(1),)

    def test_each_change_succeeds_or_fails_separately(
        self, records: LearningRecords, load: Load, key: EnrolmentKey
    ):
        other = key._replace(batch_id="other")
        load(user_enrolments=[row(key), row(other, issued_certificates=[entry(1)])])
        changes = [
            IssuedChange(other, (), (entry(2),)),
            IssuedChange(key, (), (entry(2),)),
            IssuedChange(key._replace(batch_id="none"), (), (entry(2),)),
        ]
        assert records.replace_issued(changes) == [False, True, False]

    @pytest.mark.parametrize("before", [(), (entry(1),)])
    def test_a_missing_enrolment_is_not_created(
        self, records: LearningRecords, key: EnrolmentKey, before: tuple[dict[str, str], ...]
    ):
        assert records.replace_issued([IssuedChange(key, before, (entry(2),))]) == [False]
        assert records.enrolments({key}) == {}

    def test_no_entry_of_twenty_concurrent_writers_is_lost(
        self, records: LearningRecords, load: Load, key: EnrolmentKey
    ):
        load(user_enrolments=[row(key, active=True)])
        errors: list[Exception] = []

        def write(number: int) -> None:
            try:
                made = False
                while not made:
                    before = records.enrolments({key})[key].issued
                    (made,) = records.replace_issued([IssuedChange(key, before, (*before, entry(number)))])
            except Exception as error:  # a thread's error would be lost
                errors.append(error)

        writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert not errors
        issued = records.enrolments({key})[key].issued
        assert sorted(one["identifier"] for one in issued) == sorted(f"id-{n}" for n in range(WRITERS))
