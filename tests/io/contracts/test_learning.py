"""The contract of LearningRecords, which every embedded adapter keeps."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from certbeam.io.learning.sqlite_learning import SqliteLearning
from certbeam.io.protocols import IssuedChange
from certbeam.issuing.learning_records import BatchKey, EnrolmentKey
from certbeam.tests.support import (
    BATCH,
    COURSE,
    Platform,
    batch_row,
    enrolment_row,
    opener,
    scores_row,
    template_row,
    utc,
)

ADAPTERS = {"sqlite": lambda folder, tables: SqliteLearning(Platform(folder).load(tables).database)}
ALONE = EnrolmentKey("u-1", COURSE, BATCH)


@pytest.fixture(params=ADAPTERS.values(), ids=list(ADAPTERS))
def open_records(request, tmp_path):
    """Opens the adapter over some tables; each call is another client of the same data."""
    yield from opener(lambda tables: request.param(tmp_path, tables))


def learners(*users, **columns):
    return {"user_enrolments": [enrolment_row(user, **columns) for user in users]}


class TestLearningRecords:
    def test_templates_of_the_batches_that_exist_are_found(self, open_records):
        records = open_records({"course_batch": [batch_row(template_row("a"), template_row("b"))]})
        there, missing = BatchKey(COURSE, BATCH), BatchKey(COURSE, "other")
        found = records.batch_templates({there, missing, BatchKey("other", BATCH)})
        assert set(found) == {there}
        assert set(found[there]) == {"a", "b"}
        assert found[there]["a"]["name"] == "Certificate a"

    def test_a_batch_without_templates_has_none(self, open_records):
        records = open_records({"course_batch": [{"courseid": COURSE, "batchid": BATCH}]})
        assert records.batch_templates({BatchKey(COURSE, BATCH)}) == {BatchKey(COURSE, BATCH): {}}

    def test_enrolments_have_every_column_by_its_type(self, open_records):
        records = open_records(learners("u-1", progress=7, issued_certificates=[{"name": "x"}]))
        found = records.enrolments({ALONE, EnrolmentKey("u-2", COURSE, BATCH)})
        assert set(found) == {ALONE}
        columns = found[ALONE].columns
        assert (columns["active"], columns["status"], columns["progress"]) == (True, 2, 7)
        assert columns["completedon"] == utc(2026, 3, 31, 20, 15, 30)
        assert columns["addedby"] is None
        assert found[ALONE].issued == ({"name": "x"},)

    def test_an_enrolment_is_found_only_by_its_complete_key(self, open_records):
        records = open_records(learners("u-1"))
        assert (
            records.enrolments({EnrolmentKey("u-1", "other", BATCH), EnrolmentKey("u-1", COURSE, "other")})
            == {}
        )

    def test_the_newer_column_of_scores_has_priority_and_numbers_are_exact(self, open_records):
        row = scores_row(
            agg={"score:do_1": 5, "max_score:do_1": 10},
            aggregates={"score:do_1": 5.7},
            agg_last_updated={"score:do_1": "2026-03-30T10:00:00Z"},
        )
        found = open_records({"user_activity_agg": [row]}).scores({ALONE, EnrolmentKey("u-2", COURSE, BATCH)})
        assert set(found) == {ALONE}
        assert found[ALONE].points == {"score:do_1": Decimal("5.7"), "max_score:do_1": Decimal(10)}
        assert found[ALONE].updated == {"score:do_1": utc(2026, 3, 30, 10)}

    def test_scores_of_other_activities_and_batches_are_not_found(self, open_records):
        rows = [scores_row(activity_type="Quiz"), scores_row(batch="other"), scores_row(activity_id="other")]
        assert open_records({"user_activity_agg": rows}).scores({ALONE}) == {}

    def test_no_keys_have_no_results(self, open_records):
        records = open_records({})
        assert (records.batch_templates(set()), records.enrolments(set()), records.scores(set())) == (
            {},
            {},
            {},
        )
        assert records.replace_issued([]) == []

    def test_a_list_is_replaced_if_it_is_as_expected(self, open_records):
        records = open_records(learners("u-1"))
        assert records.replace_issued([IssuedChange(ALONE, (), ({"name": "a"},))]) == [True]
        assert records.replace_issued([IssuedChange(ALONE, ({"name": "a"},), ({"name": "b"},))]) == [True]
        assert records.enrolments({ALONE})[ALONE].issued == ({"name": "b"},)

    def test_a_list_that_others_changed_is_not_replaced(self, open_records):
        records = open_records(learners("u-1", issued_certificates=[{"name": "theirs"}]))
        assert records.replace_issued([IssuedChange(ALONE, (), ({"name": "ours"},))]) == [False]
        assert records.enrolments({ALONE})[ALONE].issued == ({"name": "theirs"},)

    def test_replacing_a_list_does_not_change_other_columns(self, open_records):
        records = open_records(learners("u-1", progress=7))
        before = records.enrolments({ALONE})[ALONE].columns
        records.replace_issued([IssuedChange(ALONE, (), ({"name": "a"},))])
        after = records.enrolments({ALONE})[ALONE].columns
        assert {**after, "issued_certificates": None} == before

    def test_a_missing_enrolment_is_not_created(self, open_records):
        records = open_records({})
        assert records.replace_issued([IssuedChange(ALONE, (), ({"name": "a"},))]) == [False]
        assert records.enrolments({ALONE}) == {}

    def test_results_have_the_order_of_the_changes(self, open_records):
        records = open_records(learners("u-1", "u-3"))
        changes = [
            IssuedChange(EnrolmentKey(f"u-{n}", COURSE, BATCH), (), ({"name": "a"},)) for n in (1, 2, 3)
        ]
        assert records.replace_issued(changes) == [True, False, True]
        assert records.replace_issued([changes[0], changes[0]]) == [False, False]

    @pytest.mark.parametrize("clients", [1, 20], ids=["one-client", "a-client-each"])
    def test_no_entry_of_twenty_concurrent_writers_is_lost(self, open_records, clients):
        records = [open_records(learners("u-1")) for _ in range(clients)]

        def add(number):
            mine = records[number % clients]
            while True:
                before = mine.enrolments({ALONE})[ALONE].issued
                if mine.replace_issued([IssuedChange(ALONE, before, (*before, {"identifier": str(number)}))])[
                    0
                ]:
                    return

        with ThreadPoolExecutor(20) as pool:
            list(pool.map(add, range(20)))

        issued = records[0].enrolments({ALONE})[ALONE].issued
        assert sorted(int(entry["identifier"]) for entry in issued) == list(range(20))
